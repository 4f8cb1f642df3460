"""What the database refuses, how words find a case, how days count, how states look."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.search_terms import search_terms
from hazards.cases.states import State
from hazards.catalogue.models import Category, EndReason, ReplyTemplate, StandardCase
from hazards.deadlines.models import WorkingSpan
from tests.factories.hazards import advance, report, standard
from tests.factories.stations import (
    OrganisationFactory,
)
from tests.hazards.cases.models_help import numbers

# --- constraints ----------------------------------------------------------------------------


def refused(constraint, queryset, **fields):
    """The database refuses the update, by the named constraint."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        queryset.update(**fields)


@pytest.fixture
def rows(town):
    """One submitted case, as a queryset to break."""
    return Hazard.objects.filter(pk=report(town.six).pk)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(46.5, None), (None, 124.9), (90.1, 124.9), (-90.1, 0), (46.5, 180.1), (46.5, -180.1)],
)
def test_half_a_point_or_one_off_the_earth_is_refused(rows, latitude, longitude):
    refused("hazard_point", rows, latitude=latitude, longitude=longitude)
    rows.update(latitude=46.5, longitude=124.9)
    rows.update(latitude=None, longitude=None)


@pytest.mark.parametrize("urgency", [0, 5])
def test_an_urgency_beyond_the_scale_is_refused(rows, urgency):
    refused("hazard_urgency", rows, urgency=urgency)
    refused("category_urgency", Category.objects.filter(key="ice"), urgency=urgency)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.ESCALATED, State.DISPATCHED])
def test_an_accepted_case_has_its_times(rows, town, state):
    fields = {"state": state, "organisation": town.organisation}
    now = timezone.now()
    refused("hazard_accepted_has_clock", rows, **fields)
    refused("hazard_accepted_has_clock", rows, **fields, accepted_at=now, clock_started_at=None)
    rows.update(**fields, accepted_at=now)


def test_a_dispatched_case_has_its_organisation(rows, town):
    fields = {"state": "dispatched", "standard_case": standard(), "accepted_at": timezone.now()}
    refused("hazard_dispatched_has_organisation", rows, **fields)
    rows.update(**fields, organisation=town.organisation)


def test_closed_and_its_time_go_together(rows):
    for state in (State.CLOSED, State.UNREPAIRED):
        refused("hazard_ended_has_time", rows, state=state)
    refused("hazard_ended_has_time", rows, closed_at=timezone.now())
    rows.update(state=State.CLOSED, closed_at=timezone.now())


def test_an_end_without_a_repair_and_its_reason_go_together(rows):
    reason, now = EndReason.objects.first(), timezone.now()
    unrepaired = {"state": State.UNREPAIRED, "closed_at": now}
    refused("hazard_unrepaired_has_reason", rows, **unrepaired)
    refused("hazard_unrepaired_has_reason", rows, end_reason=reason)
    rows.update(**unrepaired, end_reason=reason)


def test_whoever_is_at_a_case_is_so_until_a_time(rows, town):
    refused("hazard_taken_until", rows, taken_by=town.grid_worker)
    rows.update(taken_by=town.grid_worker, taken_until=timezone.now())


def test_a_case_is_extended_twice_at_most(rows):
    rows.update(extensions=2)
    refused("hazard_extended_twice_at_most", rows, extensions=3)


def test_merged_and_its_main_case_go_together(rows, town):
    main = report(town.six)
    refused("hazard_merged_has_main", rows, state=State.MERGED)
    refused("hazard_merged_has_main", rows, main=main)
    refused("hazard_merged_has_main", rows, state=State.MERGED, main=main)
    own = rows.get()
    refused("hazard_not_its_own_main", rows, state=State.MERGED, main=own, merged_into=own)
    rows.update(state=State.MERGED, main=main, merged_into=main)


def test_suspended_and_its_stamps_go_together(rows):
    now = timezone.now()
    until = timezone.localdate()
    rows.update(accepted_at=now)
    refused("hazard_suspended_has_stamps", rows, state=State.SUSPENDED, suspended_at=now)
    refused("hazard_suspended_has_stamps", rows, state=State.SUSPENDED, suspended_until=until)
    refused("hazard_suspended_has_stamps", rows, suspended_at=now)
    rows.update(state=State.SUSPENDED, suspended_at=now, suspended_until=until)


@pytest.mark.parametrize("rating", [0, 4])
def test_a_rating_beyond_the_three_words_is_refused(rows, rating):
    refused("hazard_rating", rows, rating=rating)


def test_working_spans_end_after_they_begin_and_do_not_meet(db):
    WorkingSpan.objects.create(opens="08:30", closes="11:30")
    span = WorkingSpan(opens="11:30", closes="12:00")
    with pytest.raises(ValidationError, match="重叠或相连"):
        span.full_clean()
    with pytest.raises(IntegrityError, match="working_span_ends_after_start"), transaction.atomic():
        WorkingSpan.objects.create(opens="12:00", closes="12:00")


@pytest.mark.parametrize("field", ["number", "submission_key", "receipt_token"])
def test_what_names_a_case_names_one_case(rows, town, field):
    other = report(town.six)
    refused(field, rows, **{field: getattr(other, field)})


def test_a_standard_has_a_limit_and_is_listed_once(db):
    row = StandardCase.objects.filter(pk=standard().pk)
    refused("standard_case_limit", row, limit=0)
    refused("standard_case_once", row, variant=2)


def test_open_pictures_are_shown_only_of_what_is_shown_closed(db):
    row = Category.objects.filter(may_be_published=False)[:1]
    row = Category.objects.filter(pk=row[0].pk)
    refused("category_shows_open_what_it_shows_closed", row, shows_open_pictures=True)


def test_a_subdistrict_has_one_counter_a_day(town):
    row = {"subdistrict": town.subdistrict, "day": timezone.localdate()}
    NumberCounter.objects.create(**row)
    with pytest.raises(IntegrityError, match="number_counter_once"), transaction.atomic():
        NumberCounter.objects.create(**row)


def test_every_constraint_of_the_room_was_broken_above():
    """A new constraint wants its test."""
    models = (Hazard, Category, StandardCase, NumberCounter, WorkingSpan, ReplyTemplate)
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named == {
        "hazard_point",
        "hazard_urgency",
        "hazard_accepted_has_clock",
        "hazard_dispatched_has_organisation",
        "hazard_ended_has_time",
        "hazard_unrepaired_has_reason",
        "hazard_taken_until",
        "hazard_extended_twice_at_most",
        "hazard_merged_has_main",
        "hazard_not_its_own_main",
        "hazard_suspended_has_stamps",
        "hazard_rating",
        "working_span_ends_after_start",
        "reply_template_once",
        "category_urgency",
        "category_shows_things_alone",
        "category_sends_nobody_into_danger",
        "category_shows_open_what_it_shows_closed",
        "number_counter_once",
        "standard_case_once",
        "standard_case_limit",
    }


def test_what_a_case_refers_to_stays_while_the_case_stays(town):
    hazard = advance(
        report(town.six),
        "dispatched",
        reviewer=town.grid_worker,
        officer=town.officer,
        organisation=town.organisation,
    )
    for thing in (town.six, town.community, hazard.category, standard(), town.organisation):
        with pytest.raises(IntegrityError):
            type(thing).objects.filter(pk=thing.pk).delete()
    OrganisationFactory(subdistrict=town.subdistrict).delete()


def test_a_case_outlives_its_reporter(town):
    hazard = report(town.six, by=town.rider)
    town.rider.delete()
    hazard.refresh_from_db()
    assert (hazard.reporter, hazard.steps.get().by) == (None, None)


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "terms"),
    [
        (["井盖翘"], {"井", "盖", "翘", "井盖", "盖翘"}),
        (["井，盖"], {"井", "盖"}),
        (["LED灯"], {"l", "e", "d", "灯", "le", "ed", "d灯"}),
        (["井", "盖"], {"井", "盖"}),
        (["井盖", "井盖"], {"井", "盖", "井盖"}),
        (["", None, " 。！🧊"], set()),
        (["𠮷林"], {"𠮷", "林", "𠮷林"}),
    ],
)
def test_search_terms_are_characters_and_pairs(texts, terms):
    assert search_terms(*texts) == sorted(terms)


def test_a_case_is_found_by_any_piece_of_its_words_place_or_number(town):
    first = report(town.six, description="井盖翘起来了", place="南六街与外环路口")
    report(town.six, description="路灯不亮", place="南七街")
    assert numbers("井盖") == {"井盖翘起来了"}
    assert numbers("盖") == {"井盖翘起来了"}
    assert numbers("南六街") == {"井盖翘起来了"}
    assert numbers("街") == {"井盖翘起来了", "路灯不亮"}
    assert numbers("井盖 外环") == {"井盖翘起来了"}
    assert numbers("井盖 南七街") == set()
    assert numbers(first.number) == {"井盖翘起来了"}
    assert numbers(first.number[-4:]) == {"井盖翘起来了"}
    assert numbers(first.number.lower()) == {"井盖翘起来了"}


def test_characters_that_stand_apart_are_no_word(town):
    """All pairs are there, the word is not: the index proposes, the text decides."""
    report(town.six, description="人行 行道 道路")
    assert numbers("人行道") == set()
    report(town.six, description="人行道裂了")
    assert numbers("人行道") == {"人行道裂了"}


@pytest.mark.parametrize("words", ["", "  ", "\u200b"])
def test_no_words_narrow_nothing(town, words):
    report(town.six, description="井盖")
    assert numbers(words) == {"井盖"}


def test_wildcards_of_the_database_are_plain_signs(town):
    report(town.six, description="优惠 5% 折")
    report(town.six, description="优惠 55 折")
    assert numbers("5%") == {"优惠 5% 折"}
    assert numbers("5_") == set()


def test_terms_follow_the_text(town):
    hazard = report(town.six, description="井盖")
    hazard.description = "路灯"
    hazard.save()
    assert (numbers("井盖"), numbers("路灯")) == (set(), {"路灯"})
