"""A network cable that tests can cut."""

import contextlib
import socket
import struct
import threading


class Cable:
    """A wire to the live server that can be cut after so many bytes, as Chromium's own emulation
    cannot: going offline there lets a running request finish.
    """

    def __init__(self, address):
        self.address, self.allowance, self.rudely, self.cuts = address, None, False, 0
        self.door = socket.create_server(("localhost", 0))
        self.url = f"http://localhost:{self.door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size, *, rudely):
        """Let `size` more bytes through to the server; `rudely` without a farewell (RST)."""
        self.allowance, self.rudely = size, rudely

    def mend(self):
        """All is well again."""
        self.allowance = None

    def close(self):
        """No more calls."""
        # Closing alone would not wake the thread that waits for a call.
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.door.accept()
                if self.allowance is not None and self.allowance <= 0:
                    near.close()
                    continue
                far = socket.create_connection(self.address)
                for pair in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source, target, upwards):
        with source, contextlib.suppress(OSError):
            while data := source.recv(65536):
                if upwards and self.allowance is not None:
                    data, self.allowance = data[: self.allowance], self.allowance - len(data)
                    if self.allowance <= 0:
                        target.sendall(data)
                        self._cut(source, target)
                        return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _cut(self, *ends):
        self.cuts += 1
        for end in ends:
            if self.rudely:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                # The other direction's thread holds the socket too; closing alone says nothing.
                end.shutdown(socket.SHUT_RDWR)
            end.close()
