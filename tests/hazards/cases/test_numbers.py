"""Numbers, looks, scope and the catalogue of cases."""

import re
import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from hazards.cases import duplicates
from hazards.cases.attachments import Attachments
from hazards.cases.case_numbers import normalise_number
from hazards.cases.models.hazards import Hazard, make_code
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.states import OPEN_STATES, SIGNS, State
from hazards.cases.transitions import TRANSITIONS, WAITS_FOR_CENTRE, WAITS_FOR_REVIEWER
from hazards.catalogue import load_catalogue
from hazards.catalogue.models import Category, StandardCase
from hazards.published import public
from tests import media
from tests.factories.hazards import report, standard, stored_photo
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    SubdistrictFactory,
)
from tests.threads import PATIENCE, POLL, holds_somebody_up
from yuanhang.core import geo
from yuanhang.core.models import ReferenceRow
from yuanhang.core.receipts import make_token

SHANGHAI = ZoneInfo("Asia/Shanghai")


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


@pytest.mark.django_db(transaction=True)
def test_files_are_on_the_disk_before_the_number_is_asked_for(town, stored_files):
    """Everybody's number waits behind the counter, and a photo takes the disk its time."""
    photo = stored_photo(media.jpeg(60, 40))
    report(town.six)
    found = {}

    def send():
        found["case"] = report(town.six, attachments=Attachments(photos=[photo]))
        connection.close()

    sender = threading.Thread(target=send)
    with transaction.atomic():
        NumberCounter.objects.select_for_update().get(subdistrict=town.subdistrict)
        sender.start()
        until = time.monotonic() + PATIENCE
        while not holds_somebody_up():
            assert time.monotonic() < until
            time.sleep(POLL)
        assert stored_files()
        assert Hazard.objects.count() == 1
    sender.join(20)
    assert found["case"].photos.count() == 1


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
    ends = {State.CLOSED, State.UNREPAIRED, State.REJECTED, State.MERGED, State.WITHDRAWN}
    assert set(OPEN_STATES) | ends == set(State)
    assert not set(OPEN_STATES) & ends
    # Only what its reporter took back stays as it is.
    moved = {state for move in TRANSITIONS.values() for state in move.sources}
    assert moved == set(State) - {State.WITHDRAWN}
    assert not set(WAITS_FOR_REVIEWER) & set(WAITS_FOR_CENTRE)


def test_the_index_of_open_cases_covers_exactly_the_open_states():
    indexes = [index for index in Hazard._meta.indexes if index.name.startswith("hazard_open_")]
    assert len(indexes) == 3
    for index in indexes:
        assert dict(index.condition.children) == {"state__in": [s.value for s in OPEN_STATES]}


def test_where_is_the_best_there_is(town):
    assert report(town.six, place="南六街").where == "南六街"
    assert report(town.six).where == "第六网格"
    assert report(None).where == "没写地点"
    # Outside every grid, where a point is known.
    assert report(None, point=geo.Point(46.9, 124.9, 10.0, "wgs84")).where == "网格外，有定位"


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
