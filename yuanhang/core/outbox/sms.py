"""SMS: templates with short values, and gateways, one of which may be set; none is by default.

No provider here takes a finished text. A template is registered with the provider under a name of
theirs, its values are short, and links in them are refused.
"""

import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from yuanhang.core.text import clean

# What a provider would take for a link, or for the sender's name in front of each message.
UNFIT = re.compile(r"(?:https?://|www\.)\S*|[【】]", re.IGNORECASE)
# Nothing has left yet when these come: the connection was not made.
NOT_CONNECTED = (ConnectionRefusedError, socket.gaierror)


class SmsError(Exception):
    """What went wrong. `kind` is safe to keep; gateways like to repeat the number in the text."""

    def __init__(self, text: str = "", *, kind: str = ""):
        super().__init__(text)
        self.kind = (kind or type(self).__name__)[:100]


class GatewayError(SmsError):
    """The gateway certainly did not take the message; worth another try."""


class NumberRefusedError(SmsError):
    """The gateway will never take this message; `kind` may be the provider's code of why."""


class OutcomeUnknownError(SmsError):
    """The gateway may have taken the message or not: it did not answer, or not clearly."""


@dataclass(frozen=True)
class Template:
    """What an SMS says, and how long each value may be; the text is what a provider is given."""

    name: str
    text: Any
    lengths: Mapping[str, int]

    def fitting(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Each value as a provider takes it: one line, no link, cut to its length."""
        found = {}
        for name, length in self.lengths.items():
            value = " ".join(UNFIT.sub("", clean(str(values.get(name, "")))).split())
            found[name] = value if len(value) <= length else value[: length - 1] + "…"
        return found


@dataclass(frozen=True)
class Message:
    """One SMS: to eleven digits, a template and its values, and our own name for this try."""

    phone: str
    template: Template
    variables: dict[str, str] = field(default_factory=dict)
    reference: str = ""

    @property
    def template_id(self) -> str:
        """What the provider calls the template (SMS_TEMPLATES), else our own name of it."""
        return settings.SMS_TEMPLATES.get(self.template.name, self.template.name)

    @property
    def text(self) -> str:
        """The whole message, for those who read it here."""
        return str(self.template.text) % self.variables


@dataclass(frozen=True)
class Report:
    """A status report: what became of the message of this name, ours or the provider's.

    `outcome` is "delivered", "sent" (taken by the network) or "failed".
    """

    reference: str
    outcome: str
    code: str = ""


class Gateway:
    """What a gateway must do; `needs_template_ids` where templates have the provider's names."""

    needs_template_ids = False

    def send(self, message: Message) -> str:
        """Send it, within seconds; returns the provider's name for it, or an empty text.

        Raises GatewayError where it was certainly not taken, NumberRefusedError where it never
        will be. Any other error says that nobody knows: it is not sent again by itself.
        """
        raise NotImplementedError(f"{type(self).__name__} must send")

    def read_reports(self, request: HttpRequest) -> list[Report] | None:
        """The status reports in a request to /sms/reports/; None where it is not the provider's."""
        return None


class ConsoleGateway(Gateway):
    """Writes messages to the terminal, for development; a check refuses it in production."""

    def send(self, message: Message) -> str:
        """Print the message."""
        sys.stdout.write(f"\n[SMS to {message.phone}]\n{message.text}\n")
        sys.stdout.flush()
        return ""


class MemoryGateway(Gateway):
    """Keeps messages in a list, so that tests see what left."""

    outbox: list[tuple[str, str]] = []

    def send(self, message: Message) -> str:
        """Keep the message."""
        self.outbox.append((message.phone, message.text))
        return ""


@cache
def _gateway(path: str) -> Gateway:
    return import_string(path)()


def gateway() -> Gateway | None:
    """The gateway set in SMS_GATEWAY, or None when SMS is off."""
    return _gateway(settings.SMS_GATEWAY) if settings.SMS_GATEWAY else None


def send(through: Gateway, message: Message) -> str:
    """Send by this gateway; whatever goes wrong is one of the three errors above."""
    try:
        return str(through.send(message) or "")[:80]
    except SmsError:
        raise
    except NOT_CONNECTED as error:
        raise GatewayError(kind=type(error).__name__) from error
    except Exception as error:
        # Also a mistake of the gateway's own: it may have made it after sending.
        raise OutcomeUnknownError(kind=type(error).__name__) from error


_templates: dict[str, Template] = {}


def register(template: Template) -> Template:
    """Make a template known by its name; rooms above the floor bring their own."""
    _templates[template.name] = template
    return template


def template(name: str) -> Template:
    """The template of this name; a notice whose template is gone says its title."""
    return _templates.get(name, NOTICE)


def all_templates() -> list[Template]:
    return list(_templates.values())


CODE = register(Template("code", _("验证码 %(code)s，五分钟内有效。"), {"code": 10}))
NOTICE = register(Template("notice", _("%(title)s。登录庆小驿网站看详情。"), {"title": 30}))
