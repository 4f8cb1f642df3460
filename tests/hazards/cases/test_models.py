"""What the database refuses, how words find a case, how days count, how states look."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from hazards.cases import duplicates
from hazards.cases.case_numbers import normalise_number
from hazards.cases.models.hazards import Hazard, make_code, make_token
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.search_terms import search_terms
from hazards.cases.states import OPEN_STATES, SIGNS, State
from hazards.cases.transitions import TRANSITIONS, WAITS_FOR_CENTRE, WAITS_FOR_REVIEWER
from hazards.catalogue import load_catalogue
from hazards.catalogue.models import Category, ReplyTemplate, StandardCase
from hazards.deadlines.models import WorkingSpan
from hazards.published import public
from tests.factories.hazards import advance, report, standard
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    OrganisationFactory,
    SubdistrictFactory,
)
from yuanhang.core.models import ReferenceRow

SHANGHAI = ZoneInfo("Asia/Shanghai")

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
def test_an_accepted_case_has_its_standard_and_its_time(rows, town, state):
    fields = {"state": state, "organisation": town.organisation}
    now = timezone.now()
    refused("hazard_accepted_has_standard", rows, **fields)
    refused("hazard_accepted_has_standard", rows, **fields, standard_case=standard())
    refused("hazard_accepted_has_standard", rows, **fields, accepted_at=now)
    rows.update(**fields, standard_case=standard(), accepted_at=now)


def test_a_dispatched_case_has_its_organisation(rows, town):
    fields = {"state": "dispatched", "standard_case": standard(), "accepted_at": timezone.now()}
    refused("hazard_dispatched_has_organisation", rows, **fields)
    rows.update(**fields, organisation=town.organisation)


def test_closed_and_its_time_go_together(rows):
    refused("hazard_closed_has_time", rows, state=State.CLOSED)
    refused("hazard_closed_has_time", rows, closed_at=timezone.now())
    rows.update(state=State.CLOSED, closed_at=timezone.now())


def test_a_case_is_extended_twice_at_most(rows):
    rows.update(extensions=2)
    refused("hazard_extended_twice_at_most", rows, extensions=3)


def test_merged_and_its_main_case_go_together(rows, town):
    main = report(town.six)
    refused("hazard_merged_has_main", rows, state=State.MERGED)
    refused("hazard_merged_has_main", rows, main=main)
    refused("hazard_not_its_own_main", rows, state=State.MERGED, main=rows.get())
    rows.update(state=State.MERGED, main=main)


def test_suspended_and_its_stamps_go_together(rows):
    now = timezone.now()
    until = timezone.localdate()
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
        "hazard_accepted_has_standard",
        "hazard_dispatched_has_organisation",
        "hazard_closed_has_time",
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


def numbers(words):
    return set(Hazard.objects.matching(words).values_list("description", flat=True))


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


@pytest.mark.parametrize("words", ["", "  ", "。", "！！ 🧊", "%"])
def test_words_without_letters_narrow_nothing(town, words):
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


# --- numbers --------------------------------------------------------------------------------


def at(monkeypatch, moment):
    """Stop the clock."""
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_numbers_start_again_at_local_midnight(town, monkeypatch):
    midnight = datetime(2026, 11, 24, tzinfo=SHANGHAI)
    at(monkeypatch, midnight - timedelta(seconds=1))
    before = [report(town.six).number for _ in range(2)]
    at(monkeypatch, midnight)
    after = [report(town.six).number for _ in range(2)]
    assert before == ["YH20261123-0001", "YH20261123-0002"]
    assert after == ["YH20261124-0001", "YH20261124-0002"]
    assert dict(NumberCounter.objects.values_list("day", "last")) == {
        datetime(2026, 11, 23).date(): 2,
        datetime(2026, 11, 24).date(): 2,
    }


def test_the_day_is_daqings_whatever_zone_the_moment_is_told_in(town):
    here = town.subdistrict.pk
    evening = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # half past midnight in Daqing
    assert NumberCounter.next_number(here, evening) == "YH20261124-0001"
    assert NumberCounter.next_number(here, evening - timedelta(hours=1)) == "YH20261123-0001"


def test_each_subdistrict_counts_for_itself_under_its_own_letters(town, client):
    assert town.subdistrict.number_prefix == "YH"
    second = SubdistrictFactory()
    grid = GridFactory(community=CommunityFactory(subdistrict=second))
    numbers = [report(place).number for place in (town.six, grid, grid, town.six)]
    assert [number[:3] for number in numbers] == ["YH2", "YHA", "YHA", "YH2"]
    assert [number[-4:] for number in numbers] == ["0001", "0001", "0002", "0002"]
    assert normalise_number(numbers[1].lower().replace("-", "")) == numbers[1]
    found = {"number": numbers[1], "code": Hazard.objects.get(number=numbers[1]).lookup_code}
    assert client.post(reverse("hazards:lookup"), found).status_code == 302
    client.force_login(town.admin)
    assert client.get(reverse("hazards:case", args=[numbers[1]])).status_code == 200


def test_a_day_may_have_more_than_ten_thousand(town, client, monkeypatch):
    moment = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
    at(monkeypatch, moment)
    NumberCounter.objects.create(subdistrict=town.subdistrict, day=moment.date(), last=9_999)
    hazard = report(town.six)
    assert hazard.number == "YH20261123-10000"
    monkeypatch.undo()
    client.force_login(town.grid_worker)
    assert client.get(hazard.get_absolute_url()).status_code == 200


# --- names and looks ------------------------------------------------------------------------


def test_tokens_and_codes_are_not_to_be_guessed():
    tokens = {make_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)
    codes = {make_code() for _ in range(200)}
    assert len(codes) > 190
    assert all(re.fullmatch(r"\d{8}", code) for code in codes)


def test_every_state_has_its_own_sign():
    assert SIGNS.keys() == set(State)
    shapes = [sign.shape for sign in SIGNS.values()]
    assert len(set(shapes)) == len(shapes)
    assert {sign.tone for sign in SIGNS.values()} <= {"slate", "teal", "indigo", "amber", "green"}


def test_every_state_is_open_or_an_end():
    ends = {State.CLOSED, State.REJECTED, State.MERGED, State.WITHDRAWN}
    assert set(OPEN_STATES) | ends == set(State)
    assert not set(OPEN_STATES) & ends
    # Only a closed case is reopened or rated, and only a merged one taken apart.
    moved = {state for move in TRANSITIONS.values() for state in move.sources}
    assert moved == set(OPEN_STATES) | {State.CLOSED, State.MERGED}
    assert not set(WAITS_FOR_REVIEWER) & set(WAITS_FOR_CENTRE)


def test_the_index_of_open_cases_covers_exactly_the_open_states():
    indexes = [index for index in Hazard._meta.indexes if index.name.startswith("hazard_open_")]
    assert len(indexes) == 3
    for index in indexes:
        assert dict(index.condition.children) == {"state__in": [s.value for s in OPEN_STATES]}


def test_where_is_the_best_there_is(town):
    assert report(town.six, place="南六街").where == "南六街"
    assert report(town.six).where == "第六网格"
    assert report(None).where == "位置见照片或语音"


# --- scope ----------------------------------------------------------------------------------


def test_in_charge_are_posts_not_reporters(town):
    theirs = report(town.far, by=town.grid_worker)
    own = report(town.six, by=town.rider)
    seen = {
        name: (
            set(Hazard.objects.visible_to(getattr(town, name))),
            set(Hazard.objects.in_charge_of(getattr(town, name))),
        )
        for name in ("rider", "stranger", "grid_worker", "staff", "other_staff", "officer", "admin")
    }
    assert seen == {
        "rider": ({own}, set()),
        "stranger": (set(), set()),
        "grid_worker": ({own, theirs}, {own}),
        "staff": ({own}, {own}),
        "other_staff": ({theirs}, {theirs}),
        "officer": ({own, theirs}, {own, theirs}),
        "admin": ({own, theirs}, {own, theirs}),
    }


# --- catalogue ------------------------------------------------------------------------------


def test_the_catalogue_is_there_and_loading_it_again_changes_nothing(db):
    assert Category.objects.filter(is_active=True).count() == 12
    assert StandardCase.objects.count() == 57
    Category.objects.filter(key="ice").update(name="冰")
    assert load_catalogue.load_catalogue() == (0, 0)
    assert Category.objects.get(key="ice").name == "冰"


def test_what_staff_deleted_is_not_brought_back(db):
    StandardCase.objects.filter(code="0102").delete()
    assert load_catalogue.load_catalogue() == (0, 0)


def test_the_catalogue_adds_what_this_database_never_got(db):
    StandardCase.objects.filter(code="0102").delete()
    ReferenceRow.objects.filter(name__contains="/0102/").delete()
    assert load_catalogue.load_catalogue() == (0, 4)
    assert set(standard().categories.values_list("key", flat=True)) == {"manhole"}


# --- what a category lets others see --------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "person", "may_be_published": True},
        {"kind": "person", "ask_passers_by": True, "is_dangerous": False},
        {"kind": "agreement", "offer_as_duplicate": True},
        {"kind": "thing", "ask_passers_by": True, "is_dangerous": True},
    ],
)
def test_the_database_refuses_to_show_people_or_to_send_them_into_danger(db, fields):
    with pytest.raises(IntegrityError, match="category_"), transaction.atomic():
        Category.objects.create(key="new", seal="新", name="新类", **fields)


def test_a_category_that_nobody_has_thought_about_is_shown_to_nobody(town, client):
    """走失儿童, added in the admin: no stranger reads of it, on no page."""
    Category.objects.create(key="child", seal="童", name="走失儿童")
    hazard = report(town.six, by=town.rider, category="child", place="大集东口")
    client.force_login(town.stranger)
    for url in (reverse("hazards:nearby-cases"), reverse("hazards:fixed")):
        assert "走失儿童" not in client.get(url).content.decode()
    say = reverse("hazards:sighting-create", args=[hazard.number])
    assert client.post(say, {"says": "still"}).status_code == 404
    assert not duplicates.find_duplicates(hazard, town.stranger, is_reviewer=False)
    Hazard.objects.filter(pk=hazard.pk).update(state="closed", closed_at=timezone.now())
    client.force_login(town.grid_worker)
    hazard.refresh_from_db()
    assert not public.is_offered(hazard)
