"""Two at once: one success and one explanation; each with a control that shows the guard."""

import uuid

import pytest
from django.db import IntegrityError
from django.test import Client

from stations.complaints import complaints
from stations.complaints.models import Complaint, ComplaintSlip
from tests.factories.complaints import complain
from tests.threads import at_once, meet, together, without_row_locks
from yuanhang.core import locked_transitions

pytestmark = pytest.mark.django_db(transaction=True)


def answering(user, complaint, text):
    """Staff press 答复; logged in before the race."""
    client = Client(raise_request_exception=False)
    client.force_login(user)

    def press():
        answer = client.post(complaint.get_absolute_url(), {"act": "answer", "answer": text})
        return answer.status_code, answer.content.decode()

    return press


def answer_both(town, monkeypatch):
    complaint = complain(town.community)[0].complaint
    meet(monkeypatch, locked_transitions, "lock_row", after=False)
    got = together(
        answering(town.staff, complaint, "周五换灯"), answering(town.admin, complaint, "不换灯")
    )
    return sorted(got), Complaint.objects.get(pk=complaint.pk)


def test_of_two_who_answer_at_once_one_does_and_one_hears_so(town, monkeypatch):
    ((one, _words), (other, words)), complaint = answer_both(town, monkeypatch)
    assert (one, other) == (302, 409)
    assert "已被他人处理，现在是「已答复」。" in words
    assert complaint.answer in words
    # What the slower one typed is still there.
    assert "周五换灯" in words
    assert "不换灯" in words


def test_without_the_lock_the_second_answer_overwrites_the_first(town, monkeypatch):
    without_row_locks(monkeypatch)
    meet(monkeypatch, locked_transitions, "lock_row")
    complaint = complain(town.community)[0].complaint
    got = together(
        answering(town.staff, complaint, "周五换灯"), answering(town.admin, complaint, "不换灯")
    )
    assert [status for status, _words in got] == [302, 302]


def test_one_sending_that_comes_twice_at_once_is_one(town, monkeypatch):
    key = uuid.uuid4()
    meet(monkeypatch, complaints, "_stored", after=False)
    got = at_once(lambda: complain(town.community, text="灯暗", key=key))
    assert sorted(is_new for _slip, is_new in got) == [False, True]
    assert len({slip.pk for slip, _new in got}) == 1
    assert ComplaintSlip.objects.count() == 1
    assert Complaint.objects.get().times == 1


def test_the_keys_own_constraint_is_what_makes_it_one(town, monkeypatch):
    """Keys that differ are two sendings; the same words all the same are one matter."""
    meet(monkeypatch, complaints, "_stored", after=False)
    got = at_once(lambda: complain(town.community, text="灯暗"))
    assert [is_new for _slip, is_new in got] == [True, True]
    assert ComplaintSlip.objects.count() == 2
    assert Complaint.objects.get().times == 2


def test_the_database_refuses_a_second_matter_in_the_same_words(town):
    one = complain(town.community, text="灯暗")[0].complaint
    one.pk = None
    with pytest.raises(IntegrityError, match="complaint_waits_once"):
        one.save(force_insert=True)


def test_reminded_twice_at_once_the_readers_hear_once(town, monkeypatch):
    one = complain(town.community)[0].complaint
    got = at_once(lambda: complaints.remind(one.due_on))
    assert sorted(got) == [(0, 0), (1, 0)]
