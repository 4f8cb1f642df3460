"""Each count on the admin's front page leads to exactly the rows that it counted."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.deadline_reminders import deadline_reminders
from stations.houses.models import Facility, Zone
from tests.factories.hazards import into, report
from tests.factories.volunteers import searched
from volunteers.searches import searches

PAST = timedelta(minutes=1)


def count_and_address(client, words, page="/admin/"):
    """What stands on the link with these words, and where it leads."""
    html = client.get(page).content.decode()
    pattern = rf'<a href="([^"]+)">\s*<strong>(\d+)</strong>{words}'
    found = re.search(pattern, html)
    assert found, html
    return int(found[2]), found[1].replace("&amp;", "&")


def late(*cases):
    """Their time to acknowledge, or to repair, is over."""
    now = timezone.now() - PAST
    for case in cases:
        field = "fix_due_at" if case.state == "accepted" else "acknowledge_due_at"
        Hazard.objects.filter(pk=case.pk).update(**{field: now})


@pytest.fixture
def overdue(town):
    """Two late cases in the community, one late elsewhere, others in time or at an end."""
    two = [report(town.six), into(report(town.one), "accepted", town)]
    report(town.six)
    elsewhere = report(town.far)
    into(report(town.six), "rejected", town)
    soon = report(town.six)
    late(*two, elsewhere)
    Hazard.objects.filter(pk=soon.pk).update(
        acknowledge_due_at=timezone.now() + timedelta(minutes=5)
    )
    return two


@pytest.mark.parametrize("role", ["staff", "other_staff", "admin"])
def test_the_overdue_count_is_the_list_behind_it(town, visit, overdue, role):
    client = visit(getattr(town, role))
    count, address = count_and_address(client, "超时的隐患")
    rows = client.get(address).context["hazards"]
    assert count == len(rows)
    numbers = {case.number for case in overdue}
    if role == "staff":
        assert {row.number for row in rows} == numbers
    if role == "other_staff":
        assert {row.number for row in rows}.isdisjoint(numbers)


@pytest.mark.parametrize("role", ["staff", "grid_worker", "officer"])
def test_so_it_is_on_everybodys_front_page(town, visit, overdue, role):
    client = visit(getattr(town, role))
    page = client.get("/").content.decode()
    count = int(re.search(r"▲ (\d+) 件超时", page)[1])
    address = re.search(r'href="(/hazards/queue/[^"]*)">\s*<span class="seal', page)[1]
    answer = client.get(address)
    assert len(answer.context["hazards"]) == count > 0
    assert '<a class="tab" href="?tab=overdue" aria-current="page">' in answer.content.decode()


def test_facilities_and_searches_lead_to_what_was_counted(town, visit):
    zone = Zone.objects.create(station=town.station, name="一楼")
    for name, condition in (("水", "good"), ("充电", "broken"), ("药", "empty")):
        Facility.objects.create(zone=zone, seal="水", name=name, condition=condition)
    searches.end(searched(town), by=town.staff)
    running = searched(town)
    client = visit(town.staff)
    count, address = count_and_address(client, "坏了或缺货的设施")
    rows = client.get(address).context["cl"].result_list
    assert {row.name for row in rows} == {"充电", "药"}
    assert count == 2
    count, address = count_and_address(client, "正在找的人")
    assert [row.pk for row in client.get(address).context["cl"].result_list] == [running.pk]
    assert count == 1


def test_many_late_ones_lead_to_the_late_ones(town):
    cases = [report(town.six) for _ in range(deadline_reminders.SINGLE_NOTICES_MAX + 1)]
    late(*cases)
    deadline_reminders.remind_of_deadlines()
    urls = set(town.grid_worker.notices.filter(kind="hazards.staff_many_due").values_list("url"))
    assert urls == {("/hazards/queue/?tab=overdue",)}
