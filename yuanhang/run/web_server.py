"""One web process: whoever is slow to ask or to listen holds no thread.

A photo takes twenty seconds over a weak line. Servers that give each connection a thread are full
with eight such riders; here one loop takes requests in and sends answers out, and a thread begins
when a request is there whole. Measured with the product: tests/run/test_slow_lines.py.
"""

import resource
import signal
import socket
import time
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

HEADERS_SECONDS = 60  # in which a request has said what it wants
BODY_SECONDS = 1800  # in which it has sent its files
IDLE_SECONDS = 60  # a kept connection without a request
GRACE_SECONDS = 6  # for what has begun when we are told to stop
LOOK_SECONDS = 5
CONNECTIONS = 2000
SETTINGS = {
    "connection_limit": CONNECTIONS,
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": LOOK_SECONDS,
    "backlog": 1024,
    "asyncore_use_poll": True,
    "recv_bytes": 65536,
    "max_request_header_size": 65536,
    # Four photos of 30 MB, a voice note and the text.
    "max_request_body_size": 150_000_000,
    "ident": "",
    # Which proxies are believed, the settings say (TRUSTED_PROXY_COUNT).
    "clear_untrusted_proxy_headers": False,
}


def listen(host: str, port: int) -> socket.socket:
    """The socket that all web processes take connections from. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    listener.setblocking(False)
    return listener


def serve(application: Any, listener: socket.socket, threads: int) -> None:
    """Answer until SIGTERM or SIGINT, then end what has begun and return."""
    _allow_many_files()
    server = create_server(application, sockets=[listener], threads=threads, **SETTINGS)
    asked: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        asked.append(number)
        server.trigger.pull_trigger()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    patience = Patience(server)
    while not asked:
        _once(server, LOOK_SECONDS)
        patience.look(time.monotonic())
    # Whoever follows us may listen at once.
    server.del_channel()
    server.socket.close()
    deadline = time.monotonic() + GRACE_SECONDS
    while _is_busy(server) and time.monotonic() < deadline:
        _once(server, 0.1)


def _once(server: Any, seconds: float) -> None:
    wasyncore.loop(timeout=seconds, use_poll=True, map=server._map, count=1)  # noqa: SLF001 - as its own run() does


def _is_busy(server: Any) -> bool:
    channels = list(server.active_channels.values())
    return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _allow_many_files() -> None:
    """Each connection is an open file, and 1024 is the usual limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Patience:
    """Ends connections that take for ever to say what they want.

    The server's own limit counts from the last byte, which may be one in three seconds.
    """

    def __init__(self, server: Any) -> None:
        self.server = server
        self.next_look = 0.0
        self.begun: dict[int, tuple[Any, float]] = {}

    def look(self, now: float) -> None:
        """Close what has been asking for too long."""
        if now < self.next_look:
            return
        self.next_look = now + LOOK_SECONDS
        begun = {}
        for channel in list(self.server.active_channels.values()):
            request = channel.request
            if request is None:
                continue
            known, since = self.begun.get(id(channel), (None, now))
            since = since if known is request else now
            begun[id(channel)] = (request, since)
            limit = BODY_SECONDS if request.headers_finished else HEADERS_SECONDS
            if now - since > limit:
                channel.will_close = True
        self.begun = begun
