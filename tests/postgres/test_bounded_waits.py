"""Waiting for the database with a bound: locks are waited for, silence is not."""

import socket
import threading
import time

import psycopg2
import pytest
from django.db import OperationalError, connection, transaction
from psycopg2 import extensions

from stations.areas.models import Subdistrict
from tests.factories.stations import SubdistrictFactory
from tests.threads import together
from yuanhang.postgres import bounded_waits

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.enable_socket,
]


@pytest.fixture(autouse=True)
def _bounded(transactional_db):
    connection.close()
    bounded_waits.install()
    yield
    connection.close()
    extensions.set_wait_callback(None)  # the tests themselves use COPY


def test_pages_read_as_ever():
    SubdistrictFactory.create_batch(3)
    with transaction.atomic():
        assert len(list(Subdistrict.objects.iterator(chunk_size=2))) == 3
    with transaction.atomic():
        Subdistrict.objects.all().delete()
        transaction.set_rollback(True)
    assert Subdistrict.objects.count() == 3


def test_a_locks_queue_is_waited_for(monkeypatch):
    """Longer than the server may be silent: it is asked, and lives."""
    monkeypatch.setattr(bounded_waits, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(bounded_waits, "ASKED_SECONDS", 0)
    row, held = SubdistrictFactory(), threading.Event()
    asked, real = [], bounded_waits._ask
    monkeypatch.setattr(bounded_waits, "_ask", lambda known: asked.append(1) or real(known))

    def hold():
        with transaction.atomic():
            Subdistrict.objects.select_for_update().get(pk=row.pk)
            held.set()
            time.sleep(1)

    def wait():
        held.wait(timeout=20)
        return Subdistrict.objects.filter(pk=row.pk).update(code="1")

    assert together(hold, wait) == [None, 1]
    assert asked


def test_the_server_itself_ends_what_takes_too_long(monkeypatch):
    monkeypatch.setattr(bounded_waits, "STATEMENT_SECONDS", 0.2)
    bounded_waits.limit_statements(connection)
    with pytest.raises(OperationalError, match="statement timeout"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_a_host_that_takes_the_connection_and_says_nothing(monkeypatch):
    """With libpq's own limit as the control: a callback of ours makes it forget that."""
    monkeypatch.setattr(bounded_waits, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(bounded_waits.FrozenError):
            psycopg2.connect(host="127.0.0.1", port=silent.getsockname()[1], user="x", dbname="x")
        assert time.monotonic() - began < 2
