"""A WeCom group robot: one short text into one group chat, by HTTPS to one allowed host.

The robot's address is its password: whoever has the key may write into the group. So no error and
no log line says more of it than `masked` does, and what the other side answers is never repeated.
"""

import http.client
import json
import re
import ssl

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core.text import clean

from . import wire

PATH = "/cgi-bin/webhook/send"
TEXT_BYTES = 2048
SECONDS = 8.0  # for connecting, sending and reading together
RETRY_CODES = {-1, 45009}  # the robot's "busy just now" and "too many this minute"

# Matched as a whole and not taken apart by a URL parser: parsers forgive what we must refuse,
# such as names before an @, backslashes, line breaks, and full-width letters.
ADDRESS = re.compile(
    r"(?i:https)://(?P<host>[A-Za-z0-9.-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    + re.escape(PATH)
    + r"\?key=(?P<key>[A-Za-z0-9_-]{16,128})",
    re.ASCII,  # else ſ counts as an s
)
HOST = re.compile(
    r"(?P<host>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*)(?::(?P<port>[0-9]{1,5}))?"
)


class RobotError(Exception):
    """The message did not get through; the words are safe to store and to log."""


class ChatBusyError(RobotError):
    """Not now: too many messages, or the network; worth another try.

    With `host_failed` the host as a whole is in trouble, and not this robot alone.
    """

    def __init__(self, text, *, host_failed=False):
        super().__init__(text)
        self.host_failed = host_failed


class ChatRefusedError(RobotError):
    """Never: a wrong address, an unknown key, or an answer that is no robot's."""


def allowed_host():
    """(host, port) of the only server that robots may be on; ImproperlyConfigured when unclear."""
    match = HOST.fullmatch(settings.ROBOT_HOST)
    port = int(match["port"] or 443) if match else 0
    if not 0 < port < 65536:
        raise ImproperlyConfigured("ROBOT_HOST must be a host or host:port, without https://")
    return match["host"].lower(), port


def _key_of(url):
    """The key, when the address is on the allowed host and well formed; else ValidationError."""
    host, port = allowed_host()
    match = ADDRESS.fullmatch(str(url))
    if match is None or (match["host"].lower(), int(match["port"] or 443)) != (host, port):
        raise ValidationError(
            _("请原样粘贴群机器人的 Webhook 地址：https://%(host)s%(path)s?key=…"),
            code="robot",
            params={"host": settings.ROBOT_HOST, "path": PATH},
        )
    return match["key"]


def canonical(url):
    """The one spelling of a robot's address, so that it is entered once; or ValidationError."""
    key = _key_of(url)
    host, port = allowed_host()
    return f"https://{host}{'' if port == 443 else f':{port}'}{PATH}?key={key}"


def check_url(url):
    """A validator: the address is a robot's on the allowed host, else ValidationError."""
    _key_of(url)


def masked(url):
    """`…/send?key=***abcd`: enough to tell two robots apart, and nothing to write with.

    Of a text that is no address, or a key too short to be cut, nothing is shown.
    """
    match = ADDRESS.fullmatch(str(url))
    return f"…/send?key=***{match['key'][-4:] if match else ''}"


def cut(text, limit=TEXT_BYTES):
    """The text, or its beginning and `…`: at most `limit` bytes of UTF-8, no broken character."""
    data = clean(str(text)).encode()
    if len(data) > limit:
        data = data[: limit - len("…".encode())]
        return data.decode("utf-8", "ignore") + "…"
    return data.decode("utf-8")


def post_text(url, text):
    """Say `text` in the robot's group, once. Raises ChatBusyError (try again) or ChatRefusedError.

    No names and no phone numbers: the group is read on private phones. The time limit covers
    everything but the name lookup, which the system's resolver limits.
    """
    shown = masked(url)
    try:
        key = _key_of(url)
    except ValidationError:
        raise ChatRefusedError(f"{shown}: no address of the allowed host") from None
    payload = {"msgtype": "text", "text": {"content": cut(text)}}
    try:
        status, body = _exchange(key, json.dumps(payload, ensure_ascii=False).encode())
    except wire.TooLongError:
        raise ChatRefusedError(f"{shown}: the answer is too long") from None
    except (OSError, http.client.HTTPException) as error:
        # The kind of error, not its text, and without its cause: both may repeat the address.
        raise ChatBusyError(f"{shown}: {wire.kind(error)}", host_failed=True) from None
    _judge(shown, status, body)


def _judge(shown, status, body):
    """Errcode 0 is a success; everything else is an error."""
    if status >= 500 or status == 429:
        raise ChatBusyError(f"{shown}: HTTP {status}", host_failed=status >= 500)
    if status != 200:  # redirects too: the next host would be told the key
        raise ChatRefusedError(f"{shown}: HTTP {status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if type(code) is not int:  # False is 0 too
        raise ChatRefusedError(f"{shown}: not a robot's answer")
    if code in RETRY_CODES:
        raise ChatBusyError(f"{shown}: errcode {code}")
    if code != 0:
        raise ChatRefusedError(f"{shown}: errcode {code}"[:100])


def _exchange(key, payload):
    """Send the request; (status, body)."""
    host, port = allowed_host()
    head = (
        f"POST {PATH}?key={key} HTTP/1.1\r\n"
        f"Host: {host}{'' if port == 443 else f':{port}'}\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(payload)}\r\n"
        "Accept: application/json\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
    # An empty file name would be taken for a file.
    context = ssl.create_default_context(cafile=settings.ROBOT_CA_FILE or None)
    request = head.encode("ascii") + payload
    return wire.exchange(host, port, request, seconds=SECONDS, context=context)
