"""Where we listen, and how the demo is shown on a phone in the same network: names, a QR code."""

import contextlib
import io
import ipaddress
import os
import socket
from collections.abc import Iterable

import segno
from django.conf import settings
from django.core.management.base import CommandError

WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 - compared only
# Nothing is sent there: the system only says from which of our addresses it would be.
SOMEWHERE = {
    socket.AF_INET: ("192.0.2.1", "10.255.255.254", "172.31.255.254", "192.168.255.254"),
    socket.AF_INET6: ("2001:db8::1",),
}


def address():
    """Where to listen, from the environment."""
    text = os.environ.get("PORT", "").strip() or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CommandError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return os.environ.get("HOST", "").strip() or "127.0.0.1", int(text)


def url_host(host):
    """The host as a browser on this machine writes it."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    return f"[{name}]" if ":" in name else name


def addresses(host: str) -> list[str]:
    """This machine's addresses for others, when `host` is listened on; the likeliest first.

    Empty where nobody else is listened to.
    """
    if host not in WILDCARDS:
        return [] if _is_only_here(host) else [host]
    families = [socket.AF_INET] if host != "::" else list(SOMEWHERE)
    found = [_from(family, target) for family in families for target in SOMEWHERE[family]]
    with contextlib.suppress(OSError):
        found += [row[4][0] for row in socket.getaddrinfo(socket.gethostname(), None)
                  if row[0] in families]  # fmt: skip
    return [name for name in dict.fromkeys(found) if name and not _is_only_here(name)]


def _from(family: int, target: str) -> str:
    """The address that we would send from; empty without a way there."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((target, 9))
        return probe.getsockname()[0]
    return ""


def _is_only_here(name: str) -> bool:
    """Whether a name leads to this machine alone, or is a link's own, which needs more words."""
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    return found.is_loopback or found.is_link_local or found.is_unspecified


def url(name: str, port: int) -> str:
    """The front page under one of our addresses."""
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def environment(names: Iterable[str], port: int) -> dict[str, str]:
    """What lets the processes of a demo answer under these names, where nobody set it otherwise.

    Names are listed and not left open: a page of somebody else's could otherwise lead its own name
    to this machine. Posters and messages lead to the first, which a phone can open.
    """
    names = list(names)
    if not settings.DEBUG or not names:
        return {}
    own = {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
    shown = [f"[{name}]" if ":" in name else name for name in names]
    found = {}
    if not settings.ALLOWED_HOSTS_GIVEN:
        # The first is what our own question after its health uses.
        found["ALLOWED_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, *shown, *sorted(own)])
    if not settings.SITE_URL_GIVEN:
        found["SITE_URL"] = url(names[0], port).rstrip("/")
    return found


def qr(address: str, *, encoding: str | None, colours: bool) -> str:
    """The address as a QR code of half blocks; empty where the terminal has none.

    With colours it is dark on light whatever the terminal's own are.
    """
    out = io.StringIO()
    segno.make(address, error="l").terminal(out=out, compact=True)
    text = out.getvalue().rstrip("\n")
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ""
    if colours:
        text = "\n".join(f"\x1b[97;40m{line}\x1b[0m" for line in text.split("\n"))
    return text
