"""How messages leave: one class a channel, found by the name that a delivery bears."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from yuanhang.core.text import clean

from . import sms


class RetryLaterError(Exception):
    """The other side did not take the message; worth another try. The text is kept with it."""


class RefusedError(Exception):
    """The other side will never take this message. The text is kept with it."""


@dataclass(frozen=True)
class Admission:
    """Whether a delivery may leave now: at once, not before a moment, or never and why."""

    not_before: datetime | None = None
    refusal: str = ""


class Channel:
    """One way out. `too_old` is the age after which a message would only bury newer ones.

    `kept` is how long a message that left, or was given up, stays to be looked up; None: as long
    as its notice.
    """

    name = ""
    too_old: timedelta | None = None
    kept: timedelta | None = None

    def admission(self, delivery: Any, now: datetime) -> Admission:
        """Asked in the transaction that claims a delivery, before anything is sent."""
        return Admission()

    def send(self, delivery: Any) -> None:
        """Send it. Raises RetryLaterError or RefusedError, whose text names no person."""
        raise NotImplementedError(f"{type(self).__name__} must send")


class SmsChannel(Channel):
    """A notice as SMS, through the gateway of the settings."""

    name = "sms"

    def admission(self, delivery: Any, now: datetime) -> Admission:
        """Not to whoever was deactivated since it was stored."""
        person = delivery.notice.recipient
        return Admission(refusal="deactivated" if person and not person.is_active else "")

    def send(self, delivery: Any) -> None:
        gateway = sms.gateway()
        if gateway is None:
            raise RetryLaterError("GatewayError")
        notice = delivery.notice
        text = "\n".join(part for part in (notice.title, notice.body) if part)
        if notice.url:
            text = f"{text}\n{settings.SITE_URL}{notice.url}"
        try:
            gateway.send(delivery.address or notice.recipient.phone, clean(text))
        except (sms.GatewayError, OSError) as error:
            # The kind of error, not its text: gateways like to repeat the phone number in it.
            raise RetryLaterError(type(error).__name__) from error


class UnknownChannel(Channel):
    """Stands in where a delivery names a channel that this deployment has not."""

    def send(self, delivery: Any) -> None:
        raise RetryLaterError("UnknownChannel")


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Make a channel known by its name; rooms above the floor call it when their app is ready."""
    _channels[channel.name] = channel


def channel_of(name: str) -> Channel:
    """The channel of this name, or one that always asks to try again later."""
    return _channels.get(name) or UnknownChannel()


def all_channels() -> list[Channel]:
    return list(_channels.values())


register(SmsChannel())
