"""Two people at the same instant, and a database that goes away: real threads, real connections.

Each race has a negative control that takes the guard away and shows that the race is there.
"""

import re
import threading
import time
import uuid
from contextlib import suppress

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from hazards.cases import notifications, reports
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard, HazardQuerySet
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.models.steps import Step
from hazards.catalogue.models import Category, StandardCase
from hazards.sightings import sightings
from hazards.sightings.models import Sighting
from tests import media
from tests.factories.hazards import advance, form, report, standard, upload
from tests.factories.workers import UserFactory, post
from tests.threads import PATIENCE, at_once
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

URL = "/hazards/report/"


@pytest.fixture(scope="module", autouse=True)
def _rows_for_whoever_comes_next(django_db_setup, django_db_blocker):
    """These tests empty all tables behind them; put the migrations' rows back at the end."""
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)


def test_the_rows_of_the_migrations_are_there_in_every_test_of_this_file(db):
    assert Category.objects.count() == 12
    assert StandardCase.objects.count() == 57


# --- the same report twice at once ----------------------------------------------------------


def send_twice_at_once(data):
    """The answers to one form from two connections."""

    def send():
        return Client().post(URL, data)

    return at_once(send)


def gather(monkeypatch, times=2):
    """Both senders have found no earlier report before either inserts one."""
    real, barrier = NumberCounter.next_number, threading.Barrier(times)

    def together(*arguments):
        barrier.wait(timeout=PATIENCE)
        return real(*arguments)

    monkeypatch.setattr(NumberCounter, "next_number", together)


def test_one_form_sent_twice_at_the_same_instant_makes_one_case(town, monkeypatch, stored_files):
    gather(monkeypatch)
    data = form(description="井盖", grid=town.six.pk)
    answers = send_twice_at_once(data)
    hazard = Hazard.objects.get()
    assert [(a.status_code, a.url) for a in answers] == [(302, hazard.get_receipt_url())] * 2
    assert Step.objects.count() == AuditEvent.objects.count() == Notice.objects.count() == 1
    assert NumberCounter.objects.get().last == 1


def test_the_loser_of_that_race_leaves_no_files(town, monkeypatch, stored_files):
    gather(monkeypatch)
    key, photo = uuid.uuid4(), media.jpeg(60, 40)

    def send():
        data = {"submission_key": str(key), "photos": upload(photo)}
        return Client().post(URL, data)

    answers = at_once(send)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert HazardPhoto.objects.count() == 1
    assert len(stored_files()) == 2


def unique_on_the_key():
    """The name of the constraint that guards the key."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Hazard._meta.db_table)
    (name,) = [
        name
        for name, about in found.items()
        if about["unique"] and about["columns"] == ["submission_key"]
    ]
    return name


def test_without_the_unique_key_that_race_makes_two_cases(town, monkeypatch):
    gather(monkeypatch)
    table, name = Hazard._meta.db_table, unique_on_the_key()
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        try:
            send_twice_at_once(form(description="井盖", grid=town.six.pk))
            assert Hazard.objects.count() == 2
        finally:
            Step.objects.all().delete()
            Hazard.objects.all().delete()
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" UNIQUE (submission_key)')


# --- two grid workers press the same button -------------------------------------------------


@pytest.fixture
def slow_save(monkeypatch):
    """Between reading a case and writing it there is time for somebody else."""
    real = Hazard.save

    def save(self, *args, **kwargs):
        time.sleep(0.4)
        return real(self, *args, **kwargs)

    def patch():
        monkeypatch.setattr(Hazard, "save", save)

    return patch


def press_at_once(hazard, people, slug, data):
    """The sorted statuses and the answers of several people pressing one button."""
    clients = []
    for person in people:
        client = Client()
        client.force_login(person)
        clients.append(client)
    url = reverse("hazards:move", args=[hazard.number, slug])
    answers = at_once(lambda: clients.pop().post(url, data), len(people))
    return sorted(answers, key=lambda answer: answer.status_code)


@pytest.fixture
def pair(town):
    """Two people who hold grid six."""
    second = UserFactory()
    post(second, "part_time_grid_worker", town.six)
    return [town.grid_worker, second]


def test_two_accept_at_once_and_one_is_told_somebody_was_faster(town, pair, slow_save):
    hazard = report(town.six, by=town.rider)
    slow_save()
    data = {"standard_case": standard().pk, "urgency": "2"}
    done, late = press_at_once(hazard, pair, "accept", data)
    assert (done.status_code, late.status_code) == (302, 409)
    assert "已被他人处理，现在是「已受理」。" in late.content.decode()
    verbs = list(hazard.steps.values_list("verb", flat=True))
    assert verbs == ["submit", "accept"]
    assert AuditEvent.objects.filter(kind="hazards.accept").count() == 1
    assert list(town.rider.notices.values_list("kind", flat=True)) == ["hazards.accept"]


def test_without_the_row_lock_both_would_accept(town, pair, slow_save, monkeypatch):
    hazard = report(town.six, by=town.rider)
    slow_save()
    monkeypatch.setattr(HazardQuerySet, "select_for_update", lambda self, **options: self)
    data = {"standard_case": standard().pk, "urgency": "2"}
    answers = press_at_once(hazard, pair, "accept", data)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert list(hazard.steps.values_list("verb", flat=True)) == ["submit", "accept", "accept"]


def test_accepting_and_rejecting_at_once_has_one_winner(town, pair, slow_save):
    hazard = report(town.six, by=town.rider)
    slow_save()
    clients = []
    fields = {
        "accept": {"standard_case": standard().pk, "urgency": "2"},
        "reject": {"reason": "否"},
    }
    for person, (slug, data) in zip(pair, fields.items(), strict=True):
        client = Client()
        client.force_login(person)
        clients.append((client, reverse("hazards:move", args=[hazard.number, slug]), data))

    def press():
        client, url, data = clients.pop()
        return client.post(url, data).status_code

    assert sorted(at_once(press)) == [302, 409]
    hazard.refresh_from_db()
    (last,) = hazard.steps.exclude(verb="submit")
    assert {"accept": "accepted", "reject": "rejected"}[last.verb] == hazard.state


def test_the_reporter_withdraws_while_it_is_accepted(town, slow_save):
    """Through the receipt, without an account; whoever is later reads what happened."""
    hazard = report(town.six)
    slow_save()
    worker = Client()
    worker.force_login(town.grid_worker)
    jobs = [
        (Client(), f"{hazard.get_receipt_url()}withdraw/", {}),
        (
            worker,
            f"{hazard.get_absolute_url()}accept/",
            {"standard_case": standard().pk, "urgency": "2"},
        ),
    ]

    def press():
        client, url, data = jobs.pop()
        return client.post(url, data)

    answers = sorted(at_once(press), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "已被他人处理" in answers[1].content.decode()
    assert hazard.steps.count() == 2


# --- numbers --------------------------------------------------------------------------------


def report_or_fail(town, monkeypatch):
    """A function that reports three times and fails once in between."""
    real = notifications.notify_step

    def tell(hazard, step):
        if hazard.description == "break":
            raise RuntimeError("after the number was taken")
        real(hazard, step)

    monkeypatch.setattr(notifications, "notify_step", tell)

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
        real, left = notifications.notify_step, [times]

        def tell(hazard, step):
            real(hazard, step)
            if left[0]:
                left[0] -= 1
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        monkeypatch.setattr(notifications, "notify_step", tell)

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


def meet(monkeypatch, patience=1):
    """Both threads have written before either counts; one held back is waited for `patience` s."""
    barrier, real = threading.Barrier(2), Sighting.save

    def save(word, *args, **kwargs):
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=patience)
        real(word, *args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=patience)

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
        meet(monkeypatch, patience=PATIENCE)
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
