"""综合救助: neither the words nor who asked are to be found, and keys are changed safely."""

import io
import subprocess

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter

from stations.postings.models import Organisation
from tests.factories.stations import OrganisationFactory
from tests.workers.aid.aid_help import SECRET, client, page, text
from workers.aid import aid, sealing, views
from workers.aid.checks import keys_can_seal
from workers.aid.models import AidNote, AidRequest
from workers.aid.sealing import CannotOpenError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.postgres.cluster import PORT, SUPERUSER, program

# --- nothing leaks --------------------------------------------------------------------------


def everything_that_is_said(asked, desk, worker):
    aid.answer(asked, by=desk.handler, text=f"{SECRET}答")
    aid.add(asked, text=f"{SECRET}补")
    unit = OrganisationFactory(
        subdistrict=worker.community.subdistrict, kind=Organisation.Kind.PARTNER
    )
    aid.propose_referral(asked, by=desk.handler, organisation=unit, text=f"{SECRET}转")
    aid.agree_to_referral(AidRequest.objects.select_related("referred_to").get(pk=asked.pk))
    page(worker.user, "aid:request", asked.number)
    page(desk.handler, "aid:handle", asked.number)


def rows_of_the_database():
    """Every row of every table as text: what a dump holds, sessions and queues included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f"SELECT t::text FROM {name} AS t")  # noqa: S608 - names of ours
            found[name] = "\n".join(row for (row,) in cursor.fetchall())
    return found


def test_no_word_of_it_is_in_any_table(asked, desk, worker):
    everything_that_is_said(asked, desk, worker)
    tables = rows_of_the_database()
    assert [name for name, rows in tables.items() if SECRET in rows] == []
    assert asked.number in tables["workers_aidrequest"]


def test_the_name_behind_it_is_in_none_of_its_tables_notices_or_trail(asked, desk, worker):
    everything_that_is_said(asked, desk, worker)
    user, tables = worker.user, rows_of_the_database()
    for name in ("workers_aidrequest", "workers_aidnote"):
        assert user.phone not in tables[name]
        assert user.display_name not in tables[name]
    row = AidRequest.objects.values().get(pk=asked.pk)
    kept = {name: value for name, value in row.items() if value == user.pk and name != "id"}
    assert kept == {}
    about = AuditEvent.objects.filter(kind__contains="aid") | AuditEvent.objects.filter(
        kind__contains="referral"
    )
    assert about.count() >= 5
    assert not about.filter(actor_id=user.pk).exists()
    assert not Notice.objects.filter(recipient=user, kind__contains="aid").exists()
    handlers = Notice.objects.filter(kind__startswith="workers.aid")
    assert handlers.exists()
    for notice in handlers:
        assert user.display_name not in notice.title + notice.body


@pytest.mark.django_db(transaction=True)
def test_a_dump_made_by_pg_dump_holds_ciphertext(asked, desk, worker):
    everything_that_is_said(asked, desk, worker)
    here = ["-p", PORT, "-U", SUPERUSER, "-h", connection.get_connection_params()["host"]]
    command = [program("pg_dump"), *here, connection.settings_dict["NAME"]]
    dump = subprocess.run(command, capture_output=True, check=True).stdout
    assert asked.number.encode() in dump
    assert SECRET.encode() not in dump


def test_no_error_page_or_report_holds_what_was_posted(desk, worker, monkeypatch, settings):
    settings.DEBUG = False
    caught = {}

    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(sealing, "_keys", broken)
    request = RequestFactory().post(reverse("aid:ask"), {"text": SECRET, "agrees": "on"})
    request.user = worker.user
    request.htmx = False
    try:
        views.ask(request)
    except ZeroDivisionError as error:
        reporter = ExceptionReporter(request, type(error), error, error.__traceback__)
        caught["text"], caught["html"] = (
            reporter.get_traceback_text(),
            reporter.get_traceback_html(),
        )
    assert caught
    assert SECRET not in caught["text"]
    assert SECRET not in caught["html"]


def test_the_look_at_the_report_sees_what_is_not_hidden(worker, settings):
    settings.DEBUG = False
    request = RequestFactory().post("/", {"text": SECRET})
    request.user = worker.user
    reporter = ExceptionReporter(request, ValueError, ValueError(), None)
    assert SECRET in reporter.get_traceback_text()


# --- keys -----------------------------------------------------------------------------------


def test_a_wrong_key_raises_says_so_and_saves_nothing(asked, desk, worker, settings):
    right, before = settings.AID_KEYS, AidRequest.objects.values().get(pk=asked.pk)
    settings.AID_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CannotOpenError):
        aid.read(asked)
    answer = page(desk.handler, "aid:handle", asked.number)
    assert "密钥打不开" in text(answer)
    url = reverse("aid:act", args=[asked.number, "answer"])
    assert client(desk.handler).post(url, {"text": "在吗"}).status_code == 409
    assert not AidNote.objects.exists()
    settings.AID_KEYS = right
    after = AidRequest.objects.values().get(pk=asked.pk)
    assert after == before
    assert aid.read(asked)["text"] == SECRET


def test_keys_are_changed_in_one_command(asked, desk, worker, settings):
    aid.answer(asked, by=desk.handler, text=f"{SECRET}答")
    new = Fernet.generate_key().decode()
    settings.AID_KEYS = [new, *settings.AID_KEYS]
    # The asker finds it before and after.
    assert page(worker.user, "aid:request", asked.number).status_code == 200
    call_command("rotate_aid_keys", stdout=io.StringIO())
    settings.AID_KEYS = [new]
    assert f"{SECRET}答" in text(page(worker.user, "aid:request", asked.number))


def test_what_no_key_opens_stops_the_change_of_keys(asked, settings):
    settings.AID_KEYS = [Fernet.generate_key().decode()]
    before = AidRequest.objects.values().get(pk=asked.pk)
    with pytest.raises(CommandError, match="密钥打不开"):
        call_command("rotate_aid_keys", stdout=io.StringIO())
    assert AidRequest.objects.values().get(pk=asked.pk) == before


def test_a_key_that_is_none_is_noticed_at_the_start(settings):
    assert keys_can_seal() == []
    settings.AID_KEYS = ["password"]
    assert [found.id for found in keys_can_seal()] == ["workers.E001"]
