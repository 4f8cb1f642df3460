"""Checks of the settings that only make sense together."""

import ssl

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from yuanhang.core.outbox import chat, http_gateway, sms


@register()
def sms_gateway(app_configs, **kwargs):
    """SMS_GATEWAY must name a gateway, and in production a real one."""
    path = settings.SMS_GATEWAY
    if not path:
        return []
    try:
        gateway = import_string(path)
    except ImportError:
        return [Error(f"SMS_GATEWAY names nothing importable: {path}", id="yuanhang.E001")]
    if not settings.DEBUG and path == "yuanhang.core.outbox.sms.ConsoleGateway":
        return [Error("The console SMS gateway prints phone numbers.", id="yuanhang.E002")]
    missing = sorted(template.name for template in sms.all_templates())
    missing = [name for name in missing if name not in settings.SMS_TEMPLATES]
    if missing and getattr(gateway, "needs_template_ids", False):
        text = f"SMS_TEMPLATES must say what the provider calls {', '.join(missing)}."
        return [Error(text, id="yuanhang.E006")]
    if gateway is http_gateway.HttpGateway:
        try:
            http_gateway.relay()
        except ImproperlyConfigured as error:
            return [Error(str(error), id="yuanhang.E007")]
    return []


@register()
def site_url(app_configs, **kwargs):
    """Links in SMS and posters start with SITE_URL."""
    if not settings.SITE_URL.startswith(("http://", "https://")):
        return [Error("SITE_URL must start with http:// or https://", id="yuanhang.E003")]
    return []


@register()
def chat_robots(app_configs, **kwargs):
    """ROBOT_HOST must be understood, and ROBOT_CA_FILE hold certificates."""
    errors = []
    try:
        chat.allowed_host()
    except ImproperlyConfigured as error:
        errors.append(Error(str(error), id="yuanhang.E004"))
    if settings.ROBOT_CA_FILE:
        try:
            ssl.create_default_context(cafile=settings.ROBOT_CA_FILE)
        except (OSError, ValueError):
            errors.append(Error("ROBOT_CA_FILE is no bundle of certificates.", id="yuanhang.E005"))
    return errors
