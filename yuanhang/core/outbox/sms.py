"""SMS gateways. One method; which one is used is a setting; none is used by default."""

import sys
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string


class GatewayError(Exception):
    """The gateway did not take the message; worth another try."""


class Gateway:
    """What a gateway must do."""

    def send(self, phone, text):
        """Send `text` to an eleven-digit mainland number; raises GatewayError to be retried."""
        raise NotImplementedError(f"{type(self).__name__} must send")


class ConsoleGateway(Gateway):
    """Writes messages to the terminal, for development; a check refuses it in production."""

    def send(self, phone, text):
        """Print the message."""
        sys.stdout.write(f"\n[SMS to {phone}]\n{text}\n")
        sys.stdout.flush()


class MemoryGateway(Gateway):
    """Keeps messages in a list, so that tests see what left."""

    outbox = []

    def send(self, phone, text):
        """Keep the message."""
        self.outbox.append((phone, text))


@cache
def _gateway(path):
    return import_string(path)()


def gateway():
    """The gateway set in SMS_GATEWAY, or None when SMS is off."""
    return _gateway(settings.SMS_GATEWAY) if settings.SMS_GATEWAY else None
