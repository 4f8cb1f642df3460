"""Who taps, as far as two people have to be told apart: digests that lead back to nobody."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from stations.faults.faults import Teller
from yuanhang.core.accounts import device_of


def teller_of(request: HttpRequest) -> Teller:
    """The device by its random name, where it keeps one; else its network stands for it."""
    address = _digest("address", get_adapter(request).get_client_ip(request))
    name = device_of(request)
    user = request.user if request.user.is_authenticated else None
    return Teller(_digest("device", name) if name else address, address, user)


def device_key(request: HttpRequest) -> str:
    """What the taps of this device are found by; empty for one that keeps no name."""
    name = device_of(request)
    return _digest("device", name) if name else ""


def _digest(what: str, value: str) -> str:
    return salted_hmac(f"stations.faults.{what}", value).hexdigest()
