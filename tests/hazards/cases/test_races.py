"""Two people at the same instant, and a database that goes away: real threads, real connections.

Each race has a negative control that takes the guard away and shows that the race is there.
"""

import threading
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard, HazardQuerySet
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.models.steps import Step
from hazards.catalogue.models import Category, StandardCase
from tests import media
from tests.factories.hazards import form, report, standard, upload
from tests.factories.workers import UserFactory, post
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


def test_the_rows_of_the_migrations_are_there_in_every_test_of_this_file(db):
    assert Category.objects.count() == 13
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
    """Whoever has read a case waits before writing it for the other, who may be held up."""
    real, meeting = Hazard.save, Meeting()

    def save(self, *args, **kwargs):
        meeting.wait()
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
