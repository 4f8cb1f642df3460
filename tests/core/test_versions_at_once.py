"""Two people answer one page in the same instant: one is stored, the other is told."""

import re
import threading

import pytest
from django.test import Client

from hazards.cases import cases, corrections
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import advance, report, stored_photo
from tests.factories.volunteers import ActivityFactory, held, riders
from tests.factories.workers import UserFactory
from tests.threads import meet, together
from tests.volunteers.record.test_attendance import form_of, url
from volunteers.record import attendance
from yuanhang.core import versions
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.versions import VersionedAnswerMixin

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def sent_at_once(user, address, *answers):
    """The status codes, in order, of two windows that show the same page and send together."""
    clients = []
    for _answer in answers:
        client = Client()
        client.force_login(user)
        clients.append(client)
    page = clients[0].get(address).content.decode()
    version = {versions.NAME: re.search(r'name="form_version" value="(\w+)"', page)[1]}
    found = together(
        *(
            lambda client=client, answer=answer: client.post(address, version | answer)
            for client, answer in zip(clients, answers, strict=True)
        )
    )
    return sorted(answer.status_code for answer in found)


@pytest.fixture
def unheld(monkeypatch):
    """Both have compared before either stores."""
    barrier, real = threading.Barrier(2), VersionedAnswerMixin.clean

    def clean(self):
        cleaned = real(self)
        barrier.wait(timeout=20)
        return cleaned

    monkeypatch.setattr(versions, "hold", lambda *_: None)
    monkeypatch.setattr(VersionedAnswerMixin, "clean", clean)


def roster_corrected(town):
    people, leader = riders(1), UserFactory()
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    place = held(activity, people, leader=leader)
    attendance.settle_session(place, by=leader, marks={}, extras=[])
    key = f"u{people[0].pk}"
    sent = form_of(place) | {"correct": "1", "reason": "看错了"}
    late = sent | {f"kind-{key}": "late", f"minutes-{key}": "40"}
    absent = sent | {f"kind-{key}": "absent"}
    return sent_at_once(leader, url(place), late, absent)


def test_a_roster(town):
    assert roster_corrected(town) == [302, 400]


def test_without_the_lock_the_second_roster_would_undo_the_first(town, unheld):
    assert roster_corrected(town) == [302, 302]


def covered(town):
    photo = stored_photo(media.jpeg(60, 40))
    case = report(town.six, attachments=Attachments(photos=[photo]))
    case = advance(case, "fixed", reviewer=town.grid_worker, officer=town.officer)
    address = f"{case.get_absolute_url()}photos/{case.photos.first().pk}/public/"
    sent = {"action": "publish", "looked": "on"}
    box = {"left": "10", "top": "20", "width": "30", "height": "40"}
    return sent_at_once(town.grid_worker, address, sent | box, sent)


def test_a_covered_picture(town):
    assert covered(town) == [302, 400]


def test_without_the_lock_the_second_would_uncover_it(town, unheld):
    assert covered(town) == [302, 302]


CORRECTIONS = {
    "reprioritise": lambda town, case, n: {"urgency": (1, 4)[n]},
    "reassign": lambda town, case, n: {
        "community": town.community,
        "grid": (town.one, None)[n],
    },
}


def corrected(town, monkeypatch, verb):
    case = report(town.six)
    meet(monkeypatch, corrections, "move", after=False)
    rows = [Hazard.objects.get(pk=case.pk) for _n in range(2)]
    answers = together(
        *(
            lambda row=row, n=n: cases.VERBS[verb](
                row, by=town.grid_worker, reason="看过了", **CORRECTIONS[verb](town, case, n)
            )
            for n, row in enumerate(rows)
        )
    )
    return [answer for answer in answers if isinstance(answer, Exception)]


@pytest.mark.parametrize("verb", CORRECTIONS)
def test_a_correction(town, monkeypatch, verb):
    [refused] = corrected(town, monkeypatch, verb)
    assert isinstance(refused, NotAllowedNowError)
    assert "就在刚才" in str(refused.message)


@pytest.mark.parametrize("verb", CORRECTIONS)
def test_without_the_look_the_second_correction_would_undo_the_first(town, monkeypatch, verb):
    monkeypatch.setattr(corrections, "_as_seen", lambda *_: None)
    assert corrected(town, monkeypatch, verb) == []
