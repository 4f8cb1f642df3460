"""`make load`: a town at work for five minutes, on the shipped server; counted afterwards.

    python -m tests.bench.load [seconds]

200 riders report with a photo, 20 grid workers work through the queue, 500 people want the same
100 places at one moment, 500 read the station's page and the list of activities. Nothing may be
lost, doubled or answered by a 5xx; what each page took, and what each process held at most, is
printed.
"""

import json
import os
import random
import re
import sys
import threading
import time
from collections import defaultdict

import django
import psutil
from django.conf import settings

from tests.bench.page_forms import forms

SIZE = 1000  # cases that the town begins with
READER_PAUSE, RIDER_PAUSE, WORKER_PAUSE = 30, 60, 8  # seconds, on average
BOUNDARY = "a-boundary-of-ours"
LOOKED_AT = 5  # cases that a grid worker opens at most before one is to be taken on


class Seen:
    """What all visitors met, together."""

    def __init__(self):
        self.lock = threading.Lock()
        self.spans, self.bad, self.keys = defaultdict(list), [], []
        self.moved = 0

    def note(self, name, answer):
        """Keep how long it took; say whether it was no failure of the server's."""
        with self.lock:
            self.spans[name].append(answer.ms)
            if answer.status >= 500:
                self.bad.append((name, answer.status))
        return answer.status < 400

    def table(self):
        """A line for each kind of request: number, median, 95 of 100, the slowest."""
        for name, spans in sorted(self.spans.items()):
            spans.sort()
            at = (len(spans) // 2, int(0.95 * (len(spans) - 1)), -1)
            median, p95, slowest = (f"{spans[index]:.0f}" for index in at)
            yield f"| {name} | {len(spans)} | {median} | {p95} | {slowest} |"


def multipart(fields, photo):
    """The body of a form with one photo."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="photos"; filename="a.jpg"'
    parts.append(f"--{BOUNDARY}\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\n".encode())
    return b"".join([*parts, photo, f"\r\n--{BOUNDARY}--\r\n".encode()])


def value_of(page, name):
    """What a hidden field of a page holds."""
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def rider(visitor, seen, photo):
    """A report with a photo, and its receipt."""
    answer = visitor.get("/hazards/report/")
    if not seen.note("report form", answer):
        return
    key = value_of(answer.text, "submission_key")
    fields = {
        "csrfmiddlewaretoken": value_of(answer.text, "csrfmiddlewaretoken"),
        "submission_key": key,
        "category": "manhole",
        "place": "南六街",
        "latitude": f"{46.54 + random.random() / 100:.6f}",
        "longitude": f"{124.86 + random.random() / 100:.6f}",
        "accuracy": "12",
    }
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    sent = visitor.post("/hazards/report/", {}, multipart(fields, photo), Content_Type=kind)
    if seen.note("report with photo", sent) and sent.status == 302:
        with seen.lock:
            seen.keys.append(key)
        seen.note("receipt", visitor.get(sent.headers["location"]))


def worker(visitor, seen):
    """The queue, and one of its cases taken on: of a few, the first that nobody has yet."""
    queue = visitor.get("/hazards/queue/")
    if not seen.note("queue", queue):
        return
    rows = re.findall(r'class="case-row" href="([^"]+)"', queue.text)
    for row in random.sample(rows, min(len(rows), LOOKED_AT)):
        case = visitor.get(row, HX_Request="true")
        if not seen.note("case in queue", case):
            return
        found = [form for form in forms(case.text).items() if "/accept/" in form[0]]
        if found:
            address, fields = found[0]
            moved = visitor.post(address, fields, HX_Request="true")
            if seen.note("accept", moved) and moved.status == 200:
                with seen.lock:
                    seen.moved += 1
            return


def reader(visitor, seen):
    """The station's page, or what is on."""
    path = random.choice(("/stations/qingxiaoyi/", "/volunteers/"))
    seen.note(path, visitor.get(path))


def racer(visitor, seen, session, activity, start):
    """One of the hundred places, at the same moment as everybody."""
    page = visitor.get(f"/volunteers/activities/{activity}/")
    token = value_of(page.text, "csrfmiddlewaretoken")
    time.sleep(max(start - time.monotonic(), 0))
    fields = {"csrfmiddlewaretoken": token, "seen": "0"}
    path = f"/volunteers/sessions/{session}/sign-up/"
    seen.note("sign up", visitor.post(path, fields, HX_Request="true"))


def until(deadline, pause, act):
    """Act again and again, with pauses as people make them."""
    time.sleep(random.random() * pause)
    while time.monotonic() < deadline:
        act()
        # Nobody is waited for who would come back after the end.
        left = max(deadline - time.monotonic(), 0)
        time.sleep(min(random.expovariate(1 / pause), left))


class Memory(threading.Thread):
    """The most that each process of a server held, in MB: resident, and its share of it."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most = pid, {}
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(2):
            for process in psutil.Process(self.pid).children(recursive=True):
                try:
                    held = process.memory_full_info()
                except psutil.NoSuchProcess:
                    continue
                rss, pss = held.rss / 1e6, held.pss / 1e6
                old = self.most.get(process.pid, (0, 0))
                self.most[process.pid] = (max(old[0], rss), max(old[1], pss))


def run(port, crew, seconds, photo, seen):
    """Everybody at once, until the time is over; how long the sign-ups took."""
    from tests.bench.visit import Visitor

    deadline = time.monotonic() + seconds
    start = time.monotonic() + seconds / 2

    def person(session, pause, act, *more):
        visitor = Visitor(port, session)
        return threading.Thread(
            target=until, args=(deadline, pause, lambda: act(visitor, seen, *more)), daemon=True
        )

    threads = [person(key, RIDER_PAUSE, rider, photo) for key in crew["riders"]]
    threads += [person(key, WORKER_PAUSE, worker) for key in crew["grid_workers"]]
    threads += [person("", READER_PAUSE, reader) for _n in range(500)]
    racers = [
        threading.Thread(
            target=racer,
            args=(Visitor(port, key), seen, crew["race"], crew["activity"], start),
            daemon=True,
        )
        for key in crew["racers"]
    ]
    for thread in threads:
        thread.start()
    time.sleep(max(start - 20 - time.monotonic(), 0))
    for thread in racers:
        thread.start()
    for thread in racers:
        thread.join()
    took = time.monotonic() - start
    for thread in threads:
        thread.join(120)
    return took


COUNTED = """
SELECT (SELECT count(*) FROM hazards_hazard WHERE id > {last}),
  (SELECT count(*) FROM hazards_hazard WHERE submission_key = ANY('{{{keys}}}')),
  (SELECT count(*) FROM hazards_hazardphoto p JOIN hazards_hazard h ON h.id = p.hazard_id
    WHERE h.submission_key = ANY('{{{keys}}}')),
  (SELECT count(*) FROM hazards_step WHERE verb = 'accept' AND at > now() - interval '{seconds} s'),
  (SELECT string_agg(n::text, '/' ORDER BY state) FROM (SELECT state, count(*) AS n
    FROM volunteers_signup WHERE session_id = {race} GROUP BY state) AS s)
"""


def main(seconds):
    from tests import media
    from tests.bench import serve
    from tests.bench.cities import City, asked

    server = serve.database_server()
    city, seen = City(server, SIZE), Seen()
    note = serve.VAR / "crew.json"
    serve.manage(city.env, "-m", "tests.bench.crew", str(note))
    crew, photo = json.loads(note.read_text()), media.jpeg(1600, 1200)
    with city.web() as (port, pid):
        memory = Memory(pid)
        memory.start()
        took = run(port, crew, seconds, photo, seen)
        memory.ended.set()
        memory.join()
    print("| request | number | median ms | p95 | slowest |\n|---|---|---|---|---|")
    print("\n".join(seen.table()))
    keys, last, race = ",".join(seen.keys), crew["last_case"], crew["race"]
    query = COUNTED.format(last=last, keys=keys, race=race, seconds=seconds + 130)
    cases, kept, photos, accepted, places = asked(server, city.name, query)
    print(f"\n500 sign-ups in {took:.1f} s; confirmed/waiting: {places}")
    print(f"acknowledged reports: {len(seen.keys)}, stored: {kept}, with photos: {photos};")
    print(f"cases made: {cases}; taken on: {seen.moved} answered, {accepted} stored")
    held = ", ".join(f"{rss:.0f} ({pss:.0f})" for rss, pss in memory.most.values())
    print(f"most MB of each process, and its share: {held}; 5xx: {len(seen.bad)} {seen.bad[:5]}")
    wrong = (
        seen.bad
        or kept != len(seen.keys)
        or photos != kept
        or cases < kept
        or places != "100/400"
        or accepted < seen.moved
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    django.setup()
    os.chdir(settings.BASE_DIR)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
