"""Whoever uses the site while it is killed: by HTTP alone, and as stubborn as the page's script."""

import contextlib
import hashlib
import http.client
import random
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from tests import media
from tests.bench.page_forms import forms

BOUNDARY = "a-boundary-of-ours"
ANSWER_SECONDS = 30
# The script waits 5, 15, 30 seconds and more; here everything is ten times as fast.
PAUSES = (0.5, 1.5, 3.0)
LAST_TRIES_SECONDS = 180  # after the last kill


@dataclass
class Seen:
    """What everybody met, together. `refused` are answers that nobody should get."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)
    keys: list = field(default_factory=list)  # of all that was ever sent
    receipts: dict = field(default_factory=dict)  # key -> {token, digest}
    statuses: Counter = field(default_factory=Counter)
    refused: list = field(default_factory=list)
    accepted: int = 0
    feeds_ended: int = 0

    def count(self, status, where):
        """Note an answer; a failure of ours is none of those that are promised."""
        with self.lock:
            self.statuses[status] += 1
            if status >= 500 and status != 503:
                self.refused.append(f"{where}: {status}")


class Browser:
    """Cookies, and a connection for each request."""

    def __init__(self, port, seen, session=""):
        self.port, self.seen = port, seen
        self.cookies = {"yuanhang_session": session} if session else {}

    def ask(self, path, body=None, **headers):
        """(status, headers, page), or None where the line broke."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        with contextlib.closing(line):
            try:
                line.request("GET" if body is None else "POST", path, body, headers)
                answer = line.getresponse()
                page = answer.read().decode(errors="replace")
            except (OSError, http.client.HTTPException):
                return None
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.seen.count(answer.status, path)
        return answer.status, answer.headers, page

    def post(self, path, fields, photo=None, **headers):
        """A form, as a browser sends it."""
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.ask(path, multipart(fields, photo), Content_Type=kind, **headers)

    def token(self, path):
        """A fresh one of a page's form; None where there is no page."""
        answer = self.ask(path)
        found = answer and re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer[2])
        return found[1] if found else None


def multipart(fields, photo):
    """The body of a form: its end stands last, so that a broken one is known."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    if photo:
        parts.append(('name="photos"; filename="a.jpg"\r\nContent-Type: image/jpeg', photo))
        parts = [('name="body_start"', b"1"), *parts, ('name="body_end"', b"1")]
    lines = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
        for head, value in parts
    ]
    return b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


class Person(threading.Thread):
    """Acts until the storm is over."""

    pause = 4.0  # seconds between two acts, on average

    def __init__(self, number, port, seen, session=""):
        super().__init__(daemon=True)
        self.seen, self.browser = seen, Browser(port, seen, session)
        self.rng = random.Random(number)

    def run(self):
        """One act after the other, with pauses."""
        while not self.seen.over.wait(self.rng.expovariate(1 / self.pause)):
            self.act()
        self.leave()

    def act(self):
        """What this person does."""

    def leave(self):
        """The last thing."""

    def until_done(self, attempt):
        """Try again and again, as the script does, some minutes beyond the storm."""
        tries, deadline = 0, None
        while not attempt():
            if self.seen.over.is_set():
                deadline = deadline or time.monotonic() + LAST_TRIES_SECONDS
                if time.monotonic() > deadline:
                    return
            time.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1


class Rider(Person):
    """Reports with a photo until there is a receipt, always under the same key."""

    grids = 1

    def act(self):
        key, colour = str(uuid.uuid4()), tuple(self.rng.randrange(256) for _n in range(3))
        photo = media.jpeg(160, 120, colour)
        longitude = 124.505 + 0.01 * self.rng.randint(1, self.grids)
        fields = {
            "submission_key": key,
            "category": "manhole",
            "description": f"井盖翘起来了 {key[:8]}",
            "latitude": "46.545",
            "longitude": f"{longitude:.6f}",
            "accuracy": "12",
        }
        if "yuanhang_session" not in self.browser.cookies:
            fields["contact_phone"] = f"1000{self.rng.randrange(10**7):07d}"
        with self.seen.lock:
            self.seen.keys.append(key)
        self.until_done(lambda: self.send(fields, photo))

    def send(self, fields, photo):
        """Whether there is a receipt now."""
        token = self.browser.token("/hazards/report/")
        if token is None:
            return False
        answer = self.browser.post(
            "/hazards/report/", {"csrfmiddlewaretoken": token, **fields}, photo
        )
        if answer is None:
            return False
        status, headers, page = answer
        where = re.fullmatch(r"/hazards/receipt/([^/]+)/", headers.get("Location", ""))
        if status == 302 and where:
            digest = hashlib.sha256(hashlib.sha256(photo).hexdigest().encode()).hexdigest()
            with self.seen.lock:
                self.seen.receipts[fields["submission_key"]] = {
                    "token": where[1],
                    "digest": digest,
                }
            return True
        if status < 500:
            errors = re.findall(r"<li>([^<]+)</li>", page)[:2]
            with self.seen.lock:
                self.seen.refused.append(f"report: {status} {errors}")
        return False


class GridWorker(Person):
    """Takes cases on; somebody else may be faster."""

    def act(self):
        queue = self.browser.ask("/hazards/queue/")
        rows = re.findall(r'class="case-row" href="([^"]+)"', queue[2]) if queue else []
        # The first one may be somebody's by now, and stay so.
        case = self.browser.ask(random.choice(rows), HX_Request="true") if rows else None
        offered = forms(case[2]).items() if case and case[0] == 200 else ()
        for address, fields in offered:
            if "/accept/" in address:
                sent = {name: str(value) for name, value in fields.items()}
                answer = self.browser.post(address, sent, HX_Request="true")
                if answer and answer[0] == 200:
                    with self.seen.lock:
                        self.seen.accepted += 1
                return


class Reader(Person):
    """Makes a calendar address and ends it, which erases it; the end is meant."""

    def act(self):
        self.browser.post("/volunteers/mine/calendar/", self.fields())
        self.until_done(self.end_feed)

    leave = act

    def fields(self, **more):
        """The form's token and what is sent with it."""
        return {"csrfmiddlewaretoken": self.browser.token("/volunteers/mine/") or "", **more}

    def end_feed(self):
        """Whether the page said so."""
        answer = self.browser.post("/volunteers/mine/calendar/", self.fields(end="1"))
        done = bool(answer) and answer[0] == 302 and "/mine/" in answer[1]["Location"]
        with self.seen.lock:
            self.seen.feeds_ended += done
        return done
