"""One browser's worth of HTTP: a kept connection, a session cookie, and how long answers took."""

import gzip
import http.client
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many milliseconds."""

    status: int
    headers: dict
    body: bytes
    ms: float

    @property
    def text(self):
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Visitor:
    """Somebody with a session, on a connection that is kept."""

    def __init__(self, port, session=""):
        self.port, self.cookies = port, {}
        if session:
            self.cookies["yuanhang_session"] = session
        self.connection = http.client.HTTPConnection("localhost", port, timeout=60)

    def get(self, path, **headers):
        """An answer to GET."""
        return self._ask("GET", path, None, headers)

    def post(self, path, fields, body=None, **headers):
        """An answer to POST: of fields, or of a body that somebody else built."""
        if body is None:
            fields = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
            body = urlencode(fields).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self._ask("POST", path, body, headers)

    def _ask(self, method, path, body, headers):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie, "Accept-Encoding": "gzip", **headers}
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        except (http.client.HTTPException, OSError):
            # A kept connection may have been closed meanwhile.
            self.connection.close()
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        content = response.read()
        ms = 1000 * (time.perf_counter() - began)
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, content, ms)


def look(visitor, path, *, plans=False, **headers):
    """A page's number of queries, its bytes, and how its questions were answered."""
    answer = visitor.get(path, X_Bench="plans" if plans else "count", **headers)
    if answer.status not in (200, 204):
        raise RuntimeError(f"{path} answered {answer.status}")
    found = json.loads(answer.headers.get("x-plans", "{}"))
    return int(answer.headers["x-queries"]), len(answer.body), found
