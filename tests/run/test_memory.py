"""MB that a web process holds: at rest, while eight riders send large photos, and afterwards."""

import http.client
import re
import threading
import time
import uuid
from contextlib import closing

import psutil
import pytest
from django.test.client import encode_multipart

from hazards.cases.models.attachments import HazardPhoto
from tests.media import huge_jpeg
from tests.served import unweighed, web

pytestmark = [
    pytest.mark.xdist_group("quickstart"),
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
]
AT_REST, AT_MOST, AFTERWARDS = 80, 150, 90
RIDERS, PHOTOS = 8, 2
PAGES = ("/", "/hazards/report/", "/hazards/fixed/", "/volunteers/", "/accounts/login/")
BOUNDARY = "edge-of-a-part"


def held(process):
    """MB in memory of a process."""
    return process.memory_info().rss / 2**20


def get(port, path):
    with closing(http.client.HTTPConnection("localhost", port, timeout=60)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
    assert answer.status == 200, path
    return answer, text


def send(port, photo, sent):
    """A report with large photos, as a phone sends it."""
    answer, page = get(port, "/hazards/report/")
    fields = {
        "csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1],
        "submission_key": str(uuid.uuid4()),
        "category": "ice",
        "description": "冰面很滑",
    }
    body = encode_multipart(BOUNDARY, fields).removesuffix(f"--{BOUNDARY}--\r\n".encode())
    for number in range(PHOTOS):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos";'
        head += f' filename="{number}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        body += head.encode() + photo + b"\r\n"
    body += f"--{BOUNDARY}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Cookie": answer.headers["Set-Cookie"].split(";")[0],
    }
    with closing(http.client.HTTPConnection("localhost", port, timeout=120)) as connection:
        connection.request("POST", "/hazards/report/", body, headers)
        sent.append(connection.getresponse().status)


class Watch(threading.Thread):
    """The most that some processes hold while it looks."""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self.processes, self.most, self.over = processes, 0.0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, *map(held, self.processes))

    def end(self):
        self.over.set()
        self.join()
        return self.most


def test_a_web_process_stays_small_while_large_photos_arrive(town, tmp_path):
    photo = huge_jpeg(7216, 5412)
    environment = unweighed(tmp_path / "var")
    environment.pop("COVERAGE_PROCESS_CONFIG", None)  # which holds seven more
    with web(environment, processes=2) as (port, parent):
        children = [one for one in psutil.Process(parent.pid).children() if "web" in one.cmdline()]
        for path in PAGES * 4:
            get(port, path)
        resting = max(map(held, children))
        watch, sent = Watch(children), []
        riders = [threading.Thread(target=send, args=(port, photo, sent)) for _ in range(RIDERS)]
        for rider in riders:
            rider.start()
        for rider in riders:
            rider.join()
        most = watch.end()
        time.sleep(1)
        after = max(map(held, children))
    assert sent == [302] * RIDERS
    assert HazardPhoto.objects.count() == RIDERS * PHOTOS
    found = f"{resting:.1f} at rest, {most:.1f} at most, {after:.1f} afterwards"
    assert all((resting <= AT_REST, most <= AT_MOST, after <= AFTERWARDS)), found
