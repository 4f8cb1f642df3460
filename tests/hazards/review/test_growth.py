"""Pages of cases after years: as many questions as ever, and none that reads the whole table.

The plans are PostgreSQL's own, with its statistics fresh and nothing forbidden to it.
`make bench` looks at every page with a million of them.
"""

import pytest
from django.db import connection
from django.db.models import Q

from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests.factories.crowd import crowd
from tests.plans import explained, questions

CASES = 8000
QUEUE = "/hazards/queue/"
# What any page may ask: the list, and of its first case what a phone shows.
AT_MOST = 15
# Who, what is asked for, and the number of questions.
LISTS = [
    *(
        (role, QUEUE + query, AT_MOST)
        for role in ("grid_worker", "staff", "officer")
        for query in (
            "",
            "?tab=overdue",
            "?tab=due",
            "?tab=verify",
            "?tab=open",
            "?tab=all",
            "?tab=all&state=closed",
            "?tab=all&state=suspended",
            "?tab=all&period=7",
            "?tab=all&q=井盖",
            "?tab=all&q=火星",
            "?tab=all&filters=1",
        )
    ),
    ("rider", "/hazards/mine/", 5),
    (None, "/hazards/fixed/", 6),  # the list, its pairs and figures apart
]


@pytest.fixture
def years(town):
    """The town after years; its rider is the busiest."""
    town.rider = crowd(town, CASES)[-1]
    return town


def reads(client, address, name):
    """The `Asked` of a page, checked to read no more than what is open and a page of rows.

    A search first asks whether more than a few have the words: it may look on until it has seen
    those few, in any order, and stops there.
    """
    client.get(address)  # what staff edit is kept from then on
    with questions() as asked:
        response = client.get(address)
    assert response.status_code == 200, name
    found = explained(asked)
    is_search = "q=" in address
    enough = CASES // 2 if is_search else Hazard.objects.open().count() + 200
    for one in found:
        assert is_search or not one.scans, (name, one.scans, one.sql)
        assert one.rows <= enough, (name, one.rows, one.sql)
    return found, response


def no_page_reads_all_cases(years, visit):
    problems = []
    for role, address, count in LISTS:
        client = visit(getattr(years, role) if role else None)
        found, response = reads(client, address, (role, address))
        if len(found) > AT_MOST or count != AT_MOST and len(found) != count:
            problems.append((role, address, len(found), count))
        following = response.context.get("following")
        if following:
            key = "before" if "mine" in address else "after"
            joint = "&" if "?" in address else "?"
            reads(client, f"{address}{joint}{key}={following}", (role, address, "second page"))
    assert not problems


def a_case_reads_its_own_rows_only(years, visit):
    main = Hazard.objects.filter(grid=years.six, state=State.SUBMITTED).latest("pk")
    followers = list(Hazard.objects.filter(grid=years.six, state=State.CLOSED)[:2])
    for follower in followers:
        merged = {"state": "merged", "main": main, "merged_into": main, "closed_at": None}
        Hazard.objects.filter(pk=follower.pk).update(**merged)
    for role in ("grid_worker", "staff", "officer"):
        found, response = reads(visit(getattr(years, role)), main.get_absolute_url(), role)
        assert {one.pk for one in response.context["followers"]} == {f.pk for f in followers}
        attached = [one for one in found if "hazardphoto" in one.sql or "hazardvoice" in one.sql]
        assert attached
        assert [one for one in attached if one.rows >= 50] == []
    found, _response = reads(visit(None), main.get_receipt_url(), "receipt")
    assert all(one.rows < 50 for one in found)


def the_plans_would_show_a_whole_table_read():
    """The control: what this file exists to find is found."""
    case = Hazard.objects.latest("pk")
    with questions() as asked:
        list(HazardPhoto.objects.filter(Q(hazard=case) | Q(hazard__main=case)))
    [found] = explained(asked)
    assert found.rows > CASES
    assert "hazards_hazardphoto" in found.scans
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX hazard_submitted")
    with questions() as asked:
        list(Hazard.objects.filter(submitted_at__gt=case.submitted_at))
    [found] = explained(asked)
    assert found.scans == ("hazards_hazard",)


def test_after_years_no_page_reads_what_it_does_not_show(years, visit):
    """One town for all three: to fill it takes longer than to look at it."""
    no_page_reads_all_cases(years, visit)
    a_case_reads_its_own_rows_only(years, visit)
    the_plans_would_show_a_whole_table_read()
