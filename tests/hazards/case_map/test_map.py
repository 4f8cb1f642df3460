"""The map: who gets which cases, what the numbers say, and what odd boxes do."""

import json
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hazards.case_map import map_data
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from tests import media
from tests.factories.hazards import advance, report, stored_photo, stored_voice
from tests.factories.workers import UserFactory, post
from yuanhang.core.geo import Point

DATA, PAGE = "/hazards/map/data/", "/hazards/map/"
IN_SIX = Point(46.545, 124.945, 10)


def at(latitude, longitude):
    return Point(latitude, longitude, 10)


@pytest.fixture
def ask(visit, town):
    """`ask("grid_worker", bbox=…)`: the endpoint's answer as a dict."""

    def get(role, **parameters):
        response = visit(getattr(town, role)).get(DATA, parameters)
        assert response.status_code == 200
        return response.json()

    return get


def shown(answer):
    return {case["where"] for case in answer["cases"]}


def make_many(town, number, **fields):
    """Cases straight into the table; the workflow would take minutes."""
    now = timezone.now()
    category = Category.objects.get(key="manhole")
    common = {
        "subdistrict": town.subdistrict,
        "community": town.community,
        "grid": town.six,
        "category": category,
        "latitude": 46.545,
        "longitude": 124.945,
    }
    Hazard.objects.bulk_create(
        Hazard(
            number=f"YH20250101-{n:05d}",
            submission_key=f"00000000-0000-4000-8000-{n:012d}",
            waiting_since=now - timedelta(minutes=n),
            **(common | fields),
        )
        for n in range(number)
    )


# --- who sees which -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("grid_worker", {"六"}),
        ("other_grid_worker", {"一"}),
        ("staff", {"六", "一"}),
        ("other_staff", {"景山"}),
        ("officer", {"六", "一", "景山"}),
        ("admin", {"六", "一", "景山"}),
    ],
)
def test_everybody_gets_the_cases_of_their_posts(town, ask, role, places):
    report(town.six, by=town.rider, place="六", point=IN_SIX)
    report(town.one, place="一", point=at(46.545, 124.935))
    report(town.far, place="景山", point=at(46.545, 124.955))
    assert shown(ask(role)) == places


def test_what_somebody_reported_elsewhere_is_not_on_their_map(town, ask):
    report(town.far, by=town.grid_worker, place="别处", point=at(46.545, 124.955))
    answer = ask("grid_worker")
    assert (answer["cases"], answer["counts"]) == ([], [])


def test_a_station_keeper_has_no_queue_and_so_no_map(town, visit):
    keeper = UserFactory()
    post(keeper, "station_keeper", town.station)
    assert visit(keeper).get(PAGE).status_code == 403
    assert visit(keeper).get(DATA).status_code == 403


def test_only_open_cases_are_drawn(town, ask):
    closed = report(town.six, place="办完的", point=IN_SIX)
    advance(closed, "closed", reviewer=town.grid_worker, officer=town.officer)
    report(town.six, place="没办完的", point=IN_SIX)
    answer = ask("grid_worker")
    assert shown(answer) == {"没办完的"}
    assert answer["counts"] == [{"grid": town.six.pk, "open": 1, "here": 1}]


def test_no_answer_is_kept_by_anybody(town, visit):
    response = visit(town.grid_worker).get(DATA)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


# --- what a case says -----------------------------------------------------------------------


def test_a_case_carries_the_words_of_its_row_and_the_sign_of_its_state(town, ask):
    found = Attachments(
        photos=[stored_photo(media.jpeg(64, 48))], voices=[stored_voice(media.wav(1.0))]
    )
    hazard = report(
        town.six,
        by=town.rider,
        place="南六街",
        point=IN_SIX,
        description="翘起来了",
        attachments=found,
        contact_phone="10000012345",
        contact_name="不给看",
    )
    advance(hazard, "accepted", reviewer=town.grid_worker)
    (case,) = ask("grid_worker")["cases"]
    assert case.pop("waited").startswith("剩 ")
    assert case == {
        "number": hazard.number,
        "url": f"/hazards/{hazard.number}/",
        "latitude": 46.545,
        "longitude": 124.945,
        "grid": town.six.pk,
        "category": "井盖道路",
        "seal": "井",
        "where": "南六街",
        "snippet": "「翘起来了」 · 1 秒语音",
        "thumb": f"/hazards/{hazard.number}/photos/{hazard.photos.get().pk}/thumb/",
        "urgent": False,
        "pressing": False,
        "shape": "◔",
        "tone": "teal",
        "state": "已受理",
    }


def test_the_most_urgent_comes_first(town, ask):
    calm = report(town.six, place="不急", point=IN_SIX)
    report(town.six, place="急", point=IN_SIX)
    Hazard.objects.exclude(pk=calm.pk).update(urgency=1)
    Hazard.objects.filter(pk=calm.pk).update(urgency=3)
    cases = ask("grid_worker")["cases"]
    assert [(case["where"], case["urgent"]) for case in cases] == [("急", True), ("不急", False)]


def test_a_missed_deadline_shows_before_the_state(town, ask):
    report(town.six, point=IN_SIX)
    Hazard.objects.update(acknowledge_due_at=timezone.now() - timedelta(hours=1, minutes=1))
    (case,) = ask("grid_worker")["cases"]
    assert (case["shape"], case["tone"], case["state"]) == ("▲", "red", "待受理")
    assert case["waited"] == "▲ 超 1 小时"


# --- boxes ----------------------------------------------------------------------------------


def test_a_box_cuts_out_its_cases_and_counts_the_others(town, ask):
    report(town.six, place="西边", point=at(46.545, 124.941))
    report(town.six, place="东边", point=at(46.545, 124.949))
    report(town.six, place="没有位置")
    answer = ask("grid_worker", bbox="124.94,46.54,124.945,46.55")
    assert shown(answer) == {"西边"}
    assert answer["counts"] == [{"grid": town.six.pk, "open": 3, "here": 1}]
    assert answer["placeless"] == 1


def test_cases_outside_every_grid_are_counted_apart(town, ask):
    report(None, community=town.community, place="格外", point=at(46.56, 124.945))
    report(town.six, point=IN_SIX)
    assert [(row["grid"], row["open"]) for row in ask("staff")["counts"]] == [
        (town.six.pk, 1),
        (None, 1),
    ]


@pytest.mark.parametrize(
    "bbox",
    [
        "x",
        "1,2,3",
        "1,2,3,4,5",
        "124.9,46.5,nan,46.6",
        "124.9,46.5,inf,46.6",
        "124.9,46.5,124.8,46.6",
        "124.9,46.6,125.0,46.5",
        "124.9;46.5;125.0;46.6",
        "1" * 200,
        ",,,",
        "\x00",
        "１,２,３,",
        "1e999,2,3,4",
    ],
)
def test_a_box_that_is_none_is_refused_in_words(town, visit, bbox):
    response = visit(town.grid_worker).get(DATA, {"bbox": bbox})
    assert response.status_code == 400
    assert set(response.json()) == {"error"}


@pytest.mark.parametrize("bbox", ["", "-999,-999,999,999", "-180,-90,180,90", "1e2,4e1,1.3e2,5e1"])
def test_a_box_larger_than_the_globe_shows_all(town, ask, bbox):
    report(town.six, place="这里", point=IN_SIX)
    assert shown(ask("grid_worker", bbox=bbox)) == {"这里"}


def test_two_hundred_are_drawn_and_the_rest_is_a_number(town, ask):
    make_many(town, map_data.CASES_MAX + 3)
    answer = ask("grid_worker")
    assert (len(answer["cases"]), answer["is_cut"]) == (200, True)
    assert answer["counts"] == [{"grid": town.six.pk, "open": 203, "here": 203}]
    # Those that waited longest are drawn.
    assert answer["cases"][0]["number"] == "YH20250101-00202"


def test_the_page_says_how_many_are_drawn(town, visit):
    page = visit(town.grid_worker).get("/hazards/map/").content.decode()
    assert f"先画最急的 {map_data.CASES_MAX} 件" in page


def test_exactly_two_hundred_are_not_cut(town, ask):
    make_many(town, map_data.CASES_MAX)
    assert ask("grid_worker")["is_cut"] is False


# --- cost -----------------------------------------------------------------------------------


def queries(client, url):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_data_cost_the_same_for_one_case_and_for_two_hundred(town, visit):
    client = visit(town.staff)
    report(town.six, point=IN_SIX, attachments=Attachments([stored_photo(media.jpeg(64, 48))]))
    client.get(DATA)
    # Session, user; keys, cases; counts.
    assert queries(client, DATA) == 5
    make_many(town, 200)
    assert queries(client, DATA) == 5


def test_the_page_costs_the_same_for_one_case_and_for_two_hundred(town, visit):
    client = visit(town.staff)
    report(town.six, point=IN_SIX)
    client.get(PAGE)
    one = queries(client, PAGE)
    make_many(town, 200)
    assert queries(client, PAGE) == one <= 15


# --- the page without scripts ---------------------------------------------------------------


def test_the_page_lists_the_rows_of_the_queue_and_knows_where_to_look(town, visit):
    hazard = report(town.six, place="南六街", point=IN_SIX)
    report(town.far, place="景山")
    response = visit(town.grid_worker).get(PAGE)
    page = response.content.decode()
    assert [row.pk for row in response.context["hazards"]] == [hazard.pk]
    assert f'data-number="{hazard.number}"' in page
    assert 'data-box="124.940000,46.540000,124.950000,46.550000"' in page


def test_an_empty_map_says_so(town, visit):
    assert "这里没有没办完的" in visit(town.grid_worker).get(PAGE).content.decode()


def test_the_queue_leads_to_the_map_and_back(town, visit):
    assert f'href="{PAGE}"' in visit(town.staff).get("/hazards/queue/").content.decode()
    assert 'href="/hazards/queue/"' in visit(town.staff).get(PAGE).content.decode()


# --- files and tiles ------------------------------------------------------------------------


def test_leaflet_comes_from_its_package_and_only_what_a_map_needs():
    assert finders.find("leaflet/leaflet.js").endswith("leaflet/leaflet.js")
    assert finders.find("leaflet/draw/leaflet.draw.js") is None


def test_collected_files_have_hashed_names(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "yuanhang.core.static.HashedStaticFiles"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert {"leaflet/leaflet.js", "leaflet/leaflet.css", "js/map/ground.js"} <= names.keys()


def test_without_a_key_no_other_host_is_named(town, visit):
    response = visit(town.staff).get(PAGE)
    assert "tianditu" not in response.content.decode() + response["Content-Security-Policy"]
    assert 'data-note="示意图"' in response.content.decode()


def test_with_a_key_the_number_is_shown(town, visit, settings):
    settings.TIANDITU_KEY, settings.TIANDITU_NUMBER = "k123", "GS(2024)0568号"
    page = visit(town.staff).get(PAGE).content.decode()
    assert 'data-tiles-key="k123"' in page
    assert 'data-note="天地图 GS(2024)0568号"' in page
