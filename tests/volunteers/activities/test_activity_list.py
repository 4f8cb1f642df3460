"""The list of what is on: what it says, what it costs, what fits one's free hours."""

import gzip
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, riders, session
from tests.volunteers.record.reading import at_local, queries, text_of
from volunteers.activities import signups
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from workers.models import Consent, PrivacyNotice, Worker


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


def many(town, sessions=40, signup_count=240):
    """A busy season: every session has its people and its line."""
    found, people = [], riders(signup_count * 2 // sessions)
    for index in range(sessions):
        made = ActivityFactory(
            community=town.community, organiser=town.staff, title=f"活动{index}" + "长" * 40
        )
        place = session(made, hours=24 + 2 * index, maximum=3)
        found.append(place)
        for person in people[(index % 2) * 6 :][: signup_count // sessions]:
            signups.sign_up(place, by=person)
    return found


def test_the_list_costs_the_same_for_one_session_and_for_forty(town, visit, activity):
    session(activity)
    visit(town.rider).get("/volunteers/")  # what staff edit is kept from then on
    few = queries(visit(town.rider), "/volunteers/")
    many(town, sessions=39, signup_count=234)
    assert SignUp.objects.count() == 234
    response = visit(town.rider).get("/volunteers/")
    assert response.content.decode().count('class="row-item list-row"') == 40
    assert len(response.content) < 60 * 1024
    assert len(gzip.compress(response.content)) < 12 * 1024
    assert queries(visit(town.rider), "/volunteers/") == few == 6
    assert queries(visit(None), "/volunteers/") == 1


def test_the_list_is_paged_by_key_and_loses_nothing(town, client, activity):
    at = timezone.now() + timedelta(hours=30)
    for _ in range(85):  # all at one time: the key's second part decides
        ActivitySession.objects.create(
            activity=activity, starts_at=at, ends_at=at + timedelta(hours=1), maximum=2
        )
    seen, url = [], "/volunteers/"
    for _page in range(3):
        page = client.get(url).content.decode()
        seen += re.findall(r"#session-(\d+)", page)
        following = re.search(r'href="(\?after=[^"]+)"', page)
        url = "/volunteers/" + following[1] if following else ""
    assert url == ""
    assert [int(pk) for pk in seen] == list(activity.sessions.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "query", ["?after=x", "?after=WzEsMl0", "?kind=nonsense", "?fits=x", "?after=%00"]
)
def test_nonsense_in_the_address_shows_the_first_page(client, activity, query):
    session(activity)
    assert "大集疏导" in text_of(client.get(f"/volunteers/{query}"))


def test_places_are_said_in_words(town, visit, activity):
    free, full = session(activity, hours=30, maximum=4), session(activity, hours=40, maximum=1)
    signups.sign_up(free, by=town.stranger)
    signups.sign_up(full, by=town.stranger)
    closed = ActivityFactory(community=town.community, organiser=town.staff, state="closed")
    session(closed, hours=50)
    shown = text_of(visit(None).get("/volunteers/"))
    for words in ("还有 3 个名额", "满了，可候补", "报名截止"):
        assert words in shown
    assert text_of(visit(town.stranger).get("/volunteers/")).count("已报上") == 2


def test_it_is_filtered_by_kind(town, client, activity):
    training = ActivityFactory(
        community=town.community, organiser=town.staff, kind="training", title="灭火"
    )
    session(activity)
    session(training)
    shown = text_of(client.get("/volunteers/?kind=training"))
    assert "灭火" in shown
    assert "大集疏导" not in shown
    assert "这样的暂时没有" in text_of(client.get("/volunteers/?kind=care"))


def free(user, town, *times, agrees=True):
    """The worker gave free hours, and consents to their use or no longer."""
    Worker.objects.filter(user=user).update(free_times=list(times))
    if agrees:
        notice, _new = PrivacyNotice.objects.get_or_create(
            version="t", defaults={"text": "t", "published_at": timezone.now()}
        )
        user.worker.consents.create(purpose=Consent.Purpose.FREE_TIMES, notice=notice)


@pytest.mark.parametrize(
    ("time", "day", "hour", "fits"),
    [
        ("weekday_morning", 0, 10, True),
        ("weekday_morning", 5, 10, False),
        ("weekday_afternoon", 4, 14, True),
        ("weekday_afternoon", 4, 17, False),
        ("weekday_evening", 2, 19, True),
        ("weekend_morning", 6, 9, True),
        ("weekend_morning", 6, 13, False),
        ("weekend_afternoon", 5, 13, True),
        # Sunday 1:00 here is still Saturday afternoon in London.
        ("weekend_afternoon", 6, 1, False),
    ],
)
def test_what_fits_ones_free_hours_is_marked(town, visit, activity, time, day, hour, fits):
    starts = at_local(day, hour)
    ActivitySession.objects.create(
        activity=activity, starts_at=starts, ends_at=starts + timedelta(hours=1), maximum=2
    )
    free(town.rider, town, time)
    client = visit(town.rider)
    assert ("合你的空闲时间" in text_of(client.get("/volunteers/"))) is fits
    assert ("大集疏导" in text_of(client.get("/volunteers/?fits=1"))) is fits


def test_without_consent_free_hours_are_not_used(town, visit, activity):
    starts = at_local(0, 10)
    ActivitySession.objects.create(
        activity=activity, starts_at=starts, ends_at=starts + timedelta(hours=1), maximum=2
    )
    free(town.rider, town, "weekday_morning", agrees=False)
    assert "空闲" not in text_of(visit(town.rider).get("/volunteers/"))


def test_an_empty_list_says_what_to_do(town, visit):
    assert "登记一下" in text_of(visit(None).get("/volunteers/"))
    assert "跟工作人员说一声" in text_of(visit(town.rider).get("/volunteers/"))
