"""Passers-by: one tap, one voice a person and phase, and a second look for the reviewer."""

import re

import pytest
from django.db import IntegrityError, transaction

from hazards.cases import cases
from hazards.cases.access import can_create_sighting
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.sightings import sightings
from hazards.sightings.models import Sighting
from tests import media
from tests.factories.hazards import advance, into, report, stored_photo
from tests.factories.stations import (
    LandmarkFactory,
)
from tests.factories.workers import UserFactory
from tests.hazards.sightings.sightings_help import GONE, PAGE, STILL, closed_days_ago, tap
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.geo import Point
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


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
