"""Writing at once: reports of one subdistrict, and sign-ups for one session, beside a bare row.

    python -m tests.bench.writes [seconds]

`CLIENTS` people send as fast as they are answered, all into one subdistrict, whose numbers are
given out one after the other; a bare POST of one row through the same server is the floor. Then 500
people want the same hundred places at one moment. What was stored is counted afterwards.
"""

import json
import os
import socket
import sys
import threading
import time
import uuid
from urllib.parse import urlencode

import django
from django.conf import settings

SIZE = 1000  # cases that the city begins with
CLIENTS = 16
ROUNDS = 3  # in turn, so that whoever else works on this machine slows down both


class Sender:
    """A kept connection that spends as little as it can: it shares the cores with the server."""

    def __init__(self, port, session="", token=""):
        self.port, self.token = port, token or "a" * 32
        self._connect()
        cookies = f"csrftoken={self.token}; yuanhang_session={session}"
        self.head = f"Host: localhost\r\nCookie: {cookies}\r\n".encode()

    def _connect(self):
        self.socket, self.rest = socket.create_connection(("localhost", self.port)), b""

    def post(self, path, more="", **fields):
        """The status and where it leads to."""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields}).encode()
        kind = "application/x-www-form-urlencoded"
        head = f"POST {path} HTTP/1.1\r\n{more}Content-Type: {kind}\r\nContent-Length: {len(body)}"
        self.socket.sendall(head.encode() + b"\r\n" + self.head + b"\r\n" + body)
        return self._answer()

    def _answer(self):
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size = int(names.get(b"content-length", 0))
        while len(self.rest) < size:
            self._more()
        self.rest = self.rest[size:]
        if names.get(b"connection") == b"close":
            self.socket.close()
            self._connect()
        return int(head.split()[1])

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server hung up")
        self.rest += piece


def rate(senders, seconds, send):
    """(Answers a second, their spans in ms) of all senders at once; none may be refused."""
    deadline, spans, wrong = time.perf_counter() + seconds, [], []

    def work(sender):
        while (began := time.perf_counter()) < deadline:
            status = send(sender)
            spans.append(1000 * (time.perf_counter() - began))
            if status not in (204, 302):
                wrong.append(status)

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} answers were {set(wrong)}")
    return len(spans) / (time.perf_counter() - began), spans


def report(grid):
    """One that sends a report of this grid, in words alone."""
    fields = {"category": "manhole", "description": "井盖翘起来了，晚上看不见", "grid": grid}
    return lambda sender: sender.post("/hazards/report/", submission_key=uuid.uuid4(), **fields)


def bare(sender):
    """One row, with the same middleware."""
    return sender.post("/bench/row/", name=uuid.uuid4().hex)


def race(port, crew):
    """How many sign-ups a second, and their spans."""
    path = f"/volunteers/sessions/{crew['race']}/sign-up/"
    senders, spans = [Sender(port, key) for key in crew["racers"]], []
    start = threading.Barrier(len(senders) + 1)

    def work(sender):
        start.wait()
        began = time.perf_counter()
        status = sender.post(path, more="HX-Request: true\r\n", seen="0")
        spans.append(1000 * (time.perf_counter() - began))
        if status != 200:
            raise RuntimeError(f"a sign-up was answered {status}")

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(spans) / (time.perf_counter() - began), spans


def said(what, found):
    """A line of the table."""
    a_second, spans = found
    spans = sorted(spans)
    median, late = spans[len(spans) // 2], spans[int(0.95 * (len(spans) - 1))]
    print(f"| {what} | {len(spans)} | {a_second:.0f} | {median:.0f} | {late:.0f} |", flush=True)
    return a_second


STORED = """
SELECT (SELECT count(*) FROM hazards_hazard WHERE id > {last}),
  (SELECT count(DISTINCT number) FROM hazards_hazard WHERE id > {last}),
  (SELECT last FROM hazards_numbercounter ORDER BY day DESC, last DESC LIMIT 1),
  (SELECT string_agg(n::text, '/' ORDER BY state) FROM (SELECT state, count(*) AS n
    FROM volunteers_signup WHERE session_id = {race} GROUP BY state) AS s)
"""


def main(seconds):
    from tests.bench import serve
    from tests.bench.cities import City, asked

    server = serve.database_server()
    city = City(server, SIZE)
    note = serve.VAR / "crew.json"
    serve.manage(city.env, "-m", "tests.bench.crew", str(note))
    crew = json.loads(note.read_text())
    send, floor = report(crew["grid"]), []
    print("| what | sent | a second | median ms | p95 |\n|---|---|---|---|---|")
    with city.web() as (port, _pid):
        senders = [Sender(port) for _n in range(CLIENTS)]
        for warm_up in (bare, send):
            rate(senders, 2, warm_up)
        for _round in range(ROUNDS):
            floor.append(said("a bare row", rate(senders, seconds, bare)))
            made = said(f"reports, {CLIENTS} clients", rate(senders, seconds, send))
            print(f"a report is {floor[-1] / made:.2f} bare rows")
        if "ONLY_REPORTS" not in os.environ:
            said("sign-ups, 500 at once", race(port, crew))
    query = STORED.format(last=crew["last_case"], race=crew["race"])
    cases, numbers, last, places = asked(server, city.name, query)
    print(f"cases {cases}, numbers {numbers}, last number {last}; confirmed/waiting {places}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    django.setup()
    os.chdir(settings.BASE_DIR)
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
