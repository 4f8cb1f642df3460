"""The front page: report first, then the station, then what became of one's own reports."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from tests.factories.hazards import advance, report
from tests.factories.stations import StationFactory


def test_a_guest_may_report_and_register(town, client):
    page = client.get("/").content.decode()
    assert 'href="/hazards/report/"' in page
    assert 'href="/accounts/signup/"' in page
    assert "隐患队列" not in page


def test_a_rider_sees_what_moved_last_first(town, visit):
    first = report(town.six, by=town.rider, place="第一处")
    report(town.six, by=town.rider, place="第二处")
    cases.ask_info(first, by=town.grid_worker, reason="哪一侧？")
    page = visit(town.rider).get("/").content.decode()
    assert page.index("第一处") < page.index("第二处")
    assert "等你补一句" in page


def test_work_is_where_a_log_in_leads_but_the_front_page_stays_reachable(town, visit):
    for user in (town.grid_worker, town.staff, town.officer):
        client = visit(user)
        assert client.get("/?from=login")["Location"] == "/hazards/queue/"
        assert "隐患队列" in client.get("/").content.decode()
    assert visit(town.rider).get("/?from=login").status_code == 200


def test_an_unlisted_station_is_not_shown(town, client):
    StationFactory(community=town.community, name="还没开的站", is_listed=False)
    assert "还没开的站" not in client.get("/").content.decode()


@pytest.mark.parametrize("who", ["rider", "grid_worker"])
def test_it_costs_the_same_for_one_report_and_for_twenty(town, visit, who):
    def count():
        client = visit(getattr(town, who))
        client.get("/")  # what staff edit is kept from then on
        with CaptureQueriesContext(connection) as caught:
            client.get("/")
        return len(caught)

    advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    few = count()
    for _ in range(20):
        report(town.six, by=town.rider)
        StationFactory(community=town.community)
    assert count() == few
    assert few <= 15


@pytest.mark.parametrize("role", ["grid_worker", "staff", "officer"])
def test_whoever_has_cases_in_charge_reads_how_many_are_late(town, visit, role):
    client = visit(getattr(town, role))
    report(town.six)
    assert "件超时" not in client.get("/").content.decode()
    late = timezone.now() - timedelta(minutes=1)
    Hazard.objects.update(acknowledge_due_at=late)
    page = client.get("/").content.decode()
    assert "▲ 1 件超时" in page
    assert "?tab=overdue" in page
