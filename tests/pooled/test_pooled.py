"""DB_POOLED=1: the product behind a PgBouncer in transaction mode, and what must not be used."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.factories.hazards import report
from tests.pooled import bouncer
from tests.rooms import ROOT
from tests.run.test_queues import queues, until
from yuanhang.core import jobs
from yuanhang.core.outbox.models import Delivery, Notice

pytestmark = [pytest.mark.xdist_group("quickstart"), pytest.mark.enable_socket]

# A page, the export and two at once, each as a browser asks for it.
VISIT = """
import sys, threading
import django
django.setup()
from django.conf import settings
from django.db import connections
from django.test import Client
from yuanhang.core.models import User

settings.CONTENT_SECURITY_POLICY = {}
user = User.objects.get(pk=sys.argv[1])
failures = []

def visit():
    try:
        client = Client()
        client.force_login(user)
        page = client.get("/hazards/queue/")
        assert page.status_code == 200, page.status_code
        answer = client.get("/hazards/queue/export/")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200 and body[:2] == b"PK", answer.status_code
    except BaseException as error:
        failures.append(repr(error))
    finally:
        connections.close_all()

threads = [threading.Thread(target=visit) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
sys.exit("; ".join(failures) or 0)
"""


@pytest.fixture
def pooled(transactional_db):
    """The address of the test's database through a pooler."""
    bouncer.require()
    with bouncer.running() as address:
        yield address


def look(address, user, **environment):
    kept = {k: v for k, v in os.environ.items() if k != "COVERAGE_PROCESS_CONFIG"}
    own = {"DJANGO_SETTINGS_MODULE": "yuanhang.settings", "YUANHANG_ENV": "test", "DEMO": "0"}
    return subprocess.run(
        [sys.executable, "-c", VISIT, str(user.pk)],
        cwd=ROOT,
        env=kept | own | {"DATABASE_URL": address} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_pages_and_the_export_work_through_a_pooler(pooled, town):
    for number in range(3):
        report(town.six, by=town.rider, place=f"路口 {number}")
    connection.close()
    done = look(pooled, town.grid_worker, DB_POOLED="1")
    assert done.returncode == 0, done.stderr[-2000:]


def test_without_the_setting_the_export_does_not(pooled, town):
    """The control: the pooler is one that lends a connection for a transaction alone."""
    report(town.six, by=town.rider, place="路口")
    connection.close()
    done = look(pooled, town.grid_worker, DB_POOLED="0")
    assert done.returncode == 1
    assert "does not exist" in done.stderr


def test_the_queues_work_through_a_pooler(pooled, tmp_path):
    notice = Notice.objects.create(key="k", kind="core.test", title="题")
    row = Delivery.objects.create(channel="sms", notice=notice, address="10000019999")
    jobs.enqueue("yuanhang.core.outbox.tasks.deliver", row.pk)
    environment = {
        "DATABASE_URL": pooled,
        "DB_POOLED": "1",
        "SMS_GATEWAY": "yuanhang.core.outbox.sms.MemoryGateway",
    }
    with queues(tmp_path, "outside", **environment) as process:
        until(lambda: Delivery.objects.filter(state="sent").exists() or process.poll())
        assert process.poll() is None
        until(lambda: jobs.queue_states()[1].waiting == 0)


# --- what would outlive a transaction -------------------------------------------------------

# Locks and settings of a session, what listens, and what is prepared or made for a while.
OUTLIVES = re.compile(
    r"pg_(?:try_)?advisory_lock|^\s*SET\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)"
    r"|\bSET\s+SESSION\b|\bLISTEN\s|\bUNLISTEN\b"
    r"|\bWITH\s+HOLD\b|^\s*(?:PREPARE|DECLARE)\s|\bTEMP(?:ORARY)?\s+TABLE\b",
)
PACKAGES = ("yuanhang", "stations", "workers", "hazards", "volunteers")
# The one makes the embedded server's database, before there is anything to pool; the other is told
# not to behind a pool (yuanhang/wsgi.py); the third asks the setting itself.
EXCEPT = {
    "yuanhang/postgres/base.py",
    "yuanhang/postgres/bounded_waits.py",
    "yuanhang/core/prepared.py",
}


def outliving(source):
    """Texts in a module that ask the database for what a lent connection cannot keep."""
    return [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and OUTLIVES.search(node.value)
    ]


def test_nothing_leans_on_a_connection_beyond_its_transaction():
    found = {}
    for package in PACKAGES:
        for path in sorted(Path(ROOT, package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            texts = outliving(path.read_text())
            if texts and name not in EXCEPT:
                found[name] = texts
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_lock(1)",
        "SET statement_timeout = 5",
        "LISTEN news",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "PREPARE q AS SELECT 1",
        "CREATE TEMP TABLE t (i int)",
    ],
)
def test_what_would_is_caught(text):
    assert outliving(f"cursor.execute({text!r})") == [text]


@pytest.mark.parametrize(
    "text",
    ["SELECT pg_advisory_xact_lock(1)", "SET LOCAL lock_timeout = 1", "UPDATE t SET a = 1"],
)
def test_what_ends_with_its_transaction_is_not(text):
    assert outliving(f"cursor.execute({text!r})") == []
