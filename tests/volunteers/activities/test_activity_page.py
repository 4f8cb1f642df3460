"""One activity's page, poster and picture: what they say, and to whom."""

import gzip
import io
from datetime import timedelta

import pytest
import segno

from tests import media
from tests.factories.volunteers import ActivityFactory, TeamFactory, riders, session
from tests.volunteers.record.reading import at_local, queries, text_of
from volunteers.activities import banner, signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from yuanhang.core.media import photos


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


def test_an_activity_with_forty_sessions_costs_the_same_as_with_one(town, visit, activity):
    Activity.objects.filter(pk=activity.pk).update(pledge_item="树苗", pledge_target=80)
    session(activity)
    url = activity.get_absolute_url()
    visit(town.rider).get(url)  # what staff edit is kept from then on
    few = queries(visit(town.rider), url)
    people = riders(6)
    for index in range(39):
        place = session(activity, hours=60 + 3 * index, maximum=3)
        for person in people:
            signups.sign_up(place, by=person)
    assert SignUp.objects.count() == 234
    assert queries(visit(town.rider), url) == few == 12
    assert queries(visit(people[-1]), url) == 12
    assert queries(visit(None), url) == 6
    response = visit(town.rider).get(url)
    assert len(gzip.compress(response.content)) < 60 * 1024


def test_a_confidential_activity_tells_no_numbers_and_is_in_no_public_list(town, visit):
    talk = ActivityFactory(
        community=town.community,
        organiser=town.staff,
        kind="care",
        title="心理咨询",
        is_confidential=True,
    )
    place = session(talk, maximum=1)
    signups.sign_up(place, by=town.stranger)
    signups.sign_up(place, by=town.rider)
    assert "心理咨询" not in text_of(visit(None).get("/volunteers/"))
    assert "心理咨询" not in text_of(visit(None).get("/"))
    for user in (None, town.rider, town.stranger, town.other_staff):
        shown = text_of(visit(user).get(talk.get_absolute_url()))
        assert "保密" in shown
        for words in ("1 人", "名额", "满了，可候补", "第 1 位", "前面还有"):
            assert words not in shown, (user, words)
    # Over the shoulder the list shows that it is on, not who goes.
    listed = text_of(visit(town.stranger).get("/volunteers/"))
    assert "心理咨询" in listed
    assert "已报上" not in listed
    assert "心理咨询" not in text_of(visit(town.stranger).get("/"))


def test_a_draft_is_seen_by_its_staff_only(town, visit):
    draft = ActivityFactory(community=town.community, organiser=town.staff, state="draft")
    place = session(draft)
    assert "草稿" in text_of(visit(town.staff).get(draft.get_absolute_url()))
    for user in (None, town.rider, town.other_staff):
        assert visit(user).get(draft.get_absolute_url()).status_code == 404
        assert visit(user).post(f"/volunteers/sessions/{place.pk}/sign-up/").status_code == 404


def test_a_session_over_midnight_names_the_next_day(town, client, activity):
    starts = at_local(0, 22)
    for hours in (2, 3):
        ActivitySession.objects.create(
            activity=activity, starts_at=starts, ends_at=starts + timedelta(hours=hours), maximum=2
        )
    shown = text_of(client.get(activity.get_absolute_url()))
    assert "22:00–24:00" in shown
    assert "22:00–次日 1:00" in shown


def test_the_poster_leads_to_the_activity(town, client, activity, settings):
    session(activity)
    settings.SITE_URL = "https://yizhan.example"
    page = client.get(f"{activity.get_absolute_url()}poster/")
    assert "大集疏导" in text_of(page)
    assert "今天" not in text_of(page)
    answer = client.get(f"{activity.get_absolute_url()}poster.svg")
    out = io.BytesIO()
    address = f"https://yizhan.example{activity.get_absolute_url()}"
    segno.make(address, error="m").save(out, kind="svg", scale=8, border=2, xmldecl=False)
    assert answer.content == out.getvalue()


def test_a_teams_picture_is_the_teams(town, visit, activity):
    banner.set_banner(activity, photos.process(io.BytesIO(media.jpeg(64, 48))), by=town.staff)
    url = f"{activity.get_absolute_url()}banner/thumb.jpg"
    assert visit(None).get(url).getvalue()
    team = TeamFactory(community=town.community)
    Activity.objects.filter(pk=activity.pk).update(team=team)
    assert visit(None).get(url).status_code == 404
    assert visit(town.rider).get(url).status_code == 404
