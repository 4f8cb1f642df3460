"""Where nobody of a grid is there, its community's staff stand in; they appoint its workers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases.access import is_reviewer, waiting_for
from hazards.cases.models.hazards import Hazard
from stations.postings.models import Posting
from tests.factories.hazards import into, report
from tests.factories.workers import post
from yuanhang.core.models import AuditEvent

ADD = "/admin/stations/posting/add/"


def days(number):
    return timezone.localdate() + timedelta(days=number)


def acts(user, case):
    """Whether the staff have the buttons; the queue's own condition says the same."""
    user.__dict__.pop("_scope", None)
    case = Hazard.objects.get(pk=case.pk)
    waits = Hazard.objects.filter(waiting_for(user), pk=case.pk).exists()
    assert waits == is_reviewer(user, case)
    return waits


@pytest.mark.parametrize(
    ("change", "stands_in"),
    [
        ({}, False),
        ({"end": -1, "start": -9}, True),
        ({"end": 0, "start": -9}, False),
        ({"start": 1}, True),
        ({"absent_until": 0}, True),
        ({"absent_until": 3}, True),
        ({"absent_until": -1}, False),
    ],
)
def test_staff_stand_in_while_no_holder_is_present(town, change, stands_in):
    case = report(town.six)
    values = {name: days(number) for name, number in change.items()}
    town.grid_worker.postings.update(**values)
    assert acts(town.staff, case) is stands_in
    assert not acts(town.other_staff, case)


def test_a_second_holder_who_is_there_is_enough(town):
    case = report(town.six)
    town.grid_worker.postings.update(absent_until=days(3))
    post(town.stranger, "part_time_grid_worker", town.six)
    assert not acts(town.staff, case)


@pytest.mark.parametrize(("seconds", "stands_in"), [(-1, True), (60, False)])
def test_staff_stand_in_once_the_time_to_acknowledge_has_passed(town, visit, seconds, stands_in):
    case = report(town.six)
    due = timezone.now() + timedelta(seconds=seconds)
    Hazard.objects.filter(pk=case.pk).update(acknowledge_due_at=due)
    assert acts(town.staff, case) is stands_in
    page = visit(town.staff).get(case.get_absolute_url()).content.decode()
    assert (f"{case.get_absolute_url()}accept/" in page) is stands_in
    form = {"reason": "不归我们管"}
    answer = visit(town.staff).post(f"{case.get_absolute_url()}reject/", form)
    assert answer.status_code == (302 if stands_in else 403)


def test_an_accepted_case_stays_with_its_holder(town):
    case = into(report(town.six), "accepted", town)
    past = timezone.now() - timedelta(days=1)
    Hazard.objects.filter(pk=case.pk).update(acknowledge_due_at=past)
    assert not acts(town.staff, case)


def test_news_of_an_absent_holders_grid_reaches_the_staff(town):
    town.grid_worker.postings.update(absent_until=days(1))
    report(town.six)
    assert town.staff.notices.filter(kind="hazards.staff_submit").count() == 1
    assert not town.grid_worker.notices.exists()


# --- appointing -----------------------------------------------------------------------------


def appoint(client, town, **changes):
    values = {"by_phone": town.stranger.phone, "role": "grid_worker", "grid": town.one.pk}
    return client.post(ADD, values | {"start": "2026-01-01"} | changes)


def test_staff_appoint_a_grid_worker_of_their_community_by_telephone(town, visit):
    page = visit(town.staff).get(ADD).content.decode()
    assert "community_staff" not in page
    assert town.far.name not in page
    answer = appoint(visit(town.staff), town)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = Posting.objects.get(user=town.stranger)
    assert (made.role, made.grid) == ("grid_worker", town.one)
    event = AuditEvent.objects.get(kind="stations.create_posting")
    assert event.actor_id == town.staff.pk


@pytest.mark.parametrize(
    "wrong",
    ["far grid", "staff", "centre", "keeper", "no grid", "unknown number", "inactive"],
)
def test_staff_give_no_other_post_and_none_elsewhere(town, visit, wrong):
    if wrong == "inactive":
        type(town.stranger).objects.filter(pk=town.stranger.pk).update(is_active=False)
    changes = {
        "far grid": {"grid": town.far.pk},
        "staff": {"role": "community_staff", "community": town.community.pk},
        "centre": {"role": "centre_officer", "subdistrict": town.subdistrict.pk},
        "keeper": {"role": "station_keeper", "station": town.station.pk},
        "no grid": {"grid": ""},
        "unknown number": {"by_phone": "10000099999"},
        "inactive": {},
    }[wrong]
    answer = appoint(visit(town.staff), town, **changes)
    assert answer.status_code == 200
    assert 'class="errorlist' in answer.content.decode()
    assert not Posting.objects.filter(user=town.stranger).exists()


def change(client, posting, **values):
    return client.post(f"/admin/stations/posting/{posting.pk}/change/", values)


def test_staff_end_a_grid_workers_post_and_note_an_absence(town, visit):
    held = town.grid_worker.postings.get()
    answer = change(visit(town.staff), held, end="", absent_until=days(5).isoformat())
    assert answer.status_code == 302
    held.refresh_from_db()
    assert held.absent_until == days(5)
    change(visit(town.staff), held, end=days(0).isoformat(), role="community_staff")
    held.refresh_from_db()
    assert (held.end, held.role, held.grid) == (days(0), "grid_worker", town.six)


@pytest.mark.parametrize("whose", ["staff", "other_staff", "officer", "far worker"])
def test_staff_change_no_staff_post_and_none_of_elsewhere(town, visit, whose):
    if whose == "far worker":
        held = post(town.stranger, "grid_worker", town.far)
    else:
        held = getattr(town, whose).postings.get()
    answer = change(visit(town.staff), held, end="2026-01-02", absent_until="")
    assert answer.status_code in (302, 403)
    held.refresh_from_db()
    assert held.end is None
    delete = visit(town.staff).post(f"/admin/stations/posting/{held.pk}/delete/", {"post": "yes"})
    assert delete.status_code in (302, 403)
    assert Posting.objects.filter(pk=held.pk).exists()


def test_a_station_keeper_appoints_nobody(town, visit):
    town.stranger.is_staff = True
    town.stranger.save()
    post(town.stranger, "station_keeper", town.station)
    assert visit(town.stranger).get(ADD).status_code == 403


def test_the_front_page_counts_what_is_overdue_in_ones_community(town, visit):
    case = report(town.six)
    assert "超时的隐患" not in visit(town.staff).get("/admin/").content.decode()
    past = timezone.now() - timedelta(minutes=1)
    Hazard.objects.filter(pk=case.pk).update(acknowledge_due_at=past)
    assert "<strong>1</strong>超时的隐患" in visit(town.staff).get("/admin/").content.decode()
    assert "超时的隐患" not in visit(town.other_staff).get("/admin/").content.decode()
