"""A gateway that speaks plain signed JSON over HTTP, for a relay of one's own before a provider.

What it sends and takes is written down in `yuanhang/README.md`, "A gateway for SMS". Off unless
SMS_GATEWAY names it.
"""

import hashlib
import hmac
import http.client
import json
import re
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from . import wire
from .sms import (
    Gateway,
    GatewayError,
    Message,
    NumberRefusedError,
    OutcomeUnknownError,
    Report,
)

SECONDS = 8.0  # for connecting, sending and reading together
CLOCKS_APART = 300  # seconds that a signature may be old, or ahead
REPORTS_MAX = 500  # status reports in one request
SECRET_LENGTH = 16
PATH = re.compile(r"/[!-~]*", re.ASCII)
# Where a server in between says that it has heard nothing from the one behind it.
HEARD_NOTHING = {502, 504}


@dataclass(frozen=True)
class Relay:
    """Where the relay is, from SMS_HTTP_URL."""

    host: str
    port: int
    path: str
    context: ssl.SSLContext | None


def relay() -> Relay:
    """The relay of the settings. Raises ImproperlyConfigured with words for the operator."""
    parts = urlsplit(settings.SMS_HTTP_URL)
    try:
        port = parts.port
    except ValueError:
        port = 0
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.username:
        raise ImproperlyConfigured("SMS_HTTP_URL must be the http(s) address of the SMS relay.")
    if not PATH.fullmatch(path):
        raise ImproperlyConfigured("SMS_HTTP_URL must be written in plain characters.")
    if len(settings.SMS_HTTP_SECRET) < SECRET_LENGTH:
        raise ImproperlyConfigured(f"SMS_HTTP_SECRET must have {SECRET_LENGTH} characters or more.")
    secure = parts.scheme == "https"
    context = ssl.create_default_context() if secure else None
    return Relay(parts.hostname, port or (443 if secure else 80), path, context)


def signature(when: str, body: bytes) -> str:
    """The sign of a body at a moment, in seconds since 1970; over both, so neither can change."""
    key = settings.SMS_HTTP_SECRET.encode()
    return hmac.new(key, when.encode() + b"\n" + body, hashlib.sha256).hexdigest()


class HttpGateway(Gateway):
    """Sends a template's name and its values; takes signed status reports."""

    needs_template_ids = True

    def send(self, message: Message) -> str:
        """Post the message; what the answer leaves open nobody knows."""
        said = {
            "reference": message.reference,
            "phone": message.phone,
            "template": message.template_id,
            "variables": message.variables,
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        there = relay()
        request = _request(there, body)
        try:
            status, answer = wire.exchange(
                there.host, there.port, request, seconds=SECONDS, context=there.context
            )
        except wire.NotConnectedError as error:
            raise GatewayError(kind=error.kind) from None
        except (OSError, http.client.HTTPException, wire.TooLongError) as error:
            raise OutcomeUnknownError(kind=wire.kind(error)) from None
        return _judge(status, answer)

    def read_reports(self, request: HttpRequest) -> list[Report] | None:
        """Reports with a good signature of these minutes; None for anything else."""
        when, body = request.headers.get("X-Timestamp", ""), request.body
        given = request.headers.get("X-Signature", "")
        if not when.isascii() or not when.isdigit() or len(when) > 12:
            return None
        if abs(time.time() - int(when)) > CLOCKS_APART:
            return None
        if not hmac.compare_digest(given.encode(), signature(when, body).encode()):
            return None
        try:
            rows = json.loads(body)["reports"]
            return [_report(row) for row in rows[:REPORTS_MAX]]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None


def _request(there: Relay, body: bytes) -> bytes:
    when = str(int(time.time()))
    head = (
        f"POST {there.path} HTTP/1.1\r\n"
        f"Host: {there.host}:{there.port}\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Timestamp: {when}\r\nX-Signature: {signature(when, body)}\r\n"
        "Accept: application/json\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


def _judge(status: int, answer: bytes) -> str:
    """The relay's name for a message that it took; any of the three errors else."""
    if status in HEARD_NOTHING:
        raise OutcomeUnknownError(kind=f"HTTP {status}")
    if status != 200:  # wrong credentials too: that is mended, and then everything goes out
        raise GatewayError(kind=f"HTTP {status}")
    try:
        said: Any = json.loads(answer)
        result = said["result"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise OutcomeUnknownError(kind="not an answer") from None
    if result == "refused":
        raise NumberRefusedError(kind=str(said.get("code", "")))
    if result == "busy":
        raise GatewayError(kind="busy")
    if result != "taken":
        raise OutcomeUnknownError(kind="not an answer")
    return str(said.get("id") or "")


def _report(row: dict[str, Any]) -> Report:
    return Report(str(row["reference"]), str(row["outcome"]), str(row.get("code", "")))
