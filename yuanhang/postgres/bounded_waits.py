"""A web process waits for no database for ever.

A server that is stopped, frozen or cut off does not close its connections, and neither a
`connect_timeout` nor a `statement_timeout` helps against a server that does nothing: the client
itself has to stop waiting. psycopg2 hands its waiting to a function of ours, which also lets
cooperative servers (gevent) go on with others meanwhile. COPY does not work with it.

Waiting for a lock looks the same as waiting for a frozen server. So after a moment of silence the
server is asked on a connection of its own whether it lives: only one that does not is given up.
"""

import select
import threading
import time
from typing import Any

import psycopg2
from psycopg2 import extensions

CONNECT_SECONDS = 3
SILENCE_SECONDS = 3  # then the server is asked whether it lives
STATEMENT_SECONDS = 30  # the server's own limit, which a lock's queue may need
JOINS_TRIED = 5  # tables whose order of joining is sought
ANSWER_SECONDS = STATEMENT_SECONDS + 5
ASKED_SECONDS = 2.0  # how long the others believe what one thread was told
READY = (extensions.STATUS_READY, extensions.STATUS_BEGIN, extensions.STATUS_PREPARED)

_asking = threading.local()
_guard = threading.Lock()
_told: list[tuple[float, bool]] = [(0.0, True)]


class FrozenError(psycopg2.OperationalError):
    """The server is there and does not answer."""


def install() -> None:
    """Bound all waiting of this process."""
    extensions.set_wait_callback(_wait)


def limit_statements(connection: Any) -> None:
    """Let the server itself end what takes too long on a new connection of Django's.

    Nor does it plan for longer than it answers: a list joins seven small tables to its rows, in an
    order that is good as it is written. To try all orders of these took 12 ms, of five takes 4.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET statement_timeout = %s; SET join_collapse_limit = %s",
            [STATEMENT_SECONDS * 1000, JOINS_TRIED],
        )


def _wait(connection: Any) -> None:
    """Wait until the connection has done what it was asked; raises FrozenError."""
    began = time.monotonic()
    while (state := connection.poll()) != extensions.POLL_OK:
        poller = select.poll()
        wanted = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
        poller.register(connection.fileno(), wanted)
        is_ready = connection.status in READY
        seconds = SILENCE_SECONDS if is_ready else began + CONNECT_SECONDS - time.monotonic()
        if poller.poll(max(seconds, 0) * 1000):
            continue
        if is_ready and time.monotonic() - began < ANSWER_SECONDS and _lives(connection):
            continue
        raise FrozenError("the database does not answer")


def _lives(connection: Any) -> bool:
    """Whether the server takes another connection; one thread asks, the others believe it."""
    if getattr(_asking, "now", False):
        return False
    with _guard:
        at, answer = _told[0]
        if time.monotonic() - at > ASKED_SECONDS:
            answer = _ask(connection)
            _told[0] = (time.monotonic(), answer)
    return answer


def _ask(connection: Any) -> bool:
    _asking.now = True
    try:
        own = connection.info
        psycopg2.connect(**own.dsn_parameters, password=own.password).close()
    except FrozenError:
        return False
    except psycopg2.OperationalError:
        return True  # it is full, or went away in between: the connection itself will say so
    finally:
        _asking.now = False
    return True
