"""What a search shows somebody who registered, and whom nobody has met yet."""

import pytest

from tests.factories.workers import WorkerFactory
from tests.volunteers.searches.test_searches import NAME, known, lost, page
from volunteers.searches import searches
from volunteers.searches.models import SearchedArea


@pytest.fixture
def notice(town):
    return lost(town)


def test_who_registered_a_minute_ago_reads_clothes_rough_place_and_110(town, visit, notice):
    fresh = WorkerFactory(community=town.community).user
    notice.text = f"戴紫貂皮帽，{NAME}走得慢"
    notice.latitude, notice.longitude = 46.545, 124.945
    notice.save()
    shown = page(visit, fresh, notice)
    assert "戴紫貂皮帽，这位走得慢" in shown
    assert "第六网格" in shown
    assert 'href="tel:110"' in shown
    assert NAME not in shown
    assert "三棵杨树底下" not in shown
    assert "photo" not in shown
    assert visit(fresh).get(notice.get_absolute_url() + "photo/").status_code == 403
    assert notice.get_absolute_url() in visit(fresh).get("/").content.decode()


def test_without_a_point_the_rough_place_is_the_community(town, visit, notice):
    fresh = WorkerFactory(community=town.community).user
    shown = page(visit, fresh, notice)
    assert "<dd>远航社区</dd>" in shown
    searches.end(notice, by=town.staff)
    assert "戴紫貂皮帽" not in page(visit, fresh, notice)


def test_a_number_nobody_met_hides_no_gap(town, visit, notice):
    fresh = WorkerFactory(community=town.community).user
    for act in ("seen", "unseen", "found"):
        data = {"act": act, "grid": town.six.pk}
        assert visit(fresh).post(notice.get_absolute_url(), data).status_code == 403
    assert not SearchedArea.objects.exists()


def test_confirmed_they_see_all_of_it(town, visit, notice):
    fresh = WorkerFactory(community=town.community).user
    known(fresh)
    assert NAME in page(visit, fresh, notice)
    elsewhere = WorkerFactory(community=town.other).user
    known(elsewhere)
    assert visit(elsewhere).get(notice.get_absolute_url()).status_code == 404
