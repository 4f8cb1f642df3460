"""Signing up, coming along, leaving and pledging through HTTP, and one's own page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, SkillFactory, riders, session
from tests.volunteers.record.reading import markup_of, press, queries, text_of
from volunteers.activities import signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import SignUp

S = SignUp.State


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


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
    first = signups.sign_up(place, by=others[0])
    second = signups.sign_up(place, by=others[1])
    client, url = visit(town.rider), activity.get_absolute_url()
    press(client, place, "sign-up")
    shown = text_of(client.get(url))
    assert "候补第 2 位" in shown
    assert "前面还有 1 人，满 1 人。" in shown
    signups.leave(second, by=others[1])
    assert "你排第一，满 1 人。" in text_of(client.get(url))
    signups.leave(first, by=others[0])
    assert "点一下确认，过时给下一位" in text_of(client.get(url))
    press(client, place, "accept")
    assert place.signups.get(user=town.rider).state == S.CONFIRMED


def test_each_of_a_pair_that_waits_has_a_place_in_the_line(town, visit, activity):
    place = session(activity, maximum=2)
    signups.sign_up(place, by=town.staff)
    first = signups.sign_up(place, by=town.rider, as_pair=True)
    signups.join_pair(first.pair, by=town.stranger)
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
    assert (
        visit(None).post(url, headers={"Referer": f"http://testserver{url}"}).url
        == f"/accounts/login/?next={url}"
    )
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
    block = markup_of(answer)
    assert block.startswith(f'<article class="card session is-in" id="session-{place.pk}"')
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
    theirs = signups.sign_up(place, by=town.stranger)
    signups.sign_up(place, by=town.rider)
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
    public = markup_of(visit(None).get(url))
    assert '<progress class="pledge-bar" max="50" value="2"' in public
    Activity.objects.filter(pk=trees.pk).update(state="finished")
    answer = visit(town.rider).post(f"{url}pledge/", {"quantity": "3"})
    assert answer.status_code == 409
    assert "认捐已经结束" in text_of(answer)


def test_ones_own_page_shows_what_is_coming_and_where_one_stands(town, visit, activity):
    place, full = session(activity, hours=30), session(activity, hours=40, maximum=1)
    client = visit(town.rider)
    assert "还没报名" in text_of(client.get("/volunteers/mine/"))
    signups.sign_up(full, by=town.stranger)
    signups.sign_up(full, by=town.rider)
    signups.sign_up(place, by=town.rider)
    shown = text_of(client.get("/volunteers/mine/"))
    assert shown.index("已报上") < shown.index("候补第 1 位")
    few = queries(client, "/volunteers/mine/")
    for index in range(20):
        signups.sign_up(session(activity, hours=50 + 2 * index), by=town.rider)
    assert queries(client, "/volunteers/mine/") == few == 7
    # One tap there leads back there.
    own = place.signups.get(user=town.rider)
    url = f"/volunteers/sessions/{place.pk}/leave/"
    answer = client.post(url, {"seen": own.pk, "next": "/volunteers/mine/"})
    assert answer.url == f"/volunteers/mine/#session-{place.pk}"


def test_the_front_page_shows_ones_next_session_and_what_is_on(town, visit, activity):
    signups.sign_up(session(activity, hours=40), by=town.rider)
    assert "近期活动" in text_of(visit(None).get("/"))
    page = visit(town.rider).get("/").content.decode()
    assert page.index("大集疏导") < page.index("报一件" if "报一件" in page else "近期活动")


def test_who_has_a_place_knows_whom_to_look_for_and_nobody_else(town, visit, activity):
    leader = town.grid_worker
    place = session(activity, maximum=2, leader=leader)
    name, url = f"负责人：{leader}", activity.get_absolute_url()
    other, waiting, pairing = riders(3)
    signups.sign_up(place, by=town.rider)
    signups.sign_up(place, by=other)
    signups.sign_up(place, by=waiting)
    signups.sign_up(place, by=pairing, as_pair=True)
    for address in (url, "/volunteers/mine/"):
        assert name in text_of(visit(town.rider).get(address)).replace(" ", "")
        for user in (waiting, pairing):
            assert str(leader) not in text_of(visit(user).get(address))
    for user in (None, town.stranger, town.other_staff):
        assert str(leader) not in text_of(visit(user).get(url))
    # Nor by the list, the invitation, the poster, the calendar.
    code = place.signups.get(user=pairing).pair
    for address in (
        "/volunteers/",
        f"/volunteers/pairs/{code}/",
        f"{url}poster/",
        f"/volunteers/sessions/{place.pk}/calendar.ics",
    ):
        assert leader.display_name not in visit(town.rider).get(address).content.decode()
    # Giving the place back is giving the name back.
    assert str(leader) not in text_of(press(visit(town.rider), place, "leave"))
    assert str(leader) not in text_of(visit(town.rider).get(url))


def test_the_button_that_signs_up_answers_with_the_leader(town, visit, activity):
    place = session(activity, leader=town.grid_worker)
    client, address = visit(town.rider), f"/volunteers/sessions/{place.pk}/sign-up/"
    answer = client.post(address, {"seen": "0"}, headers={"HX-Request": "true"})
    assert str(town.grid_worker) in text_of(answer)


def test_whoever_leads_themselves_is_called_you(town, visit, activity):
    place = session(activity, leader=town.rider)
    signups.sign_up(place, by=town.rider)
    assert "负责人：你" in text_of(visit(town.rider).get("/volunteers/mine/"))


def test_a_confidential_session_names_no_leader(town, visit):
    talk = ActivityFactory(community=town.community, organiser=town.staff, is_confidential=True)
    signups.sign_up(session(talk, leader=town.grid_worker), by=town.rider)
    for address in (talk.get_absolute_url(), "/volunteers/mine/"):
        assert "负责人：" not in text_of(visit(town.rider).get(address))


@pytest.mark.parametrize("count", [1, 20])
def test_leaders_cost_one_query_however_many(town, visit, activity, count):
    for index in range(count):
        leader = riders(1)[0]
        signups.sign_up(session(activity, hours=30 + 2 * index, leader=leader), by=town.rider)
    client = visit(town.rider)
    assert queries(client, "/volunteers/mine/") == 8
    assert queries(client, activity.get_absolute_url()) == 13


def test_whoever_invites_finds_the_link_on_the_invitation_as_well(town, visit, activity):
    place = session(activity, maximum=4)
    first = signups.sign_up(place, by=town.rider, as_pair=True)
    url = f"/volunteers/pairs/{first.pair}/"
    own = markup_of(visit(town.rider).get(url))
    assert f'readonly value="http://testserver{url}"' in own
    # Hidden until the script finds out what the phone can do.
    assert re.search(r'<button[^>]* hidden data-share="pair-', own)
    for user in (None, town.stranger):
        assert "data-share" not in visit(user).get(url).content.decode()
    signups.join_pair(first.pair, by=town.stranger)
    joined = visit(town.rider).get(url).content.decode()
    assert "你们一起" in joined
    assert "data-share" not in joined
