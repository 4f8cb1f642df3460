"""A slow line in user space: so many bits a second, so long to the other end, stalls and drops."""

import contextlib
import queue
import socket
import threading
import time

PIECE = 1400  # bytes that travel together, as in a packet


class Direction:
    """One way of the line; whatever is on it waits for what was put on it before."""

    def __init__(self, bits, delay, stall_every=0, stall=0.0):
        self.bytes_a_second, self.delay = bits / 8, delay
        self.stall_every, self.stall, self.until_stall = stall_every, stall, stall_every
        self.free_at, self.carried, self.guard = 0.0, 0, threading.Lock()

    def arrival(self, size):
        """When that many bytes, put on the line now, have arrived."""
        with self.guard:
            begin = max(time.monotonic(), self.free_at)
            if self.stall_every:
                self.until_stall -= size
                if self.until_stall <= 0:
                    self.until_stall, begin = self.stall_every, begin + self.stall
            self.free_at = begin + size / self.bytes_a_second
            self.carried += size
            return self.free_at + self.delay


class Line:
    """A door on this machine, and a slow way from there to a server.

    `bits` a second each way; `round_trip` seconds there and back; every `stall_every` bytes nothing
    moves for `stall` seconds; of the connections that carry more than `drop_after` bytes upwards
    the first `drops` end without a farewell.
    """

    def __init__(
        self, address, *, bits, round_trip, stall_every=0, stall=0.0, drop_after=0, drops=0
    ):
        self.address, self.round_trip = address, round_trip
        self.up = Direction(bits, round_trip / 2, stall_every, stall)
        self.down = Direction(bits, round_trip / 2, stall_every, stall)
        self.drop_after, self.drops, self.dropped = drop_after, drops, 0
        self.door = socket.create_server(("localhost", 0))
        self.url = f"http://localhost:{self.door.getsockname()[1]}"
        self.ends, self.threads = [], []
        self._begin(self._accept)

    def close(self):
        """No more calls, and an end to those that there are."""
        _shut(self.door)
        for end in self.ends:
            _shut(end)
        for thread in self.threads:
            thread.join(10)
        for end in (self.door, *self.ends):
            end.close()

    def _begin(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.door.accept()
                self.ends.append(near)
                far = socket.create_connection(self.address)
                self.ends.append(far)
                # To shake hands takes a way there and back; browsers then send at once.
                ready = time.monotonic() + self.round_trip
                self._carry(near, far, self.up, ready, self._is_cut)
                self._carry(far, near, self.down, ready, lambda _size: False)

    def _is_cut(self, carried):
        if not self.drop_after or carried < self.drop_after or self.dropped >= self.drops:
            return False
        self.dropped += 1
        return True

    def _carry(self, source, target, way, ready, is_cut):
        """Two threads: one takes in and dates each piece, one hands it over when it has arrived."""
        pieces = queue.Queue(maxsize=16)  # as much as a modem holds; then the sender waits
        self._begin(self._take, source, way, ready, pieces)
        self._begin(self._hand, pieces, source, target, is_cut)

    @staticmethod
    def _take(source, way, ready, pieces):
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                pieces.put((max(way.arrival(len(data)), ready), data))
        pieces.put((time.monotonic() + way.delay, b""))

    @staticmethod
    def _hand(pieces, source, target, is_cut):
        carried = 0
        with contextlib.suppress(OSError):
            while True:
                at, data = pieces.get()
                time.sleep(max(at - time.monotonic(), 0))
                carried += len(data)
                if is_cut(carried):
                    _shut(source)
                    _shut(target)
                    return
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)


def _shut(end):
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
