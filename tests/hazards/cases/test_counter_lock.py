"""What stands behind the day's counter: two questions and the commit, whatever a report brings."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hazards.cases import notifications, reports
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.search_terms import search_terms
from hazards.catalogue.models import Category
from tests.factories.hazards import form
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

URL = "/hazards/report/"
SAID = {"description": "井盖翘起来了", "category": "manhole"}
COUNTER = f'INSERT INTO "{NumberCounter._meta.db_table}"'
ALL, BEHIND = 4, 1  # questions of a report in words, and those after the counter's


def questions(client, town):
    """The statements of a report whose answers of staff's tables are kept already."""
    data = SAID | {"grid": town.six.pk}
    client.post(URL, form(**data))
    with CaptureQueriesContext(connection) as seen:
        assert client.post(URL, form(**data)).status_code == 302
    found = [one["sql"] for one in seen.captured_queries]
    return [sql for sql in found if "SAVEPOINT" not in sql]


def behind_the_counter(found):
    (at,) = [number for number, sql in enumerate(found) if sql.startswith(COUNTER)]
    return found[at + 1 :]


@pytest.mark.django_db
def test_a_report_in_words_asks_little_and_next_to_nothing_under_the_lock(client, town):
    found = questions(client, town)
    assert len(found) == ALL
    assert len(behind_the_counter(found)) == BEHIND
    # All tables of it in one: the case, its step, its event, its notice.
    assert behind_the_counter(found)[0].count("INSERT INTO") == 4


@pytest.mark.django_db
def test_what_is_asked_under_the_lock_would_be_seen(client, town, monkeypatch):
    """The control: somebody looks for the reviewers once the number is given out."""
    real = notifications.announce_submission

    def late(hazard, step, chats):
        notifications.reviewers_of(hazard)
        real(hazard, step, chats)

    monkeypatch.setattr(notifications, "announce_submission", late)
    assert len(behind_the_counter(questions(client, town))) > BEHIND


@pytest.mark.django_db
def test_what_was_worded_before_the_number_says_it_everywhere(client, town):
    client.post(URL, form(**SAID, grid=town.six.pk, place="南六街"))
    case = Hazard.objects.get()
    assert case.number.endswith("-0001")
    assert case.search == search_terms(case.number, "南六街", "井盖翘起来了")
    told = Notice.objects.get(recipient=town.grid_worker)
    assert (told.url, case.number in told.body) == (case.get_absolute_url(), True)
    assert told.key == f"hazard:{case.pk}:{case.steps.get().pk}"
    event = AuditEvent.objects.get(kind="hazards.submit")
    assert (event.target_id, event.actor_role) == (str(case.pk), "guest")
    for row in (case, told):
        assert reports.NOT_YET not in str(vars(row))


@pytest.mark.django_db
def test_the_row_in_the_hand_is_the_row_in_the_table(town):
    category = Category.objects.get(key="manhole")
    key = uuid.uuid4()
    made, _new = reports.submit(by=town.rider, submission_key=key, category=category)
    stored = Hazard.objects.get()
    fields = [field.attname for field in Hazard._meta.concrete_fields]
    assert {name: getattr(made, name) for name in fields} == {
        name: getattr(stored, name) for name in fields
    }
