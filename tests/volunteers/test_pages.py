"""The pages of activities, through HTTP: what they say, what they cost, what they refuse."""

import gzip
import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import segno
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import media
from tests.factories.activities import ActivityFactory, SkillFactory, TeamFactory, riders, session
from volunteers import workflow
from volunteers.models import Activity, Session, SignUp
from workers.models import Consent, PrivacyNotice, Worker
from yuanhang.core import photos

S = SignUp.State
LOCAL = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


def text_of(response):
    """What a reader sees, in one line."""
    body = re.sub(r"<script.*?</script>|<style.*?</style>", " ", response.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def queries(client, url):
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def press(client, place, verb, **data):
    """Press a session's button as the page last shown would."""
    page = client.get(place.activity.get_absolute_url()).content.decode()
    block = page.split(f'id="session-{place.pk}"')[1].split("</article>")[0]
    seen = re.search(r'name="seen" value="(\d+)"', block)
    fields = {"seen": seen[1]} if seen else {}
    return client.post(f"/volunteers/sessions/{place.pk}/{verb}/", fields | data)


# --- the list -------------------------------------------------------------------------------


def many(town, sessions=40, signups=240):
    """A busy season: every session has its people and its line."""
    found, people = [], riders(signups * 2 // sessions)
    for index in range(sessions):
        made = ActivityFactory(
            community=town.community, organiser=town.staff, title=f"活动{index}" + "长" * 40
        )
        place = session(made, hours=24 + 2 * index, maximum=3)
        found.append(place)
        for person in people[(index % 2) * 6 :][: signups // sessions]:
            workflow.sign_up(place, by=person)
    return found


def test_the_list_costs_the_same_for_one_session_and_for_forty(town, visit, activity):
    session(activity)
    few = queries(visit(town.rider), "/volunteers/")
    many(town, sessions=39, signups=234)
    assert SignUp.objects.count() == 234
    response = visit(town.rider).get("/volunteers/")
    assert response.content.decode().count('class="row-item list-row"') == 40
    assert len(response.content) < 60 * 1024
    assert len(gzip.compress(response.content)) < 12 * 1024
    assert queries(visit(town.rider), "/volunteers/") == few == 7
    assert queries(visit(None), "/volunteers/") == 1


def test_the_list_is_paged_by_key_and_loses_nothing(town, client, activity):
    at = timezone.now() + timedelta(hours=30)
    for _ in range(85):  # all at one time: the key's second part decides
        Session.objects.create(
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
    workflow.sign_up(free, by=town.stranger)
    workflow.sign_up(full, by=town.stranger)
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


def at_local(day, hour):
    """A session's start at a local hour of a coming weekday (0 is Monday)."""
    today = timezone.localdate() + timedelta(days=2)
    date = today + timedelta(days=(day - today.weekday()) % 7)
    return datetime(date.year, date.month, date.day, hour, tzinfo=LOCAL)


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
    Session.objects.create(
        activity=activity, starts_at=starts, ends_at=starts + timedelta(hours=1), maximum=2
    )
    free(town.rider, town, time)
    client = visit(town.rider)
    assert ("合你的空闲时间" in text_of(client.get("/volunteers/"))) is fits
    assert ("大集疏导" in text_of(client.get("/volunteers/?fits=1"))) is fits


def test_without_consent_free_hours_are_not_used(town, visit, activity):
    starts = at_local(0, 10)
    Session.objects.create(
        activity=activity, starts_at=starts, ends_at=starts + timedelta(hours=1), maximum=2
    )
    free(town.rider, town, "weekday_morning", agrees=False)
    assert "空闲" not in text_of(visit(town.rider).get("/volunteers/"))


def test_an_empty_list_says_what_to_do(town, visit):
    assert "登记一下" in text_of(visit(None).get("/volunteers/"))
    assert "跟工作人员说一声" in text_of(visit(town.rider).get("/volunteers/"))


# --- one activity ---------------------------------------------------------------------------


def test_an_activity_with_forty_sessions_costs_the_same_as_with_one(town, visit, activity):
    Activity.objects.filter(pk=activity.pk).update(pledge_item="树苗", pledge_target=80)
    session(activity)
    url = activity.get_absolute_url()
    few = queries(visit(town.rider), url)
    people = riders(6)
    for index in range(39):
        place = session(activity, hours=60 + 3 * index, maximum=3)
        for person in people:
            workflow.sign_up(place, by=person)
    assert SignUp.objects.count() == 234
    assert queries(visit(town.rider), url) == few == 12
    assert queries(visit(people[-1]), url) == 12
    assert queries(visit(None), url) == 6
    response = visit(town.rider).get(url)
    assert len(gzip.compress(response.content)) < 60 * 1024


def test_one_tap_signs_up_and_one_tap_leaves(town, visit, activity):
    place, client = session(activity, maximum=1), visit(town.rider)
    answer = press(client, place, "sign-up")
    assert (answer.status_code, answer.url) == (302, place.get_absolute_url())
    shown = text_of(client.get(activity.get_absolute_url()))
    assert "已报上" in shown
    assert "1 / 1 人" in shown
    press(client, place, "leave")
    assert place.signups.get().state == S.CANCELLED
    assert "还有 1 个名额" in text_of(client.get(activity.get_absolute_url()))


def test_waiting_is_told_with_place_and_reason_and_an_offer_is_confirmed(town, visit, activity):
    place, others = session(activity, maximum=1), riders(2)
    first = workflow.sign_up(place, by=others[0])
    second = workflow.sign_up(place, by=others[1])
    client, url = visit(town.rider), activity.get_absolute_url()
    press(client, place, "sign-up")
    shown = text_of(client.get(url))
    assert "候补第 2 位" in shown
    assert "前面还有 1 人，满 1 人。" in shown
    workflow.leave(second, by=others[1])
    assert "你排第一，满 1 人。" in text_of(client.get(url))
    workflow.leave(first, by=others[0])
    assert "点一下确认，过时给下一位" in text_of(client.get(url))
    press(client, place, "accept")
    assert place.signups.get(user=town.rider).state == S.CONFIRMED


def test_each_of_a_pair_that_waits_has_a_place_in_the_line(town, visit, activity):
    place = session(activity, maximum=1)
    workflow.sign_up(place, by=town.staff)
    first = workflow.sign_up(place, by=town.rider, as_pair=True)
    workflow.join_pair(first.pair, by=town.stranger)
    for user, words in ((town.rider, "候补第 1 位"), (town.stranger, "候补第 2 位")):
        assert words in text_of(visit(user).get(activity.get_absolute_url()))


def test_a_pair_by_its_link(town, visit, activity):
    place = session(activity, maximum=4)
    press(visit(town.rider), place, "pair")
    code = place.signups.get().pair
    url = f"/volunteers/pairs/{code}/"
    page = visit(town.rider).get(activity.get_absolute_url()).content.decode()
    assert f"http://testserver{url}" in page
    assert "这是你的邀请" in text_of(visit(town.rider).get(url))
    assert "约你一起" in text_of(visit(None).get(url))
    assert visit(None).post(url).url == f"/accounts/login/?next={url}"
    answer = visit(town.stranger).post(url)
    assert (answer.status_code, answer.url) == (302, place.get_absolute_url())
    assert list(place.signups.values_list("state", flat=True)) == ["confirmed"] * 2
    assert "已经用过" in text_of(visit(town.staff).get(url))
    assert visit(town.staff).get("/volunteers/pairs/guessed/").status_code == 404


def test_whoever_waits_for_nobody_goes_alone_by_one_tap(town, visit, activity):
    place, client = session(activity), visit(town.rider)
    press(client, place, "pair")
    press(client, place, "alone")
    assert place.signups.get().state == S.CONFIRMED


def test_a_guest_is_led_to_the_log_in_and_back(town, visit, activity):
    place = session(activity)
    back = f"/accounts/login/?next={activity.get_absolute_url()}%23session-{place.pk}"
    client = visit(None)
    assert back in client.get(activity.get_absolute_url()).content.decode()
    assert client.post(f"/volunteers/sessions/{place.pk}/sign-up/").url == back
    # Inside htmx a redirect would put the log-in page into the block.
    answer = client.post(
        f"/volunteers/sessions/{place.pk}/sign-up/", headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"] == back
    assert not SignUp.objects.exists()


def test_htmx_gets_the_block_the_page_includes(town, visit, activity):
    place, client = session(activity), visit(town.rider)
    client.get(activity.get_absolute_url())
    url = f"/volunteers/sessions/{place.pk}/sign-up/"
    answer = client.post(url, {"seen": "0"}, headers={"HX-Request": "true"})
    block = answer.content.decode()
    assert block.lstrip().startswith(f'<article class="card session is-in" id="session-{place.pk}"')
    assert "<html" not in block
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "closed"}, "报名已经截止"),
        ({"state": "cancelled", "cancel_reason": "下暴雪"}, "下暴雪"),
        ({"opens_at": timezone.now() + timedelta(days=1)}, "还没开始报名"),
    ],
)
def test_a_form_that_comes_too_late_is_explained_in_its_place(town, visit, activity, change, words):
    place, client = session(activity), visit(town.rider)
    Activity.objects.filter(pk=activity.pk).update(**change)
    url = f"/volunteers/sessions/{place.pk}/sign-up/"
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(url, {"seen": "0"}, headers=headers)
        assert answer.status_code == 409
        assert words in text_of(answer)
    assert not SignUp.objects.exists()
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "/sign-up/" not in page


def test_a_form_sent_twice_signs_up_once_and_never_again_after_leaving(town, visit, activity):
    place, client = session(activity), visit(town.rider)
    url = f"/volunteers/sessions/{place.pk}/sign-up/"
    for _ in range(2):
        assert client.post(url, {"seen": "0"}).status_code == 302
    assert SignUp.objects.count() == 1
    press(client, place, "leave")
    # The old form once more, from a phone that found its network again.
    answer = client.post(url, {"seen": "0"})
    assert answer.status_code == 409
    assert "这一页是旧的" in text_of(answer)
    assert not place.signups.active().exists()
    # Meant: from the page as it is now.
    assert press(client, place, "sign-up").status_code == 302
    assert place.signups.active().count() == 1


def test_nobody_moves_another_persons_sign_up(town, visit, activity):
    place = session(activity, maximum=1)
    theirs = workflow.sign_up(place, by=town.stranger)
    workflow.sign_up(place, by=town.rider)
    client = visit(town.rider)
    for verb in ("leave", "accept", "alone"):
        answer = client.post(f"/volunteers/sessions/{place.pk}/{verb}/", {"seen": theirs.pk})
        assert answer.status_code == 404
    for seen in ("", "x", "9" * 40, "-1", "٣"):
        answer = client.post(f"/volunteers/sessions/{place.pk}/leave/", {"seen": seen})
        assert answer.status_code == 404
    assert client.post(f"/volunteers/sessions/{place.pk}/steal/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == S.CONFIRMED


def test_a_missing_skill_bars_the_buttons_and_says_so(town, visit, activity):
    activity.skills.add(SkillFactory(name="应急救援"))
    place, client = session(activity), visit(town.rider)
    page = client.get(activity.get_absolute_url())
    assert "要先会：应急救援" in text_of(page)
    assert "/sign-up/" not in page.content.decode()
    answer = client.post(f"/volunteers/sessions/{place.pk}/sign-up/", {"seen": "0"})
    assert answer.status_code == 409


def test_a_confidential_activity_tells_no_numbers_and_is_in_no_public_list(town, visit):
    talk = ActivityFactory(
        community=town.community,
        organiser=town.staff,
        kind="care",
        title="心理咨询",
        is_confidential=True,
    )
    place = session(talk, maximum=1)
    workflow.sign_up(place, by=town.stranger)
    workflow.sign_up(place, by=town.rider)
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


def test_what_is_confidential_is_nobodys_outing(town, visit):
    talk = ActivityFactory(community=town.community, organiser=town.staff, is_confidential=True)
    place, client = session(talk), visit(town.rider)
    assert "和工友一起" not in text_of(client.get(talk.get_absolute_url()))
    answer = client.post(f"/volunteers/sessions/{place.pk}/pair/", {"seen": "0"})
    assert answer.status_code == 409
    assert "各报各的" in text_of(answer)


def test_a_pledge_moves_the_public_bar_and_is_changed(town, visit):
    trees = ActivityFactory(
        community=town.community,
        organiser=town.staff,
        pledge_item="树苗",
        pledge_target=50,
    )
    url, client = trees.get_absolute_url(), visit(town.rider)
    assert client.post(f"{url}pledge/", {"quantity": "3"}).status_code == 302
    assert client.post(f"{url}pledge/", {"quantity": "2"}).status_code == 302
    assert "你认捐了 2 棵" in text_of(client.get(url))
    for quantity in ("-1", "1000", "一", "", "2.5", "9" * 30):
        answer = client.post(f"{url}pledge/", {"quantity": quantity})
        assert answer.status_code == 400, quantity
    assert trees.pledges.get().quantity == 2
    public = visit(None).get(url).content.decode()
    assert '<progress class="pledge-bar" max="50" value="2"' in public
    Activity.objects.filter(pk=trees.pk).update(state="finished")
    answer = visit(town.rider).post(f"{url}pledge/", {"quantity": "3"})
    assert answer.status_code == 409
    assert "认捐已经结束" in text_of(answer)


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
        Session.objects.create(
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
    workflow.set_cover(activity, photos.process(io.BytesIO(media.jpeg(64, 48))), by=town.staff)
    url = f"{activity.get_absolute_url()}cover/thumb.jpg"
    assert visit(None).get(url).getvalue()
    team = TeamFactory(community=town.community)
    Activity.objects.filter(pk=activity.pk).update(team=team)
    assert visit(None).get(url).status_code == 404
    assert visit(town.rider).get(url).status_code == 404


# --- one's own ------------------------------------------------------------------------------


def test_ones_own_page_shows_what_is_coming_and_where_one_stands(town, visit, activity):
    place, full = session(activity, hours=30), session(activity, hours=40, maximum=1)
    client = visit(town.rider)
    assert "还没报名" in text_of(client.get("/volunteers/mine/"))
    workflow.sign_up(full, by=town.stranger)
    workflow.sign_up(full, by=town.rider)
    workflow.sign_up(place, by=town.rider)
    shown = text_of(client.get("/volunteers/mine/"))
    assert shown.index("已报上") < shown.index("候补第 1 位")
    few = queries(client, "/volunteers/mine/")
    for index in range(20):
        workflow.sign_up(session(activity, hours=50 + 2 * index), by=town.rider)
    assert queries(client, "/volunteers/mine/") == few == 6
    # One tap there leads back there.
    own = place.signups.get(user=town.rider)
    url = f"/volunteers/sessions/{place.pk}/leave/"
    answer = client.post(url, {"seen": own.pk, "next": "/volunteers/mine/"})
    assert answer.url == f"/volunteers/mine/#session-{place.pk}"


def test_the_front_page_shows_ones_next_session_and_what_is_on(town, visit, activity):
    workflow.sign_up(session(activity, hours=40), by=town.rider)
    assert "近期活动" in text_of(visit(None).get("/"))
    page = visit(town.rider).get("/").content.decode()
    assert page.index("大集疏导") < page.index("报一件" if "报一件" in page else "近期活动")
