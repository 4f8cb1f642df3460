"""Checks of the settings that only make sense together."""

from django.conf import settings
from django.core.checks import Error, register
from django.utils.module_loading import import_string


@register()
def sms_gateway(app_configs, **kwargs):
    """SMS_GATEWAY must name a gateway, and in production a real one."""
    path = settings.SMS_GATEWAY
    if not path:
        return []
    try:
        import_string(path)
    except ImportError:
        return [Error(f"SMS_GATEWAY names nothing importable: {path}", id="yuanhang.E001")]
    if not settings.DEBUG and path == "yuanhang.core.sms.ConsoleGateway":
        return [Error("The console SMS gateway prints phone numbers.", id="yuanhang.E002")]
    return []


@register()
def site_url(app_configs, **kwargs):
    """Links in SMS and posters start with SITE_URL."""
    if not settings.SITE_URL.startswith(("http://", "https://")):
        return [Error("SITE_URL must start with http:// or https://", id="yuanhang.E003")]
    return []
