"""Records page by page: every row is reached once, at the same price, whatever the key says."""

import itertools
from functools import partial

import pytest
from django.urls import reverse

from tests.factories.volunteers import ActivityFactory, SkillFactory, held
from tests.factories.workers import WorkerFactory
from tests.volunteers.record.test_service_records import by_hand
from volunteers.record import attendance, certificates, commendations, service_records
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills.models import Course, Qualification
from yuanhang.core.paging import encode_cursor

RECORD, DESK = reverse("volunteers:record"), reverse("volunteers:records")


def trained(town, count):
    """So many trainings that the rider came to, three on each day."""
    course = Course.objects.create(title="灭火", skill=SkillFactory())
    talk = ActivityFactory(
        community=town.community, organiser=town.staff, kind="training", course=course
    )
    for index in range(count):
        place = held(talk, [town.rider], days=1 + index // 3)
        attendance.settle_session(place, by=town.staff)


def everything(town, colleague, count):
    """So many rows in each list of the rider's record and of the desk."""
    trained(town, count)
    for index in range(count):
        by_hand(town, days=index // 3)
        commendations.commend(town.rider, kind="award", text=f"好 {index}", by=town.staff)
        other = WorkerFactory(community=town.community).user
        service_records.answer_entry(by_hand(town, user=other), by=colleague, is_accepted=True)
        certificates.request(other, community=town.community)
        service_records.answer_entry(
            by_hand(town, minutes=index + 1), by=colleague, is_accepted=True
        )
        asked = certificates.request(town.rider, community=town.community)
        certificates.issue(asked, by=town.staff, person_in_charge="主任", contact="0459-0000000")


@pytest.mark.parametrize("count", [1, 120])
def test_pages_cost_the_same_for_one_and_for_many(
    visit,
    town,
    colleague,
    django_assert_num_queries,
    count,
):
    everything(town, colleague, count)
    client = visit(town.rider)
    with django_assert_num_queries(13):
        client.get(RECORD)
    client = visit(colleague)
    with django_assert_num_queries(14):
        client.get(reverse("volunteers:person", args=[town.rider.pk]))
    with django_assert_num_queries(6):
        assert client.get(DESK).status_code == 200


def walked(client, address, name, rows_of, key_of):
    """The keys of all rows on all pages of one list, in the order shown."""
    found, query = [], {}
    while True:
        page = client.get(address, query)
        rows = rows_of(page.context)
        assert rows
        found += [row.pk for row in rows]
        following = key_of(page.context)
        if not following:
            return found
        shown = page.content.decode()
        assert f'href="?{name}={following}' in shown
        query = {name: following}


LISTS = ("entries", "trainings", "qualifications", "certificates", "words")


def list_of(context, name):
    """A list's page on a record."""
    return getattr(context["lists"], name)


def test_every_row_of_a_record_is_reached_once(visit, town, colleague):
    everything(town, colleague, 65)
    person, client = town.rider, visit(town.rider)
    rows = {
        "entries": person.service_records.order_by("-on", "-pk"),
        "trainings": TrainingRecord.objects.filter(user=person).order_by("-on", "-pk"),
        "qualifications": Qualification.objects.filter(user=person).order_by("-since", "-pk"),
        "certificates": person.certificate_holdings.order_by("-certificate"),
        "words": person.commendations.order_by("-pk"),
    }
    assert rows.keys() == set(LISTS)
    for name in LISTS:
        page = partial(list_of, name=name)
        found = walked(
            client, RECORD, name, lambda c, p=page: p(c).rows, lambda c, p=page: p(c).following
        )
        column = "certificate" if name == "certificates" else "pk"
        expected = list(rows[name].values_list(column, flat=True))
        assert len(expected) >= 65, name
        assert found == expected, name


def test_every_row_of_the_desk_is_reached_oldest_first(visit, town, colleague):
    everything(town, colleague, 120)
    client = visit(colleague)
    late = walked(
        client,
        DESK,
        "entries",
        lambda c: [card.entry for card in c["entries"]],
        lambda c: c["more_entries"],
    )
    assert late == list(
        town.rider.service_records.pending().order_by("pk").values_list("pk", flat=True)
    )
    asked = walked(
        client,
        DESK,
        "requests",
        lambda c: [card.request for card in c["requests"]],
        lambda c: c["more_requests"],
    )
    assert len(asked) == 120
    assert asked == sorted(asked)


NONSENSE = [
    "x",
    "%00",
    "\x00",
    "W" * 500,
    encode_cursor([]),
    encode_cursor({"a": 1}),
    encode_cursor([None]),
    encode_cursor([{}]),
    encode_cursor(["x"]),
    encode_cursor([-1]),
    encode_cursor([2**63]),
    encode_cursor([float("inf")]),
    encode_cursor([float("nan")]),
    encode_cursor([None, None]),
    encode_cursor([1, 1]),
    encode_cursor(["2026-99-99", 1]),
    encode_cursor(["2026-11-01", "x"]),
    encode_cursor(["2026-11-01", 2**63]),
    encode_cursor(["2026-11-01", -1]),
]


def test_bad_keys_give_the_first_page(visit, town, colleague):
    everything(town, colleague, 2)
    client = visit(town.rider)
    for key, name in itertools.product(NONSENSE, LISTS):
        context = client.get(RECORD, {name: key}).context
        assert len(list_of(context, name).rows) >= 2, (name, key)
    client = visit(colleague)
    for key, name in itertools.product(NONSENSE, ("requests", "entries")):
        assert len(client.get(DESK, {name: key}).context[name]) == 2, (name, key)


def test_an_answer_leads_back_to_the_same_page_of_the_desk(visit, town, colleague):
    entries = [by_hand(town) for _ in range(52)]
    client = visit(colleague)
    following = client.get(DESK).context["more_entries"]
    here = f"{DESK}?entries={following}"
    page = client.get(here).content.decode()
    for entry in entries[50:]:
        url = reverse("volunteers:record-answer", args=[entry.pk]) + f"?entries={following}"
        assert f'action="{url}"' in page
        answer = client.post(url, {"answer": "yes"})
        assert (answer.status_code, answer.url) == (302, here)
    # Behind the last row nothing is left, and the first page is shown again.
    again = client.get(here)
    assert [card.entry for card in again.context["entries"]] == entries[:50]
    assert "没有要确认的" not in again.content.decode()


def test_what_was_refused_stands_at_its_row_with_what_was_typed(visit, town, colleague):
    everything(town, colleague, 2)
    client = visit(colleague)
    _first, second = client.get(DESK).context["requests"]
    url = reverse("volunteers:request-answer", args=[second.request.pk])
    answer = client.post(url, {"person_in_charge": "主任甲", "contact": "", "remarks": "急用"})
    assert answer.status_code == 400
    cards = answer.content.decode().split('<article class="card desk-card">')
    assert 'role="alert"' not in cards[0] + cards[1]
    assert (
        f'<a href="#id_contact_certificaterequest_{second.request.pk}">联系电话</a>：这一项要填。'
        in cards[2]
    )
    for typed in ("主任甲", "急用"):
        assert f'value="{typed}"' in cards[2]
    # Somebody was faster: the row is gone, and the page says so on top.
    sent = {"person_in_charge": "主任", "contact": "1"}
    assert client.post(url, sent).status_code == 302
    again = client.post(url, sent)
    assert again.status_code == 409
    assert "已被他人处理" in again.content.decode().split('<article class="card desk-card">')[0]


def test_a_page_of_words_without_one_kind_does_not_say_there_is_none(visit, town):
    commendations.commend(town.rider, kind="evaluation", text="热心", by=town.staff)
    client = visit(town.rider)
    assert "这一页没有" not in client.get(RECORD).content.decode()
    for _ in range(30):
        commendations.commend(town.rider, kind="award", text="好", by=town.staff)
    page = client.get(RECORD)
    assert "这一页没有" in page.content.decode()
    older = client.get(RECORD, {"words": page.context["lists"].words.following})
    assert "热心" in older.content.decode()
