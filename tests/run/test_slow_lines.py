"""Riders on a weak line, and whoever only pretends to be one, stop nobody else.

Fifty clients drip their headers and fifty their photos, one byte in three seconds. Servers with a
thread for a connection are full with eight of them: gunicorn's gthread answered nobody here.
"""

import http.client
import re
import signal
import socket
import threading
import time
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction

from hazards.cases.models.hazards import Hazard
from tests.served import unweighed, web
from yuanhang.run.web_server import BODY_SECONDS, HEADERS_SECONDS, Patience

pytestmark = [
    pytest.mark.xdist_group("quickstart"),
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
]
DRIPPING = 50
ANSWER_SECONDS = 1.0
HEADERS = b"POST /hazards/report/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
WHOLE = HEADERS + b"application/x-www-form-urlencoded\r\nContent-Length: 5000000\r\n\r\ncategory="


class Drip:
    """Connections that send a byte in three seconds each, from a thread of their own."""

    def __init__(self, port, beginning):
        self.sockets = [socket.create_connection(("localhost", port)) for _n in range(DRIPPING)]
        for one in self.sockets:
            one.sendall(beginning)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._drip, daemon=True)
        self.thread.start()

    def _drip(self):
        turn = 0
        while not self.ended.wait(1):
            for one in self.sockets[turn % 3 :: 3]:
                one.sendall(b"x")
            turn += 1

    def end(self):
        self.ended.set()
        self.thread.join()
        for one in self.sockets:
            one.close()


@pytest.fixture
def served(town, tmp_path):
    """(port, process) of the shipped server."""
    with web(unweighed(tmp_path)) as found:
        yield found


def asked(port, method, path, body=None, **headers):
    """(status, headers, text, seconds)."""
    began = time.monotonic()
    line = http.client.HTTPConnection("localhost", port, timeout=20)
    line.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, answer.headers, text, time.monotonic() - began


def send_report(port):
    """A report as the form sends it; its status and seconds."""
    _status, headers, page, _seconds = asked(port, "GET", "/hazards/report/")
    cookie = re.search(r"csrftoken=\w+", headers["Set-Cookie"])[0]
    fields = {"category": "manhole", "description": "井盖翘起来了", "place": "南六街"}
    for name in ("csrfmiddlewaretoken", "submission_key"):
        fields[name] = re.search(rf'name="{name}" value="([^"]+)"', page)[1]
    kind = "application/x-www-form-urlencoded"
    body = urlencode(fields)
    status, _headers, text, seconds = asked(
        port, "POST", "/hazards/report/", body, Cookie=cookie, Content_Type=kind
    )
    return status, seconds, text


def test_a_hundred_slow_clients_hold_up_nobody(served):
    port, _process = served
    send_report(port)  # everything is loaded by now
    drips = [Drip(port, HEADERS), Drip(port, WHOLE)]
    try:
        time.sleep(3.5)  # each of them has dripped at least once
        for _time in range(3):
            status, _headers, _text, seconds = asked(port, "GET", "/")
            assert (status, seconds < ANSWER_SECONDS) == (200, True)
            status, seconds, text = send_report(port)
            assert (status, seconds < ANSWER_SECONDS) == (302, True), text[:2000]
    finally:
        for drip in drips:
            drip.end()
    assert Hazard.objects.count() == 4


def test_what_has_begun_is_answered_before_the_end(served):
    port, process = served
    send_report(port)
    found = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE hazards_hazard IN ACCESS EXCLUSIVE MODE")

        def ask():
            found.append(asked(port, "GET", "/hazards/fixed/"))

        waits = threading.Thread(target=ask)
        waits.start()
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        # Nobody new is let in meanwhile.
        with pytest.raises(ConnectionRefusedError):
            asked(port, "GET", "/healthz")
        assert not found
    waits.join(20)
    assert found[0][0] == 200
    assert process.wait(20) == 0


def test_a_request_that_never_ends_is_ended(settings):
    def channel(*, headers_finished):
        request = SimpleNamespace(headers_finished=headers_finished)
        return SimpleNamespace(request=request, will_close=False)

    asks, sends, rests = (
        channel(headers_finished=False),
        channel(headers_finished=True),
        SimpleNamespace(request=None, will_close=False),
    )
    patience = Patience(SimpleNamespace(active_channels={1: asks, 2: sends, 3: rests}))
    for now, closed in (
        (100, (False, False)),
        (100 + HEADERS_SECONDS, (False, False)),
        (106 + HEADERS_SECONDS, (True, False)),
        (100 + BODY_SECONDS, (True, False)),
        (106 + BODY_SECONDS, (True, True)),
    ):
        patience.look(now)
        assert (asks.will_close, sends.will_close) == closed
    assert not rests.will_close
    # The next request on a kept connection has its own time.
    sends.will_close, sends.request = False, SimpleNamespace(headers_finished=False)
    patience.look(200 + BODY_SECONDS)
    patience.look(206 + BODY_SECONDS)
    assert not sends.will_close
