"""Which device tries a code: a digest of its random name, or of its network where it has none."""

from allauth.account.adapter import get_adapter
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from stations.estates.link_models import PropertyLink
from yuanhang.core.accounts import device_of

COOKIE = "yuanhang_property"
HOURS_OPEN = 12


def device_key(request: HttpRequest) -> str:
    """A digest that leads back to no phone and no network."""
    name = device_of(request) or f"network {get_adapter(request).get_client_ip(request)}"
    return salted_hmac("stations.estates.device", name).hexdigest()


def let_in(response: HttpResponse, link: PropertyLink, *, path: str, is_secure: bool) -> None:
    """This browser said the right code: it stays in for the day, while the code is not renewed."""
    response.set_signed_cookie(
        COOKIE,
        f"{link.pk}:{link.version}",
        max_age=HOURS_OPEN * 3600,
        path=path,
        httponly=True,
        secure=is_secure,
        samesite="Lax",
    )


def is_in(request: HttpRequest, link: PropertyLink) -> bool:
    """Whether this browser said the code that holds now."""
    try:
        found = request.get_signed_cookie(COOKIE, default="", max_age=HOURS_OPEN * 3600)
    except BadSignature:
        return False
    return found == f"{link.pk}:{link.version}"
