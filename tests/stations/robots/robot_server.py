"""A WeCom group robot on this machine: HTTPS, its limits, and all the ways it can go wrong."""

import contextlib
import datetime
import http.server
import json
import ssl
import threading
import time
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY = "11111111-2222-4333-8444-5555secretabcd"
OTHER_KEY = "99999999-2222-4333-8444-5555secretwxyz"
PER_MINUTE = 20
FLOOD = 10 * 1024 * 1024


@cache
def certificate(*names):
    """PEM text of a key and its self-signed certificate for these host names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "robot of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName(each) for each in names]
    others = ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    others += ["crl_sign", "encipher_only", "decipher_only"]
    usage = dict.fromkeys(others, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + made.public_bytes(serialization.Encoding.PEM)


class RobotServer(http.server.ThreadingHTTPServer):
    """Behaves as its `mood` says; what arrived is in `messages`, every request in `requests`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder, *names):
        super().__init__(("127.0.0.1", 0), Handler)
        pem = folder / "robot.pem"
        pem.write_bytes(certificate(*(names or ("localhost",))))
        self.ca_file = str(pem)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.keys = {KEY, OTHER_KEY}
        self.mood, self.answer, self.raw = "robot", None, b""
        self.pause = 0.0  # how long the robot takes to answer
        self.drip = 0.02  # seconds between two bytes
        self.requests, self.messages, self._times = [], [], []
        self._skipped, self._lock, self.over = 0.0, threading.Lock(), threading.Event()

    @property
    def host(self):
        """What ROBOT_HOST must say."""
        return f"localhost:{self.server_address[1]}"

    def url(self, key=KEY):
        """The address of a robot."""
        return f"https://{self.host}/cgi-bin/webhook/send?key={key}"

    @property
    def texts(self):
        """The texts that went into the group, in order."""
        return [text for _key, text in self.messages]

    def skip(self, seconds):
        """Let time pass for the robot's own limit."""
        self._skipped += seconds

    def take(self, key, text):
        """The robot's answer to a message."""
        now = time.monotonic() + self._skipped
        with self._lock:
            if key not in self.keys:
                return {"errcode": 93000, "errmsg": f"invalid webhook url, key={key}"}
            recent = [at for other, at in self._times if other == key and at > now - 60]
            if len(recent) >= PER_MINUTE:
                return {"errcode": 45009, "errmsg": f"api freq out of limit, key={key}"}
            self._times.append((key, now))
            self.messages.append((key, text))
        return {"errcode": 0, "errmsg": "ok"}

    def get_request(self):
        """TLS, but the handshake is the handler's: the door must not wait for a slow guest."""
        plain, address = super().get_request()
        tls = self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        return tls, address

    def handle_error(self, request, client_address):
        """Guests leave early; that is what the tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    def handle(self):
        """A mute server does not even shake hands."""
        if self.server.mood == "mute":
            self.server.over.wait()
            return
        super().handle()

    def log_message(self, *args):
        """Quiet."""

    def do_GET(self):
        """Only somebody who followed a redirect asks like this."""
        self.server.requests.append((self.path, dict(self.headers), b""))
        self._say(200, b'{"errcode": 0}')

    def do_POST(self):
        """As the mood is."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        getattr(self, f"be_{self.server.mood}")(body)

    def be_robot(self, body):
        """As the real one."""
        self.server.over.wait(self.server.pause)
        message = json.loads(body)
        answer = self.server.take(self.path.partition("key=")[2], message["text"]["content"])
        self._say(200, json.dumps(self.server.answer or answer).encode())

    def be_hang(self, body):
        """Say nothing."""
        self.server.over.wait()

    def be_drip(self, body):
        """A good answer, byte by byte."""
        answer = b'{"errcode": 0}'
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer):
            self.wfile.write(bytes([byte]))
            if self.server.over.wait(self.server.drip):
                return

    def be_garbage(self, body):
        """A page of a portal in between."""
        self._say(200, b"<html>\xff\xfe welcome</html>")

    def be_redirect(self, body):
        """Somewhere else, on the same host even."""
        self.send_response(307 if self.server.raw else 302)
        self.send_header("Location", self.server.url())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def be_broken(self, body):
        """The server's own trouble."""
        self._say(500, b'{"errcode": 0}')

    def be_gone(self, body):
        """No such page."""
        self._say(404, b'{"errcode": 0}')

    def be_close(self, body):
        """Hang up."""
        self.close_connection = True

    def be_flood(self, body):
        """Ten megabytes, and a success at their end."""
        self._say(200, b" " * FLOOD + b'{"errcode": 0}')

    def be_raw(self, body):
        """Whatever the test says."""
        self.wfile.write(self.server.raw)

    def _say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def running(folder, *names):
    """A server in a thread, on a free port, with a certificate for these names."""
    server = RobotServer(folder, *names)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
