"""Errands on the way: the lease, and who sees the address when."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories.people import UserFactory, WorkerFactory
from tests.threads import PATIENCE, at_once
from volunteers import workflow
from volunteers.models import Errand, ErrandClaim, ServiceRecord
from volunteers.models.errands import ErrandQuerySet
from yuanhang.core.errors import NotAllowedNow
from yuanhang.core.models import AuditEvent, Notice

SECRETS = ("李奶奶（演示）", "三号楼二单元", "10000009999", "门铃坏了")
URL = "/volunteers/errands/"


def errand(town, **fields):
    """Medicine for somebody in grid six."""
    name, address, phone, note = SECRETS
    facts = {
        "community": town.community,
        "grid": town.six,
        "kind": "medicine",
        "title": "送一趟药",
        "near": "外环路公交站",
        "person_name": name,
        "address": address,
        "phone": phone,
        "note": note,
        "made_by": town.staff,
    }
    return Errand.objects.create(**facts | fields)


def helper(town, **fields):
    """A confirmed rider of the community."""
    user = UserFactory()
    WorkerFactory(user=user, community=town.community, confirmed_at=timezone.now(), **fields)
    return user


def run_out(claim):
    """The half hour is over, and no job has come yet."""
    ago = timezone.now() - timedelta(minutes=31)
    ErrandClaim.objects.filter(pk=claim.pk).update(
        claimed_at=ago, lease_until=timezone.now() - timedelta(seconds=1)
    )


def secrets_in(text):
    return [secret for secret in SECRETS if secret in text]


def act(client, made, verb, **data):
    return client.post(f"{made.get_absolute_url()}{verb}/", data)


# --- the address ------------------------------------------------------------------------------


def test_the_address_shows_to_the_helper_during_the_lease_and_never_after(town, visit):
    made, rider, other = errand(town), helper(town), helper(town)
    client = visit(rider)
    assert not secrets_in(client.get(URL).content.decode())
    assert not secrets_in(client.get(made.get_absolute_url()).content.decode())
    assert act(client, made, "claim").status_code == 302
    page = client.get(made.get_absolute_url())
    assert secrets_in(page.content.decode()) == list(SECRETS)
    assert "no-store" in page["Cache-Control"]
    assert visit(other).get(made.get_absolute_url()).status_code == 404
    claim = ErrandClaim.objects.get()
    run_out(claim)
    assert not secrets_in(visit(rider).get(made.get_absolute_url()).content.decode())
    # Somebody else may take it although no job has come yet.
    assert act(visit(other), made, "claim").status_code == 302
    assert secrets_in(visit(other).get(made.get_absolute_url()).content.decode())
    claim.refresh_from_db()
    assert claim.outcome == "expired"
    assert rider.notices.filter(kind="volunteers.errand_expired").count() == 1


def test_every_look_is_kept_and_nothing_of_it_is_told_elsewhere(town, visit):
    made, rider = errand(town), helper(town)
    client = visit(rider)
    act(client, made, "claim")
    client.get(made.get_absolute_url())
    client.get(made.get_absolute_url())
    seen = AuditEvent.objects.filter(kind="volunteers.errand_address_seen", actor_id=rider.pk)
    assert seen.count() == 2
    act(client, made, "done", note="放门口了")
    act(visit(town.staff), made, "confirm")
    told = " ".join(Notice.objects.values_list("title", flat=True))
    told += " ".join(Notice.objects.values_list("body", flat=True))
    kept = " ".join(
        str(changes) for changes in AuditEvent.objects.values_list("changes", flat=True)
    )
    ledger = " ".join(ServiceRecord.objects.values_list("content", flat=True))
    assert not secrets_in(told + kept + ledger)
    assert not secrets_in(client.get(made.get_absolute_url()).content.decode())


def test_a_week_after_the_end_for_whom_and_where_is_forgotten(town):
    made, rider = errand(town), helper(town)
    claim = workflow.claim_errand(made, by=rider)
    workflow.finish_errand(claim, by=rider)
    workflow.confirm_errand(made, by=town.staff)
    assert workflow.erase_errands(timezone.now() + timedelta(days=6)) == 0
    assert workflow.erase_errands(timezone.now() + timedelta(days=8)) == 1
    made.refresh_from_db()
    assert (made.person_name, made.address, made.phone, made.note) == ("", "", "", "")


# --- the lease --------------------------------------------------------------------------------


def test_done_and_confirmed_the_minutes_are_in_the_ledger_once(town, visit):
    made, rider = errand(town, minutes=20), helper(town)
    act(visit(rider), made, "claim")
    act(visit(rider), made, "done")
    assert town.staff.notices.filter(kind="volunteers.staff_errand_done").count() == 1
    assert act(visit(town.staff), made, "confirm").status_code == 302
    assert act(visit(town.staff), made, "confirm").status_code == 409
    [entry] = ServiceRecord.objects.filter(user=rider)
    assert (entry.minutes, entry.content) == (20, "送药")


def test_nobody_confirms_their_own(town):
    made = errand(town)
    WorkerFactory(user=town.staff, community=town.community, confirmed_at=timezone.now())
    claim = workflow.claim_errand(made, by=town.staff)
    workflow.finish_errand(claim, by=town.staff)
    with pytest.raises(NotAllowedNow, match="别人确认"):
        workflow.confirm_errand(made, by=town.staff)
    made.refresh_from_db()
    assert made.state == Errand.State.DONE


def test_half_an_hour_more_once(town):
    rider = helper(town)
    claim = workflow.claim_errand(errand(town), by=rider)
    longer = workflow.extend_lease(claim, by=rider)
    assert longer.lease_until - claim.lease_until == timedelta(minutes=30)
    with pytest.raises(NotAllowedNow, match="已经延过一次"):
        workflow.extend_lease(claim, by=rider)


def test_after_the_lease_nothing_is_possible_but_taking_it_again(town):
    made, rider = errand(town), helper(town)
    claim = workflow.claim_errand(made, by=rider)
    run_out(claim)
    for verb in (workflow.extend_lease, workflow.give_back, workflow.finish_errand):
        with pytest.raises(NotAllowedNow, match="时间到了"):
            verb(claim, by=rider)
    assert workflow.claim_errand(made, by=rider).pk != claim.pk


def test_the_job_puts_back_what_ran_out_and_tells_once(town):
    made, rider = errand(town), helper(town)
    run_out(workflow.claim_errand(made, by=rider))
    assert workflow.expire_leases() == 1
    assert workflow.expire_leases() == 0
    made.refresh_from_db()
    assert made.state == Errand.State.OPEN
    assert rider.notices.count() == 1


def test_given_back_it_is_there_for_the_next(town, visit):
    made, rider, other = errand(town), helper(town), helper(town)
    act(visit(rider), made, "claim")
    assert act(visit(rider), made, "give-back").status_code == 302
    assert made.title in visit(other).get(URL).content.decode()


def test_one_errand_in_hand_at_a_time(town):
    rider = helper(town)
    workflow.claim_errand(errand(town), by=rider)
    with pytest.raises(NotAllowedNow, match="手上还有一件"):
        workflow.claim_errand(errand(town), by=rider)


def test_what_is_past_called_off_or_taken_is_refused(town, visit):
    rider, other = helper(town), helper(town)
    past = errand(town, due_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotAllowedNow, match="过了日子"):
        workflow.claim_errand(past, by=rider)
    made = errand(town)
    claim = workflow.claim_errand(made, by=rider)
    with pytest.raises(NotAllowedNow, match="已被他人处理"):
        workflow.claim_errand(made, by=other)
    act(visit(town.staff), made, "cancel")
    claim.refresh_from_db()
    assert claim.outcome == "cancelled"
    assert rider.notices.filter(kind="volunteers.errand_cancelled").exists()
    with pytest.raises(NotAllowedNow, match="时间到了"):
        workflow.finish_errand(claim, by=rider)


def test_only_confirmed_people_of_the_subdistrict_take_one_on(town, visit):
    made = errand(town)
    assert act(visit(town.rider), made, "claim").status_code == 403  # registered, not confirmed
    assert act(visit(town.stranger), made, "claim").status_code == 404
    assert act(visit(None), made, "claim").url.startswith("/accounts/login/")
    assert act(visit(helper(town)), made, "steal").status_code == 404
    assert not ErrandClaim.objects.exists()


def test_a_note_that_is_too_long_is_refused_in_words(town, visit):
    made, rider = errand(town), helper(town)
    client = visit(rider)
    act(client, made, "claim")
    answer = act(client, made, "done", note="长" * 201)
    assert answer.status_code == 409
    assert "最多 200 字" in answer.content.decode()
    assert ErrandClaim.objects.get().is_live


def test_next_week_the_usual_helper_is_asked_first(town):
    usual, other = helper(town), helper(town)
    week_ago = timezone.localdate() - timedelta(days=7)
    made = errand(town, repeats_weekly=True, preferred=usual, due_on=week_ago)
    assert workflow.make_next() == 1
    assert workflow.make_next() == 0
    new = Errand.objects.exclude(pk=made.pk).get()
    assert (new.due_on, new.address) == (timezone.localdate(), made.address)
    assert usual.notices.filter(kind="volunteers.errand_asked").count() == 1
    with pytest.raises(NotAllowedNow, match="先问常去的那位"):
        workflow.claim_errand(new, by=other)
    assert workflow.claim_errand(new, by=usual).is_live


@pytest.mark.parametrize("number", [1, 31])
def test_the_list_asks_as_often_for_one_as_for_many(town, visit, number):
    for _ in range(number):
        errand(town)
    client = visit(helper(town))
    client.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(URL)
    assert len(asked) == 8


# --- two at once ------------------------------------------------------------------------------


def claim_at_once(made, people):
    waiting = list(people)
    return at_once(lambda: workflow.claim_errand(made, by=waiting.pop()))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_it_and_one_hears_so(town):
    made = errand(town)
    results = claim_at_once(made, [helper(town), helper(town)])
    assert sorted(type(result).__name__ for result in results) == ["ErrandClaim", "NotAllowedNow"]
    refused = next(result for result in results if isinstance(result, NotAllowedNow))
    assert "已被他人处理" in str(refused)
    assert ErrandClaim.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_hears_something_untrue(town, monkeypatch):
    monkeypatch.setattr(ErrandQuerySet, "select_for_update", lambda self, **options: self)
    barrier, real = threading.Barrier(2), workflow.errands._refuse_unless_free

    def meet(*args):
        real(*args)
        barrier.wait(timeout=PATIENCE)

    monkeypatch.setattr(workflow.errands, "_refuse_unless_free", meet)
    results = claim_at_once(errand(town), [helper(town), helper(town)])
    refused = next(result for result in results if isinstance(result, NotAllowedNow))
    assert "手上还有一件" in str(refused)
