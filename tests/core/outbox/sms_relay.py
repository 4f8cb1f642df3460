"""An SMS relay on this machine, as `HttpGateway` expects one, and all the ways it goes wrong."""

import contextlib
import http.server
import json
import threading

from django.test import Client

from yuanhang.core.outbox import http_gateway

SECRET = "a secret of the tests alone"
REFUSED = "10000000404"


class Relay(http.server.ThreadingHTTPServer):
    """Behaves as its `mood` says. `taken` are the messages it would pass on, by arrival."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mood, self.pause = "take", 0.0
        self.taken, self.asked = [], 0
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/send"

    def handle_error(self, request, client_address):
        """Guests leave early; that is what the tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One message."""

    def log_message(self, *args):
        """Quiet."""

    def do_POST(self):
        server = self.server
        server.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sign = http_gateway.signature(self.headers["X-Timestamp"], body)
        if self.headers["X-Signature"] != sign:
            self.say(403, {"result": "refused", "code": "SIGN"})
            return
        getattr(self, f"be_{server.mood}")(json.loads(body))

    def be_take(self, message):
        """As it should be; a number that is none is refused, a reference taken once."""
        self.server.over.wait(self.server.pause)
        if message["phone"] == REFUSED:
            self.say(200, {"result": "refused", "code": "MOBILE_NUMBER_ILLEGAL"})
            return
        self.keep(message)
        self.say(200, {"result": "taken", "id": f"biz-{message['reference']}"})

    def be_hang(self, message):
        """Take it, and never answer."""
        self.keep(message)
        self.server.over.wait()

    def be_drip(self, message):
        """Take it, and answer a byte at a time, for hours."""
        self.keep(message)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100000:
            self.wfile.write(bytes([byte]))
            if self.server.over.wait(0.05):
                return

    def be_drop(self, message):
        """Take it, and hang up."""
        self.keep(message)
        self.close_connection = True

    def be_cut(self, message):
        """Take it, and hang up in the middle of the answer."""
        self.keep(message)
        self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"result": "ta')
        self.close_connection = True

    def be_lost(self, message):
        """A server in between that heard nothing from the one behind it, which took it."""
        self.keep(message)
        self.say(504, {})

    def be_garbage(self, message):
        """The page of a portal in between."""
        self.say(200, "welcome")

    def be_broken(self, message):
        self.say(500, {})

    def be_down(self, message):
        self.say(503, {})

    def be_busy(self, message):
        self.say(200, {"result": "busy"})

    def be_strict(self, message):
        """It knows us no more."""
        self.say(401, {})

    def keep(self, message):
        self.server.taken.append(message)

    def say(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def running():
    """A relay in a thread, on a free port."""
    relay = Relay()
    thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield relay
    finally:
        relay.over.set()
        relay.shutdown()
        thread.join()
        relay.server_close()


def report(*reports, when=None, sign=None, client=None):
    """What a relay reports of messages, sent to the site's door; the answer."""
    body = json.dumps({"reports": reports}).encode()
    when = when or str(int(http_gateway.time.time()))
    headers = {"X-Timestamp": when, "X-Signature": sign or http_gateway.signature(when, body)}
    return (client or Client(enforce_csrf_checks=True)).post(
        "/sms/reports/", body, content_type="application/json", headers=headers
    )
