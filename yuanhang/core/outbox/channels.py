"""How messages leave: one class a channel, found by the name that a delivery bears."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yuanhang.core.jobs import OUTSIDE

from . import sms, sms_counts


class RetryLaterError(Exception):
    """The other side did not take the message; worth another try. The text is kept with it.

    With `party_rests` it was the other side as a whole and not this message: it is left alone.
    """

    def __init__(self, text: str, *, party_rests: bool = False):
        super().__init__(text)
        self.party_rests = party_rests


class UnknownOutcomeError(Exception):
    """Nobody knows whether the other side took the message. The text is kept with it."""


class RefusedError(Exception):
    """The other side will never take this message. The text is kept with it."""


@dataclass(frozen=True)
class Admission:
    """Whether a delivery may leave now: at once, not before a moment, or never and why."""

    not_before: datetime | None = None
    refusal: str = ""
    reason: str = ""  # why it has to wait


class Channel:
    """One way out. `too_old` is the age after which a message would only bury newer ones.

    `kept` is how long a message that left, or was given up, stays to be looked up; None: as long
    as its notice. With `at_least_once` a message whose fate nobody knows is sent again, so it may
    arrive twice; without, it waits for a receipt or a person. `queue` is where it is worked at: a
    channel whose other side may be slow for long has one of its own.
    """

    name = ""
    words: Any = ""  # what people call it
    too_old: timedelta | None = None
    kept: timedelta | None = None
    at_least_once = False
    queue = OUTSIDE

    def party(self, delivery: Any) -> str:
        """Whose server it goes to; that one rests as a whole. At most 80 characters."""
        return self.name

    def admission(self, delivery: Any) -> Admission:
        """Asked in the transaction that claims a delivery, before anything is sent."""
        return Admission()

    def send(self, delivery: Any) -> str:
        """Send it; returns the other side's name for it, if it has one.

        Raises RetryLaterError, UnknownOutcomeError or RefusedError, whose text names no person.
        """
        raise NotImplementedError(f"{type(self).__name__} must send")

    def not_sent(self, delivery: Any) -> None:
        """A claimed delivery did certainly not leave: what was counted for it is taken back."""


class SmsChannel(Channel):
    """A notice as SMS, through the gateway of the settings: at most once."""

    name = "sms"
    words = _("短信")
    # An outage of a night and a day loses nothing, nor does a number whose day is full.
    too_old = timedelta(hours=48)

    def admission(self, delivery: Any) -> Admission:
        """Not to whoever was deactivated since it was stored; within the limits."""
        person = delivery.notice.recipient
        if person and not person.is_active:
            return Admission(refusal="deactivated")
        full_until = sms_counts.take(_phone(delivery), timezone.now())
        return Admission(not_before=full_until, reason="too many" if full_until else "")

    def send(self, delivery: Any) -> str:
        gateway = sms.gateway()
        if gateway is None:
            raise RetryLaterError("GatewayError")
        template = sms.template(delivery.template)
        message = sms.Message(
            phone=_phone(delivery),
            template=template,
            variables=template.fitting(delivery.variables),
            reference=delivery.reference,
        )
        try:
            return sms.send(gateway, message)
        except sms.NumberRefusedError as error:
            raise RefusedError(f"refused: {error.kind}") from error
        except sms.GatewayError as error:
            raise RetryLaterError(error.kind, party_rests=True) from error
        except sms.OutcomeUnknownError as error:
            raise UnknownOutcomeError(error.kind) from error

    def not_sent(self, delivery: Any) -> None:
        sms_counts.give_back(_phone(delivery), delivery.tried_at)


def _phone(delivery: Any) -> str:
    return delivery.address or delivery.notice.recipient.phone


class UnknownChannel(Channel):
    """Stands in where a delivery names a channel that this deployment has not."""

    def send(self, delivery: Any) -> str:
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
