"""Passers-by: one tap, one voice a person and phase, and a second look for the reviewer."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.access import can_create_sighting
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.published import public
from hazards.sightings import sightings
from hazards.sightings.models import Sighting
from tests import media
from tests.factories.hazards import advance, into, report, stored_photo
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    LandmarkFactory,
    SubdistrictFactory,
)
from tests.factories.workers import UserFactory, WorkerFactory, post
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.geo import Point
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

PAGE = "/hazards/around/"
STILL, GONE = Sighting.Says.STILL, Sighting.Says.GONE


@pytest.fixture
def open_case(town):
    return report(town.six, by=town.rider)


@pytest.fixture
def closed_case(town):
    return advance(
        report(town.six, by=town.rider), "closed", reviewer=town.grid_worker, officer=town.officer
    )


@pytest.fixture
def passer(town):
    """Another registered rider of the community."""
    return WorkerFactory(user=UserFactory(), community=town.community).user


def tap(client, hazard, says, **more):
    return client.post(f"/hazards/{hazard.number}/seen/", {"says": says, **more})


def closed_days_ago(hazard, days):
    Hazard.objects.filter(pk=hazard.pk).update(closed_at=timezone.now() - timedelta(days=days))


def voices():
    return list(Sighting.objects.order_by("pk").values_list("by", "says"))


def told_again():
    return Notice.objects.filter(kind="hazards.staff_still_there")


# --- one voice a person and phase -----------------------------------------------------------


def test_one_tap_is_kept_and_the_state_stays(open_case, passer, visit):
    response = tap(visit(passer), open_case, "still")
    assert response.url == f"{PAGE}#case-{open_case.pk}"
    assert "记下了，谢谢你。" in response.client.get(PAGE).content.decode()
    assert voices() == [(passer.pk, "still")]
    open_case.refresh_from_db()
    assert open_case.state == State.SUBMITTED
    event = AuditEvent.objects.get(kind="hazards.say")
    assert (event.actor_id, event.target_id) == (passer.pk, str(open_case.pk))
    assert event.changes == {"says": [None, "still"]}


def test_the_same_tap_again_changes_nothing(open_case, passer, visit):
    tap(visit(passer), open_case, "still")
    before = Sighting.objects.get().at
    assert tap(visit(passer), open_case, "still").status_code == 302
    assert Sighting.objects.get().at == before
    assert AuditEvent.objects.filter(kind="hazards.say").count() == 1


def test_the_last_word_of_a_person_counts(open_case, passer, visit):
    tap(visit(passer), open_case, "still")
    tap(visit(passer), open_case, "gone")
    assert voices() == [(passer.pk, "gone")]
    changes = AuditEvent.objects.filter(kind="hazards.say").order_by("pk")
    assert [event.changes["says"] for event in changes] == [[None, "still"], ["still", "gone"]]


def test_a_person_may_speak_anew_in_every_phase(town, passer):
    hazard = report(town.six)
    sightings.create(hazard, by=passer, says=STILL)
    people = {"reviewer": town.grid_worker, "officer": town.officer}
    hazard = advance(hazard, "closed", **people)
    sightings.create(hazard, by=passer, says=STILL)
    hazard = cases.reopen(hazard, by=town.grid_worker, role="reviewer", reason="还在")
    sightings.create(hazard, by=passer, says=STILL)
    hazard = cases.close(
        cases.fix(hazard, by=town.grid_worker), by=town.grid_worker, condition_met=True
    )
    sightings.create(hazard, by=passer, says=GONE)
    kept = Sighting.objects.order_by("pk").values_list("reopened", "after_closing", "says")
    assert list(kept) == [
        (0, False, "still"),
        (0, True, "still"),
        (1, False, "still"),
        (1, True, "gone"),
    ]
    assert sightings.tally(hazard) == {"still": 0, "gone": 1}


def test_the_database_refuses_a_second_voice_and_a_third_word(open_case, passer):
    word = {"hazard": open_case, "by": passer, "reopened": 0, "after_closing": False}
    Sighting.objects.create(**word, says="still")
    for again, name in (
        (word | {"says": "gone"}, "sighting_one_voice"),
        (word | {"reopened": 1, "says": "maybe"}, "sighting_says"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Sighting.objects.create(**again)


def test_when_an_account_goes_the_word_stays_and_the_person_does_not(open_case, passer, town):
    sightings.create(open_case, by=passer, says=STILL)
    sightings.create(open_case, by=town.stranger, says=STILL)
    passer.delete()
    town.stranger.delete()
    assert voices() == [(None, "still"), (None, "still")]
    assert sightings.tally(open_case) == {"still": 2, "gone": 0}


def test_of_a_merged_case_the_main_one_is_spoken_of(town, passer, visit):
    hazard = into(report(town.six), State.MERGED, town)
    main = Hazard.objects.get(pk=hazard.main_id)
    tap(visit(passer), hazard, "still")
    assert Sighting.objects.get().hazard == main


def test_the_reporter_of_the_main_case_is_no_passer_by_of_it(town, visit):
    hazard = into(report(town.six), State.MERGED, town)
    Hazard.objects.filter(pk=hazard.main_id).update(reporter=town.rider)
    assert tap(visit(town.rider), hazard, "still").status_code == 403


# --- who and what ---------------------------------------------------------------------------


def test_a_passer_by_is_whoever_cannot_open_the_case(town, passer):
    cases = [
        report(grid, by=by) for grid in (town.six, town.far, None) for by in (town.rider, None)
    ]
    people = [u for u in vars(town).values() if type(u) is type(town.rider)] + [passer]
    for user in people:
        seen = set(Hazard.objects.visible_to(user).values_list("pk", flat=True))
        passes = {hazard.pk for hazard in cases if can_create_sighting(user, hazard)}
        assert passes == {hazard.pk for hazard in cases} - seen, user


@pytest.mark.parametrize("says", ["", "maybe", "\x00", "STILL"])
def test_a_word_that_is_none_is_refused(open_case, passer, visit, says):
    response = tap(visit(passer), open_case, says)
    assert response.status_code == 400
    assert "点「还在」或「已修好」。" in response.content.decode()
    # The buttons of that page lead back to the list and not to where only a POST goes.
    assert f'name="next" value="{PAGE}"' in response.content.decode()
    assert voices() == []


def test_a_number_that_is_none_and_a_plain_visit(open_case, passer, visit):
    client = visit(passer)
    assert client.post("/hazards/YH20200101-0001/seen/", {"says": "still"}).status_code == 404
    assert client.get(f"/hazards/{open_case.number}/seen/").status_code == 405
    assert client.get(open_case.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("category", ["elder", "fraud", "oil_gas"])
def test_what_is_about_people_is_not_there(town, passer, visit, category):
    hazard = report(town.six, category=category)
    assert tap(visit(passer), hazard, "still").status_code == 404
    assert visit(passer).get(PAGE).context["cases"] == []
    with pytest.raises(NotAllowedNowError, match="不用看了"):
        sightings.create(hazard, by=passer, says=STILL)


@pytest.mark.parametrize("state", list(State))
def test_which_states_are_asked_about(town, passer, visit, state):
    hazard = into(report(town.six), state, town)
    asked = state in OPEN_STATES or state == State.CLOSED
    listed = {case["pk"] for case in visit(passer).get(PAGE).context["cases"]}
    assert (hazard.pk in listed) is asked
    response = tap(visit(passer), hazard, "still")
    # What is said of a merged case is said of its main one.
    assert response.status_code == (302 if asked or state == State.MERGED else 409)
    if response.status_code == 409:
        page = response.content.decode()
        assert "这一件现在不用看了，谢谢你。" in page
        assert str(state.label) not in page


def test_thirty_days_after_closing_nobody_is_asked(closed_case, passer, visit):
    closed_days_ago(closed_case, 31)
    response = tap(visit(passer), closed_case, "still")
    assert response.status_code == 409
    assert "办结超过 30 天了" in response.content.decode()
    assert visit(passer).get(PAGE).context["cases"] == []
    assert voices() == []
    closed_days_ago(closed_case, 29)
    assert tap(visit(passer), closed_case, "still").status_code == 302


def test_whoever_taps_without_end_is_stopped(open_case, passer, visit, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sighting": "2/10m/user"}
    client = visit(passer)
    answers = [tap(client, open_case, says) for says in ("still", "gone", "still")]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "点得太快了" in answers[2].content.decode()
    assert voices() == [(passer.pk, "gone")]


# --- a second look --------------------------------------------------------------------------


def test_two_people_after_closing_send_the_reviewer_to_look(closed_case, passer, town):
    sightings.create(closed_case, by=passer, says=STILL)
    assert not told_again().exists()
    sightings.create(closed_case, by=town.stranger, says=STILL)
    notice = told_again().get()
    assert notice.recipient == town.grid_worker
    assert notice.title.startswith("办结后有 2 人说还在：井盖道路")
    assert notice.url == closed_case.get_absolute_url()
    text = notice.title + notice.body
    assert str(passer) not in text
    assert str(town.stranger) not in text
    for user in (UserFactory(), UserFactory()):
        sightings.create(closed_case, by=user, says=STILL)
    assert told_again().count() == 1
    closed_case.refresh_from_db()
    assert closed_case.state == State.CLOSED


def test_one_person_is_one_voice_however_often_the_mind_is_changed(closed_case, passer):
    for says in (STILL, GONE, STILL, STILL):
        sightings.create(closed_case, by=passer, says=says)
    assert not told_again().exists()


def test_before_closing_and_for_fixed_nobody_is_sent(open_case, closed_case, passer, town):
    for user in (passer, town.stranger):
        sightings.create(open_case, by=user, says=STILL)
        sightings.create(closed_case, by=user, says=GONE)
    assert not told_again().exists()


def test_each_closing_has_its_own_notice(closed_case, passer, town):
    def both_say(hazard):
        for user in (passer, town.stranger):
            sightings.create(hazard, by=user, says=STILL)

    both_say(closed_case)
    hazard = cases.reopen(closed_case, by=town.grid_worker, role="reviewer", reason="还在")
    both_say(hazard)
    assert told_again().count() == 1
    hazard = cases.fix(hazard, by=town.grid_worker)
    hazard = cases.close(hazard, by=town.grid_worker, condition_met=True)
    both_say(hazard)
    assert told_again().count() == 2


def case_page(visit, user, hazard):
    return visit(user).get(hazard.get_absolute_url()).content.decode()


def test_the_reviewer_reads_how_many_and_finds_the_reopening_ready(
    closed_case, passer, town, visit
):
    page = case_page(visit, town.grid_worker, closed_case)
    assert 'id="sightings"' not in page
    sightings.create(closed_case, by=passer, says=STILL)
    assert "办结后路过的人：1 人说还在" in case_page(visit, town.grid_worker, closed_case)
    sightings.create(closed_case, by=town.stranger, says=STILL)
    page = case_page(visit, town.grid_worker, closed_case)
    assert "办结后有 2 人说还在" in page
    assert "去看一眼，真没修好就在下面重新打开。" in page
    assert re.search(r"<textarea[^>]*>\s*办结后有 2 人路过说还在。</textarea>", page)
    assert str(passer) not in page
    # The centre reads it too but does not reopen; the reporter reads none of it.
    assert "已经告诉网格员去看。" in case_page(visit, town.officer, closed_case)
    assert 'id="sightings"' not in case_page(visit, town.rider, closed_case)


def test_on_an_open_case_the_reviewer_reads_both_numbers(open_case, passer, town, visit):
    sightings.create(open_case, by=passer, says=STILL)
    sightings.create(open_case, by=town.stranger, says=GONE)
    page = case_page(visit, town.grid_worker, open_case)
    assert "路过的人：1 人说还在，1 人说已修好" in page


# --- the page -------------------------------------------------------------------------------


def test_the_page_tells_kind_and_rough_place_and_nobodys_words(town, passer, visit):
    LandmarkFactory(community=town.community, name="大集东口")
    hazard = report(
        town.six,
        by=town.rider,
        place="张三家门口",
        description="张三的车压坏的",
        point=Point(46.5451234, 124.9447654, 12),
        contact_name="李四",
        contact_phone="10000012345",
        attachments=Attachments(photos=[stored_photo(media.jpeg(64, 48))]),
    )
    page = visit(passer).get(PAGE).content.decode()
    assert "井盖道路 · 第六网格" in page
    assert 'data-latitude="46.545" data-longitude="124.945"' in page
    secrets = ["张三", "李四", "10000012345", "46.5451", "124.9447", str(town.rider)]
    secrets += [hazard.receipt_token, hazard.lookup_code, "/photos/"]
    assert [secret for secret in secrets if secret in page] == []
    Hazard.objects.update(place="大集东口")
    assert "井盖道路 · 大集东口" in visit(passer).get(PAGE).content.decode()


def test_a_public_picture_is_shown_while_the_case_is_closed(town, passer, visit):
    photos = Attachments(photos=[stored_photo(media.jpeg(64, 48))])
    people = {"reviewer": town.grid_worker, "officer": town.officer}
    hazard = advance(report(town.six, attachments=photos), "closed", **people)
    picture = f"/hazards/fixed/photos/{hazard.photos.get().pk}/"
    assert picture not in visit(passer).get(PAGE).content.decode()
    public.publish(hazard.photos.get(), by=town.grid_worker, boxes=[])
    assert picture in visit(passer).get(PAGE).content.decode()
    cases.reopen(hazard, by=town.grid_worker, role="reviewer", reason="还在")
    assert picture not in visit(passer).get(PAGE).content.decode()


def test_only_passers_by_get_buttons(open_case, closed_case, town, passer, visit):
    for user, buttons in (
        (passer, 2),
        (town.stranger, 2),
        (town.other_grid_worker, 2),
        (town.rider, 0),
        (town.grid_worker, 0),
        (town.admin, 0),
    ):
        page = visit(user).get(PAGE).content.decode()
        assert page.count('class="sighting"') == buttons, user
        assert page.count("打开这一件") == 2 - buttons, user


def test_one_sees_which_button_one_pressed(open_case, passer, town, visit):
    tap(visit(passer), open_case, "gone")
    pressed = re.compile(r'value="gone" id="gone-\d+" aria-pressed="true"')
    assert pressed.search(visit(passer).get(PAGE).content.decode())
    assert not pressed.search(visit(town.stranger).get(PAGE).content.decode())


def test_the_places_around_are_the_subdistricts_own(town, visit):
    elsewhere = CommunityFactory(name="别处社区", subdistrict=SubdistrictFactory())
    grid = GridFactory(community=elsewhere)
    here, there = report(town.far), report(grid)
    rider = WorkerFactory(user=UserFactory(), community=elsewhere).user
    keeper, holder = UserFactory(), UserFactory()
    post(holder, "grid_worker", grid)
    post(keeper, "station_keeper", town.station)
    for user, expected in (
        (town.rider, here),
        (town.stranger, here),  # registered nowhere: the home community's
        (keeper, here),
        (rider, there),
        (holder, there),
    ):
        shown = [case["pk"] for case in visit(user).get(PAGE).context["cases"]]
        assert shown == [expected.pk], user


def many(town, number):
    """Open cases straight into the table."""
    Hazard.objects.bulk_create(
        Hazard(
            number=f"YH20250101-{n:05d}",
            submission_key=f"00000000-0000-4000-8000-{n:012d}",
            subdistrict=town.subdistrict,
            community=town.community,
            grid=town.six,
            category_id="ice",
        )
        for n in range(number)
    )


def test_thirty_a_page_newest_first_and_every_case_once(town, passer, visit):
    many(town, 70)
    client, seen, before = visit(passer), [], ""
    for _page in range(3):
        context = client.get(PAGE, {"before": before}).context
        seen += [case["pk"] for case in context["cases"]]
        before = context["following"]
    assert seen == list(Hazard.objects.order_by("-id").values_list("pk", flat=True))
    assert before == ""


def test_for_nearest_first_the_browser_gets_them_all(town, passer, visit):
    many(town, 70)
    response = visit(passer).get(PAGE, {"near": "1"}, headers={"HX-Request": "true"})
    assert len(response.context["cases"]) == 70
    assert response.content.decode().lstrip().startswith('<div id="around-list">')
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("before", ["x", "W10", "WyJ4Il0", "Wy0xXQ", "WzFlOTld", "bnVsbA"])
def test_a_key_that_is_none_shows_the_first_page(open_case, passer, visit, before):
    assert len(visit(passer).get(PAGE, {"before": before}).context["cases"]) == 1


def test_the_page_costs_the_same_for_one_case_and_for_forty(
    town, passer, open_case, visit, django_assert_num_queries
):
    client = visit(passer)
    for rows in (1, 40):
        if rows > 1:
            many(town, rows - 1)
            for hazard in Hazard.objects.all():
                sightings.create(hazard, by=passer, says=STILL)
        # Session, user, registration, posts; cases, pictures, landmarks, own words; the bell.
        with django_assert_num_queries(9):
            client.get(PAGE)


def test_a_word_costs_the_same_whoever_spoke_before(
    closed_case, passer, town, django_assert_num_queries
):
    # Main case, the row held, own word, the new one, audit, count; two for the savepoint.
    with django_assert_num_queries(8):
        sightings.create(closed_case, by=passer, says=STILL)
    for _ in range(5):
        sightings.create(closed_case, by=UserFactory(), says=GONE)
    with django_assert_num_queries(8):
        sightings.create(closed_case, by=passer, says=GONE)


def test_htmx_gets_the_buttons_again_or_the_reason(open_case, passer, visit):
    client, url = visit(passer), f"/hazards/{open_case.number}/seen/"
    headers = {"HX-Request": "true"}
    page = client.post(url, {"says": "still", "next": PAGE}, headers=headers).content.decode()
    assert page.strip().startswith('<form class="sighting"')
    assert f'name="next" value="{PAGE}"' in page
    assert "记下了，谢谢你。" in page
    assert 'value="still" id="still-' in page
    refused = client.post(url, {"says": "x"}, headers=headers)
    assert refused.status_code == 400
    assert refused.content.decode().strip().startswith('<p class="alert-box sighting"')


def test_the_way_back_stays_on_this_site(open_case, passer, visit):
    client, anchor = visit(passer), f"#case-{open_case.pk}"
    fixed = "/hazards/fixed/?month=2026-11"
    assert tap(client, open_case, "still", next=fixed).url == fixed + anchor
    assert tap(client, open_case, "gone", next="https://x.example/").url == PAGE + anchor


# --- the public page of what was fixed ------------------------------------------------------


def test_on_the_fixed_page_only_who_is_logged_in_is_asked(closed_case, passer, town, visit):
    address, button = "/hazards/fixed/", f"/hazards/{closed_case.number}/seen/"
    month = {"month": f"{timezone.localtime(closed_case.closed_at):%Y-%m}"}
    for user, asked in ((None, False), (passer, True), (town.rider, False)):
        page = visit(user).get(address, month).content.decode()
        assert (button in page) is asked
        assert ("htmx" in page) is (user is not None)
    closed_days_ago(closed_case, 31)
    month = {"month": f"{timezone.localtime() - timedelta(days=31):%Y-%m}"}
    page = visit(passer).get(address, month).content.decode()
    assert "井盖道路" in page
    assert button not in page


def test_the_fixed_page_costs_a_passer_by_the_same_for_each_case(
    closed_case, passer, town, visit, django_assert_num_queries
):
    month, client = {"month": f"{timezone.localtime():%Y-%m}"}, visit(passer)
    for rows in (1, 25):
        if rows > 1:
            many(town, rows - 1)
            now = timezone.now()
            Hazard.objects.filter(category="ice").update(state=State.CLOSED, closed_at=now)
        # Session, user; cases, pictures, own words, landmarks, posts; the bell.
        with django_assert_num_queries(8):
            client.get("/hazards/fixed/", month)
