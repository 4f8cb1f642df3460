"""Errands on the way: the lease, and who sees the address when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.volunteers.errands.errands_help import (
    SECRETS,
    URL,
    act,
    errand,
    helper,
    run_out,
    secrets_in,
)
from volunteers.errands import errands
from volunteers.errands.models import Errand, ErrandClaim
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

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
    assert not secrets_in(visit(other).get(made.get_absolute_url(), follow=True).content.decode())
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
    act(client, made, "finish", note="放门口了")
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
    claim = errands.claim(made, by=rider)
    errands.finish(claim, by=rider)
    errands.confirm(made, by=town.staff)
    assert errands.erase_old(timezone.now() + timedelta(days=6)) == 0
    assert errands.erase_old(timezone.now() + timedelta(days=8)) == 1
    made.refresh_from_db()
    assert (made.person_name, made.address, made.phone, made.note) == ("", "", "", "")


@pytest.mark.parametrize("came", [False, True])
def test_what_nobody_did_or_confirmed_is_forgotten_a_week_after_its_day(town, came):
    made = errand(town, due_on=timezone.localdate())
    if came:
        claim = errands.claim(made, by=helper(town))
        errands.finish(claim, by=claim.helper, note=SECRETS[3])
    assert errands.erase_old(timezone.now() + timedelta(days=6)) == 0
    assert errands.erase_old(timezone.now() + timedelta(days=8)) == 1
    made.refresh_from_db()
    assert (made.person_name, made.address, made.phone, made.note) == ("", "", "", "")
    assert not ErrandClaim.objects.exclude(note="").exists()
    if came:
        errands.confirm(made, by=town.staff)  # the minutes are still theirs
        assert ServiceRecord.objects.counting().total() == made.minutes


def test_a_weekly_one_is_forgotten_only_after_its_successor_has_what_is_needed(town):
    made = errand(town, due_on=timezone.localdate(), repeats_weekly=True)
    later = timezone.now() + timedelta(days=8)
    assert errands.erase_old(later) == 0
    errands.repeat_weekly(timezone.localdate(later))
    assert errands.erase_old(later) == 1
    made.refresh_from_db()
    new = Errand.objects.exclude(pk=made.pk).get()
    assert (made.address, new.address) == ("", SECRETS[1])


def test_what_staff_fill_in_again_is_forgotten_again(town, visit):
    made = errand(town, due_on=timezone.localdate())
    later = timezone.now() + timedelta(days=8)
    errands.erase_old(later)
    client, url = visit(town.staff), f"/admin/volunteers/errand/{made.pk}/change/"
    form = client.get(url).context["adminform"].form
    fields = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    fields = {name: value for name, value in fields.items() if value not in (None, False)}
    inline = {"claims-TOTAL_FORMS": 0, "claims-INITIAL_FORMS": 0}
    answer = client.post(url, fields | inline | {"address": SECRETS[1]})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.address == SECRETS[1]
    assert errands.erase_old(later) == 1
    made.refresh_from_db()
    assert made.address == ""


def test_a_day_that_is_past_is_refused_but_an_old_one_may_be_called_something_else(town, visit):
    client, url = visit(town.staff), "/admin/volunteers/errand/{}/change/"
    for days, made in ((1, errand(town)), (-1, errand(town))):
        day = timezone.localdate() - timedelta(days=1)
        Errand.objects.filter(pk=made.pk).update(due_on=day + timedelta(days=days))
        form = client.get(url.format(made.pk)).context["adminform"].form
        sent = {name: form.get_initial_for_field(one, name) for name, one in form.fields.items()}
        sent = {name: value for name, value in sent.items() if value not in (None, False)}
        sent |= {"claims-TOTAL_FORMS": 0, "claims-INITIAL_FORMS": 0, "title": "改个叫法"}
        assert client.post(url.format(made.pk), sent).status_code == 302
        answer = client.post(url.format(made.pk), sent | {"due_on": day})
        assert "这一天已经过去了" in answer.content.decode()


# --- the lease --------------------------------------------------------------------------------


def test_done_and_confirmed_the_minutes_are_in_the_ledger_once(town, visit):
    made, rider = errand(town, minutes=20), helper(town)
    act(visit(rider), made, "claim")
    act(visit(rider), made, "finish")
    assert town.staff.notices.filter(kind="volunteers.staff_errand_done").count() == 1
    assert act(visit(town.staff), made, "confirm").status_code == 302
    assert act(visit(town.staff), made, "confirm").status_code == 409
    [entry] = ServiceRecord.objects.filter(user=rider)
    assert (entry.minutes, entry.content) == (20, "送药")
