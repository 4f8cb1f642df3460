"""Codes by SMS: sent while somebody waits, so neither queued nor sent again by us."""

import time

from django.utils import timezone

from . import parties, sms, sms_counts
from .channels import SmsChannel

PARTY = SmsChannel.name


class NotSentError(Exception):
    """The code has certainly not left; the text says which kind of error it was."""


class TooManyError(Exception):
    """The number's day, or everybody's month, is full."""


def send(phone: str, code: str) -> bool:
    """Send a code; True where the gateway took it, False where nobody knows.

    A gateway that was slow is not asked while it rests: whoever waits is told at once. Raises
    NotSentError and TooManyError.
    """
    gateway, now = sms.gateway(), timezone.now()
    if gateway is None:
        raise NotSentError("no gateway")
    if parties.holds_people_up(PARTY, now):
        raise NotSentError("the gateway rests")
    if sms_counts.take(phone, now, is_code=True):
        raise TooManyError
    message = sms.Message(phone, sms.CODE, sms.CODE.fitting({"code": code}))
    started = time.monotonic()
    try:
        sms.send(gateway, message)
    except sms.OutcomeUnknownError as error:
        parties.rest(PARTY, error.kind, time.monotonic() - started)
        return False
    except sms.GatewayError as error:
        sms_counts.give_back(phone, now)
        parties.rest(PARTY, error.kind, time.monotonic() - started)
        raise NotSentError(error.kind) from None
    except sms.NumberRefusedError as error:
        sms_counts.give_back(phone, now)
        raise NotSentError(f"refused: {error.kind}") from None
    parties.wake(PARTY)
    return True
