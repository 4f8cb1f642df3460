"""Found by name, gate and building; the right gate for a building."""

from datetime import time

import pytest

from stations.estates import facts, search
from stations.estates.models import EstateBuilding
from stations.estates.search import Query, number_of, query_of
from tests.factories.stations import EstateFactory
from tests.stations.estates.help import believed, north, written

LIST = "/estates/"


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("8 栋", Query(building="8")),
        ("8号楼", Query(building="8")),
        ("８ 号 楼", Query(building="8")),
        ("八栋", Query(building="8")),
        ("十二号楼", Query(building="12")),
        ("b座", Query(building="B")),
        ("示意小区甲 8", Query(("示意小区甲",), building="8")),
        ("示意小区甲8栋", Query(("示意小区甲",), building="8")),
        ("北门", Query(gate="北门")),
        ("示意小区甲北门", Query(("示意小区甲",), gate="北门")),
        ("南六街 8 号楼 东门", Query(("南六街",), building="8", gate="东门")),
        ("，。", Query()),
    ],
)
def test_what_was_typed_is_taken_apart(typed, query):
    assert query_of(typed) == query


@pytest.mark.parametrize(
    ("typed", "number"),
    [("08", "8"), ("二十一", "21"), ("12a", "12A"), ("一百零二", "102"), ("8号楼", "8"), ("", "")],
)
def test_a_number_has_one_spelling(typed, number):
    assert number_of(typed) == number


@pytest.mark.parametrize("typed", ["\ud800", "x" * 5000, "栋", "（）", "%", "'; --", "〇", "号楼"])
def test_nothing_that_is_typed_breaks_it(client, estate, typed):
    assert client.get(LIST, {"q": typed.encode("utf-8", "replace").decode()}).status_code == 200


def shown(client, query, **more):
    return client.get(LIST, {"q": query, **more}).content.decode()


def test_found_by_name_building_and_gate(client, town, estate, riders, clock):
    EstateFactory(community=town.other, name="示意商场乙")
    believed(estate, riders)
    for query in ("小区甲", "8 栋", "8号楼", "北门", "甲 八栋"):
        page = shown(client, query)
        assert "示意小区甲" in page, query
        assert "示意商场乙" not in page, query
        assert "北门 · 到 22:00" in page, query
    for query in ("9 栋", "西门", "小区甲 9 栋"):
        assert "没找到这个地方" in shown(client, query)


def test_what_waits_finds_nothing(client, estate, riders):
    written(estate, riders[0])
    assert "没找到这个地方" in shown(client, "北门")


def test_the_right_gate_for_a_building(client, estate, riders, town, clock):
    """By what somebody wrote, then by how near it lies; and one that is open before any other."""
    far = {"latitude": 46.5470, "longitude": 124.9455}
    near = {"latitude": 46.5452, "longitude": 124.9455}
    believed(estate, riders, north(buildings=["7"], **far))
    believed(estate, riders, north(name="南门", buildings=["8"], **near))
    EstateBuilding.objects.create(estate=estate, number="9", latitude=46.5451, longitude=124.9455)
    assert "南门 · 到 22:00" in shown(client, "8 栋")
    assert "8 栋走南门" in shown(client, "8 栋")
    assert "北门 · 到 22:00" in shown(client, "7 栋")
    assert "9 栋走南门，直线 10 米" in shown(client, "9 栋")
    # At 12:00 the south gate is shut for bikes: then the one that is open.
    south = search.FactVersion.objects.get(name="南门")
    facts.correct(
        south.fact,
        north(name="南门", buildings=["8"], opens=time(6), closes=time(11), **near),
        by=town.staff,
        seen=south.pk,
    )
    assert "北门 · 到 22:00" in shown(client, "8 栋")


def test_the_list_goes_on_by_its_key(client, town, monkeypatch, django_assert_max_num_queries):
    from stations.estates import views

    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    for number in range(5):
        EstateFactory(community=town.community, name=f"示意小区{number}")
    seen, address = [], LIST
    while address:
        with django_assert_max_num_queries(9):
            response = client.get(address)
        seen += [row.estate.name for row in response.context["rows"]]
        following = response.context["following"]
        address = f"{LIST}?after={following}" if following else ""
    assert seen == [f"示意小区{number}" for number in range(5)]


def test_what_is_not_listed_only_its_staff_see(client, visit, town, estate):
    type(estate).objects.update(is_listed=False)
    assert "示意小区甲" not in shown(client, "甲")
    assert client.get(estate.get_absolute_url()).status_code == 404
    assert visit(town.other_staff).get(estate.get_absolute_url()).status_code == 404
    assert visit(town.staff).get(estate.get_absolute_url()).status_code == 200
