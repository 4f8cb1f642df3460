"""One HTTP request to somebody else's server: one deadline, one small answer, and no surprises.

No proxy, no redirect, no second try. What matters to a sender is kept apart: whether anything of
the request may have left when it failed.
"""

import http.client
import io
import socket
import time

ANSWER_BYTES = 64 * 1024
DIAL_SECONDS = 3.0  # for one of several addresses of the host, so that a dead one leaves time


class TooLongError(Exception):
    """The answer is longer than anything that such a server says."""


class NotConnectedError(OSError):
    """No connection was made, so nothing of the request has left; `kind` says what failed."""

    def __init__(self, error):
        super().__init__(type(error).__name__)
        self.kind = type(error).__name__


def kind(error):
    """The kind of an error, not its text, which may repeat what was sent."""
    return error.kind if isinstance(error, NotConnectedError) else type(error).__name__


def exchange(host, port, request, *, seconds, context=None):
    """Send the bytes of a POST; (status, body). With a TLS `context` over TLS.

    Raises NotConnectedError before the request, OSError or http.client.HTTPException during it, and
    TooLongError. The time limit covers all but the name lookup, which the system's resolver limits.
    """
    deadline = time.monotonic() + seconds
    with _connected(host, port, context, deadline) as connected:
        wire = Wire(connected, deadline)
        wire.sendall(request)
        with http.client.HTTPResponse(wire, method="POST") as response:
            response.begin()
            # A given size: a lying Content-Length must not reserve memory.
            body = response.read(ANSWER_BYTES)
            if response.length:
                raise http.client.IncompleteRead(body, response.length)
            return response.status, body


def _connected(host, port, context, deadline):
    """A socket on which nothing was said yet."""
    plain = None
    try:
        plain = dial(host, port, deadline)
        plain.settimeout(left(deadline))
        return context.wrap_socket(plain, server_hostname=host) if context else plain
    except OSError as error:
        if plain is not None:
            plain.close()
        raise NotConnectedError(error) from None


def left(deadline):
    """Seconds until the deadline; TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def dial(host, port, deadline):
    """A TCP connection to the first of the host's addresses that answers."""
    last = OSError()
    for family, sort, protocol, _name, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        plain = socket.socket(family, sort, protocol)
        try:
            plain.settimeout(min(DIAL_SECONDS, left(deadline)))
            plain.connect(address)
        except OSError as error:
            plain.close()
            last = error
        else:
            return plain
    raise last


class Wire(io.RawIOBase):
    """A socket on which all operations share one deadline and one budget of bytes.

    A socket's own timeout starts anew with every byte, so a server that drips never meets it.
    """

    def __init__(self, tls, deadline):
        self._tls, self._deadline, self._budget = tls, deadline, ANSWER_BYTES

    def readable(self):
        return True

    def makefile(self, mode):
        """What `http.client` reads from."""
        return io.BufferedReader(self)

    def readinto(self, buffer):
        """Read what is there, within what is left."""
        if self._budget <= 0:
            raise TooLongError
        self._tls.settimeout(left(self._deadline))
        count = self._tls.recv_into(memoryview(buffer)[: self._budget])
        self._budget -= count
        return count

    def sendall(self, data):
        """Send everything, within what is left."""
        while data:
            self._tls.settimeout(left(self._deadline))
            data = data[self._tls.send(data) :]
