"""Which accounts logged in from a browser before, kept in the browser itself, signed.

Used for nothing but throttling: somebody who tries passwords from elsewhere must not lock the
owner of an account out of their own phone. The cookie holds digests, no number and no name.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from yuanhang.core.models import User

COOKIE = "yuanhang_known"
ACCOUNTS_MAX = 5  # the tablet of a station keeps the latest ones


def knows(request: HttpRequest, phone: str) -> bool:
    """Whether somebody logged in with this phone from the browser of the request before."""
    wanted = _digest(phone)
    return any(constant_time_compare(one, wanted) for one in _digests(request))


def note(request: HttpRequest, user: User) -> None:
    """Remember, once the request is answered, that this person logged in from here."""
    if user.phone:
        request.known_device_of = user.phone


class KnownDevicesMiddleware:
    """Gives the browser the cookie after a log-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        phone = getattr(request, "known_device_of", "")
        if phone:
            others = [one for one in _digests(request) if one != _digest(phone)]
            response.set_signed_cookie(
                COOKIE,
                ".".join([_digest(phone), *others][:ACCOUNTS_MAX]),
                max_age=settings.SESSION_COOKIE_AGE,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response


def _digests(request):
    try:
        kept = request.get_signed_cookie(COOKIE, default="")
    except BadSignature:
        return []
    return [one for one in kept.split(".") if one]


def _digest(phone):
    return salted_hmac(COOKIE, phone).hexdigest()[:32]
