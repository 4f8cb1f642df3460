"""Races for numbers, a database that goes away in the middle, and passers-by at once."""

import re
import threading

import pytest
from django.db import IntegrityError, OperationalError, connection

from hazards.cases import notifications, reports
from hazards.cases.models.hazards import Hazard, HazardQuerySet
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.models.steps import Step
from hazards.sightings import sightings
from hazards.sightings.models import Sighting
from tests import media
from tests.factories.hazards import advance, form, report, upload
from tests.factories.workers import UserFactory
from tests.hazards.cases.races_help import URL
from tests.threads import PATIENCE, Meeting, at_once
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


@pytest.fixture(scope="module", autouse=True)
def _rows_for_whoever_comes_next(django_db_setup, django_db_blocker):
    """These tests empty all tables behind them; put the migrations' rows back at the end."""
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)


pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


# --- numbers --------------------------------------------------------------------------------


def report_or_fail(town, monkeypatch):
    """A function that reports three times and fails once in between."""
    real = notifications.announce_submission

    def tell(hazard, step, chats):
        if hazard.description == "break":
            raise RuntimeError("after the number was taken")
        real(hazard, step, chats)

    monkeypatch.setattr(notifications, "announce_submission", tell)

    def work():
        numbers = [report(town.six).number]
        with pytest.raises(RuntimeError):
            report(town.six, description="break")
        return numbers + [report(town.six).number for _ in range(2)]

    return work


def test_numbers_are_unique_and_gapless_under_eight_threads(town, monkeypatch):
    given = at_once(report_or_fail(town, monkeypatch), 8)
    assert all(isinstance(numbers, list) for numbers in given), given
    numbers = sorted(number for numbers in given for number in numbers)
    assert [number[-4:] for number in numbers] == [f"{n:04d}" for n in range(1, 25)]
    assert NumberCounter.objects.get().last == 24


def test_counting_the_cases_instead_would_give_a_number_twice(town, monkeypatch):
    barrier = threading.Barrier(2)

    def count(_subdistrict, _moment):
        number = f"YH20261123-{Hazard.objects.count() + 1:04d}"
        barrier.wait(timeout=PATIENCE)
        return number

    monkeypatch.setattr(NumberCounter, "next_number", count)
    results = at_once(lambda: report(town.six).number)
    assert {type(result) for result in results} == {str, IntegrityError}


# --- the database goes away in the middle ---------------------------------------------------


@pytest.fixture
def cut(monkeypatch):
    """`cut(2)`: the next two submissions lose their connection after everything was written."""

    def patch(times):
        real, left = notifications.announce_submission, [times]

        def tell(hazard, step, chats):
            real(hazard, step, chats)
            if left[0]:
                left[0] -= 1
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        monkeypatch.setattr(notifications, "announce_submission", tell)

    return patch


def test_the_cut_really_cuts(town, cut):
    """Negative control: without a second try the report is lost, and its transaction with it."""
    cut(1)
    with pytest.raises(OperationalError):
        report(town.six)
    connection.close()
    assert Hazard.objects.count() == 0


@pytest.mark.parametrize("role", [None, "rider"])
def test_one_lost_connection_is_nobodys_business(client, visit, town, cut, stored_files, role):
    visit(getattr(town, role or "", None))
    cut(1)
    data = form(
        description="井盖",
        grid=town.six.pk,
        photos=[upload(media.jpeg(60, 40)), upload(media.jpeg(80, 40))],
        voice=upload(media.wav(1.0), "note.wav", "audio/wav"),
    )
    response = client.post(URL, data)
    hazard = Hazard.objects.get()
    assert (response.status_code, response.url) == (302, hazard.get_receipt_url())
    assert hazard.reporter == getattr(town, role or "", None)
    assert list(hazard.photos.values_list("width", flat=True)) == [60, 80]
    assert hazard.voices.count() == 1
    assert len(stored_files()) == 5  # two photos with thumbnails, one note; none of the first try
    assert hazard.number.endswith("-0001")
    assert Step.objects.count() == Notice.objects.count() == AuditEvent.objects.count() == 1


def hidden_fields(page):
    """Name and value of what the page keeps."""
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    kept.pop("csrfmiddlewaretoken", None)
    words = re.search(r'<textarea[^>]*name="description"[^>]*>\n([^<]*)</textarea>', page)
    return kept | {"description": words[1]}


@pytest.mark.logs_errors
def test_an_outage_keeps_the_words_and_the_key(client, town, cut, stored_files):
    cut(2)
    words = form(
        description="井盖 & 路沿", place="南六街", grid=str(town.six.pk), contact_name="路人甲"
    )
    response = client.post(URL, words | {"photos": upload(media.jpeg(60, 40))})
    page = response.content.decode()
    assert response.status_code == 503
    assert "系统刚才断了一下，还没发出去。" in page
    kept = hidden_fields(page)
    whole = {"body_start": "1", "body_end": "1"}
    assert kept == words | whole | {"description": "井盖 &amp; 路沿"}
    counts = [m.objects.count() for m in (Hazard, Step, Notice, AuditEvent, NumberCounter)]
    assert counts == [0] * 5
    assert stored_files() == []
    # Sent again from that page, the very report arrives, once.
    again = client.post(URL, kept | {"description": "井盖 & 路沿"})
    hazard = Hazard.objects.get()
    assert again.url == hazard.get_receipt_url()
    assert str(hazard.submission_key) == words["submission_key"]
    assert (hazard.place, hazard.contact_name) == ("南六街", "路人甲")


def test_a_report_that_got_through_before_the_line_went_dead_is_not_sent_twice(
    client, town, monkeypatch
):
    """The connection dies after the commit: the second try finds the case by its key."""
    real, left = reports.submit, [1]

    def submit(**fields):
        result = real(**fields)
        if left[0]:
            left[0] -= 1
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return result

    monkeypatch.setattr(reports, "submit", submit)
    response = client.post(URL, form(description="井盖"))
    assert response.url == Hazard.objects.get().get_receipt_url()
    assert NumberCounter.objects.get().last == 1


# --- passers-by at once ---------------------------------------------------------------------


def drop_the_constraint():
    with connection.cursor() as cursor:
        table = Sighting._meta.db_table
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "sighting_one_voice"')


def put_the_constraint_back():
    Sighting.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {Sighting._meta.db_table} ADD CONSTRAINT sighting_one_voice "
            "UNIQUE (hazard_id, reopened, after_closing, by_id)"
        )


def voices():
    return list(Sighting.objects.values_list("by", "says"))


def told_again():
    return Notice.objects.filter(kind="hazards.staff_still_there")


def closed_case(town):
    return advance(report(town.six), "closed", reviewer=town.grid_worker, officer=town.officer)


@pytest.fixture
def unlocked(monkeypatch):
    """The case's row is read without holding it."""
    monkeypatch.setattr(HazardQuerySet, "select_for_update", lambda self, **options: self)


def meet(monkeypatch):
    """Both threads have written before either counts, unless one is held back."""
    meeting, real = Meeting(), Sighting.save

    def save(word, *args, **kwargs):
        meeting.wait()
        real(word, *args, **kwargs)
        meeting.wait()

    monkeypatch.setattr(Sighting, "save", save)


def say_at_once(hazard, people):
    waiting = list(people)  # a list's pop is atomic

    def say():
        return sightings.create(hazard, by=waiting.pop(), says="still")

    return at_once(say)


def test_two_taps_of_one_person_at_once_are_one_voice(town, monkeypatch):
    meet(monkeypatch)
    words = say_at_once(report(town.six), [town.stranger] * 2)
    assert [type(word) for word in words] == [Sighting] * 2
    assert voices() == [(town.stranger.pk, "still")]
    assert AuditEvent.objects.filter(kind="hazards.say").count() == 1


def test_without_the_lock_the_second_of_them_fails(town, monkeypatch, unlocked):
    meet(monkeypatch)
    words = say_at_once(report(town.six), [town.stranger] * 2)
    assert {type(word) for word in words} == {Sighting, IntegrityError}
    assert voices() == [(town.stranger.pk, "still")]


def test_without_lock_and_constraint_one_person_has_two_voices(town, monkeypatch, unlocked):
    drop_the_constraint()
    try:
        meet(monkeypatch)
        say_at_once(report(town.six), [town.stranger] * 2)
        assert voices() == [(town.stranger.pk, "still")] * 2
    finally:
        put_the_constraint_back()


def test_two_people_at_once_send_exactly_one_notice(town, monkeypatch):
    meet(monkeypatch)
    words = say_at_once(closed_case(town), [town.stranger, UserFactory()])
    assert [type(word) for word in words] == [Sighting] * 2
    assert told_again().count() == 1


def test_without_the_lock_neither_of_them_is_heard(town, monkeypatch, unlocked):
    barrier, real = threading.Barrier(2), sightings.tally

    def tally(case):
        barrier.wait(timeout=PATIENCE)  # both have written
        counted = real(case)
        barrier.wait(timeout=PATIENCE)  # and neither has committed before the other counted
        return counted

    monkeypatch.setattr(sightings, "tally", tally)
    say_at_once(closed_case(town), [town.stranger, UserFactory()])
    assert Sighting.objects.count() == 2
    assert not told_again().exists()
