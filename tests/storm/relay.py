"""A relay for SMS on this machine: it takes whatever comes, and remembers it."""

import contextlib
import http.server
import json
import threading

SECRET = "a-secret-of-the-storm"


class Relay(http.server.ThreadingHTTPServer):
    """What it took is in `taken`: (our reference, the values of the message)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken, self.lock = [], threading.Lock()

    @property
    def environment(self):
        """What makes a site send through it."""
        return {
            "SMS_GATEWAY": "yuanhang.core.outbox.http_gateway.HttpGateway",
            "SMS_HTTP_URL": f"http://127.0.0.1:{self.server_address[1]}/send",
            "SMS_HTTP_SECRET": SECRET,
            "SMS_TEMPLATES": "code=S1,notice=S2,hazards.case=S3",
            "SMS_NUMBER_DAY_MAX": "0",
            "SMS_MONTH_MAX": "0",
        }


class _Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        """Quiet."""

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.taken.append((said["reference"], json.dumps(said["variables"])))
        body = b'{"result": "taken", "id": ""}'
        # Whoever asked may have been killed meanwhile.
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextlib.contextmanager
def running():
    """A relay in a thread."""
    relay = Relay()
    thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield relay
    finally:
        relay.shutdown()
        thread.join()
        relay.server_close()
