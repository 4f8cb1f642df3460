"""The database away or frozen, through the web server as it is shipped."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import NoReverseMatch, reverse

from hazards.reporting import views
from tests.permission_table import GET
from tests.run.test_quickstart import free_port
from tests.served import copy_tables
from yuanhang.core import outage
from yuanhang.postgres.server import get_server

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
pytestmark = [pytest.mark.xdist_group("quickstart"), pytest.mark.enable_socket]


class Web:
    """The shipped WSGI application in a server process of its own."""

    def __init__(self, folder, **environment):
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        own = {"YUANHANG_ENV": "test", "VAR_DIR": str(folder), "DEMO": "0"}
        own |= {"PORT": str(self.port), "WEB_PROCESSES": "1"}
        command = [sys.executable, "manage.py", "web"]
        self.log = (folder / "web.log").open("w")
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=kept | own | environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.is_healthy():
            assert time.monotonic() < deadline, (folder / "web.log").read_text()
            time.sleep(0.1)

    def is_healthy(self):
        with contextlib.suppress(OSError):
            return self.ask("/healthz")[0] == 200

    def ask(self, path, data=None, headers=None):
        """(status, headers, page, seconds)."""
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        body = urllib.parse.urlencode(data, doseq=True) if data is not None else None
        form = {"Content-Type": "application/x-www-form-urlencoded"} if data is not None else {}
        line.request("POST" if body is not None else "GET", path, body, form | (headers or {}))
        answer = line.getresponse()
        page = answer.read().decode(errors="replace")
        line.close()
        return answer.status, answer.headers, page, time.monotonic() - began

    def end(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


@pytest.fixture
def serve(tmp_path):
    made = []

    def start(**environment):
        made.append(Web(tmp_path, **environment))
        return made[-1]

    yield start
    for web in made:
        web.end()


def addresses():
    """Every address of the product that needs no row's name."""
    for name in GET:
        with contextlib.suppress(NoReverseMatch):
            yield reverse(name)


def says_whom_to_call(answer):
    status, headers, page, _seconds = answer
    assert (status, headers["Retry-After"]) == (503, "10")
    assert headers["Content-Type"].startswith("text/html")
    assert "系统暂时连不上" in page
    assert re.findall(r'href="tel:(\d+)"', page) == ["119", "110", "120"]
    return page


def test_a_database_that_is_away(serve):
    web = serve(DATABASE_URL=f"postgres://nobody:none@127.0.0.1:{free_port()}/none")
    cookie = {"Cookie": f"yuanhang_session={'abcd' * 8}"}  # so somebody is looked for
    found = {path: web.ask(path, headers=cookie) for path in addresses()}
    asked = {path: answer for path, answer in found.items() if answer[0] == 503}
    assert {"/", "/hazards/report/", "/hazards/queue/", "/volunteers/", "/me/"} <= (asked.keys())
    for path, answer in asked.items():
        if path != "/readyz":
            says_whom_to_call(answer)
    # The others need no row, or take no GET.
    others = {answer[0] for path, answer in found.items() if path not in asked}
    assert others <= {200, 302, 405}
    assert max(answer[3] for answer in found.values()) < 5
    assert web.ask("/healthz")[:1] == (200,)
    assert web.ask("/readyz")[0] == 503


def read_until_the_server_dies():
    """A choice is read by a cursor on the server; that it cannot be closed only psycopg2 says."""
    connection.ensure_connection()
    reading = connection.chunked_cursor()
    reading.execute("SELECT generate_series(1, 9)")
    own = connection.connection.get_backend_pid()
    with psycopg2.connect(connection.connection.dsn) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    other.close()
    reading.close()


def wait_until_the_server_dies():
    """A backend that is killed says nothing any more, and psycopg2 no more than "an error"."""
    cause = psycopg2.DatabaseError("server closed the connection unexpectedly")
    raise DatabaseError(str(cause)) from cause


@pytest.mark.logs_errors
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies", [read_until_the_server_dies, wait_until_the_server_dies])
def test_a_server_that_dies_in_the_middle_is_an_outage(client, monkeypatch, dies):
    monkeypatch.setattr(views, "_form_page", lambda request, form: dies())
    answer = client.get("/hazards/report/")
    connection.close()
    assert answer.status_code == 503
    assert "系统暂时连不上" in answer.content.decode()


def test_a_database_that_refuses_is_no_outage(db):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        connection.cursor().execute("SELECT nothing FROM nowhere")
    assert not outage.is_away(refused.value)


@pytest.fixture
def frozen_server(db):
    """A real PostgreSQL of its own with all tables, and a way to freeze and thaw it."""
    folder = Path(tempfile.mkdtemp(prefix="yh-"))  # sockets want a short path
    server = get_server(folder / "test-postgres", durable=False)
    server.hold()
    copy_tables(server)
    yield server, folder
    server.release()
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def processes_of(server):
    """The postmaster and all its children."""
    master = int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [master, *map(int, children)]


def signal_all(processes, number):
    """Some may have ended by themselves meanwhile, such as a vacuum that was done."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def test_a_database_that_is_frozen(serve, frozen_server):
    server, folder = frozen_server
    web = serve(VAR_DIR=str(folder))
    status, headers, page, _seconds = web.ask("/hazards/report/")
    assert status == 200
    cookie = headers["Set-Cookie"].split(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    origin = f"http://127.0.0.1:{web.port}"
    stopped = processes_of(server)
    signal_all(stopped, signal.SIGSTOP)
    try:
        first = web.ask("/")
        says_whom_to_call(first)
        assert first[3] < 12
        for path in ("/", "/hazards/report/", "/volunteers/"):
            answer = web.ask(path)
            says_whom_to_call(answer)
            assert answer[3] < 1  # it rests: nobody waits for it again
        status, _headers, _page, seconds = web.ask("/healthz")
        assert (status, seconds < 1) == (200, True)
        sent = {"csrfmiddlewaretoken": token, "number": "YH20261127-0001", "code": "井盖翘起来了"}
        answer = web.ask("/hazards/lookup/", sent, {"Cookie": cookie, "Origin": origin})
        page = says_whom_to_call(answer)
        assert '<input type="hidden" name="number" value="YH20261127-0001">' in page
        assert '<input type="hidden" name="code" value="井盖翘起来了">' in page
        assert "<blockquote>井盖翘起来了</blockquote>" in page
        words = {"csrfmiddlewaretoken": token, "description": "路灯不亮", "body_start": "1"}
        own = web.ask("/hazards/report/", words, {"Cookie": cookie, "Origin": origin})
        assert own[0] == 503
        assert "路灯不亮" in own[2]
        assert 'name="photos"' in own[2]  # which the report's own page lets choose again
        assert own[3] < 1
        foreign = web.ask("/hazards/lookup/", sent, {"Cookie": cookie, "Origin": "https://x.test"})
        assert "井盖" not in says_whom_to_call(foreign)
    finally:
        signal_all(stopped, signal.SIGCONT)
    deadline = time.monotonic() + 20
    while web.ask("/")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
