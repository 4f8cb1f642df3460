"""A case in its line: which it is of how many, what comes next, and moves made from there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import StandardCase
from hazards.review.line import place_of
from hazards.sightings import sightings
from tests import media
from tests.factories.hazards import report, standard, stored_photo, stored_voice
from tests.factories.workers import WorkerFactory
from tests.hazards.review.queue_help import URL, waiting
from yuanhang.core import geo


def three(town):
    """Three cases of one urgency, the longest waiting first."""
    return [
        waiting(report(town.six, description=str(n)), minutes=30 - n, urgency=3) for n in range(3)
    ]


def case_url(hazard, query=""):
    return f"{URL}{hazard.number}/{query}"


@pytest.mark.parametrize(
    ("number", "then", "expected"),
    [
        ("a", "", (1, "3", "b")),
        ("b", "", (2, "3", "c")),
        ("c", "", (3, "3", "a")),  # the last one: back to the first
        ("x", "", (0, "3", "a")),  # it left the line
        ("x", "c", (0, "3", "c")),  # the one behind it is next
        ("a", "c", (1, "3", "c")),  # moved to the front meanwhile: the line goes on behind
        ("x", "gone", (0, "3", "a")),
        ("a", "a", (1, "3", "b")),  # never the same one again
    ],
)
def test_the_place_in_a_line(number, then, expected):
    place = place_of(number, ["a", "b", "c"], then)
    assert (place.at, place.count, place.following) == expected


def test_the_only_case_has_no_next_one():
    assert place_of("a", ["a"]).following == ""
    assert place_of("a", []).following == ""


def test_the_next_case_is_the_one_behind_it_under_the_same_filters(queue, visit, town):
    first, second, third = three(town)
    other = report(town.six, category="ice")
    filters = {"tab": "open", "category": "manhole"}
    page = queue("grid_worker", **filters, case=first.number).content.decode()
    assert "第 1 件，共 3 件" in page
    way = f'href="{case_url(second)}?tab=open&amp;category=manhole"'
    assert f'{way} data-next="{second.number}"' in page
    # The bar of a phone knows it without any case open.
    alone = queue("grid_worker", **filters).content.decode()
    for text in (page, alone):
        assert f'<a class="btn btn-quiet" {way}>下一件</a>' in text
    client = visit(town.grid_worker)
    page = client.get(case_url(second), {"tab": "open", "category": "manhole"}).content.decode()
    assert "第 2 件，共 3 件" in page
    assert case_url(third) in page
    assert other.number not in page


def test_after_a_move_the_next_one_is_what_stood_behind(visit, town):
    first, second, _third = three(town)
    client = visit(town.grid_worker)
    data = {"standard_case": standard().pk, "urgency": 1}
    # Urgent from now on, it stands at the very front: the line goes on where it was.
    answer = client.post(case_url(first, "accept/?tab=todo"), data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "好了，现在是「已受理」。" in text
    assert f'data-next="{second.number}"' in text
    page = client.post(case_url(second, "reject/?tab=todo"), {"reason": "已经好了"}, follow=True)
    assert page.status_code == 200
    assert "现在是「不受理」" in page.content.decode()
    assert 'data-next="' in page.content.decode()


def test_after_handing_a_case_on_the_next_one_is_there_too(visit, town):
    first, second, _third = three(town)
    client = visit(town.grid_worker)
    data = {"place": f"grid-{town.one.pk}", "reason": "在路那边"}
    url = case_url(first, "reassign/?tab=todo")
    text = client.post(url, data, headers={"HX-Request": "true"}).content.decode()
    assert "已经不在你的范围里" in text
    assert f'data-next="{second.number}"' in text


def test_a_refused_move_keeps_its_place_and_what_was_typed(visit, town):
    first, second, _third = three(town)
    client = visit(town.grid_worker)
    answer = client.post(case_url(first, "reject/?tab=todo"), {"note": "再看"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "写一句原因" in text
    assert 'value="再看"' in text
    assert f'action="{case_url(first)}reject/?tab=todo&amp;then={second.number}"' in text


def test_a_case_elsewhere_is_not_in_this_queue(visit, town):
    far = report(town.far)
    assert visit(town.grid_worker).get(case_url(far)).status_code == 404
    assert visit(town.grid_worker).post(case_url(far, "accept/")).status_code == 404


def test_the_page_asks_at_most_fifteen_questions(visit, town, django_assert_max_num_queries):
    at = {"point": geo.Point(46.545, 124.945, 10, "wgs84"), "place": "南六街"}
    photo = stored_photo(media.jpeg(60, 40))
    for n in range(3):
        sent = Attachments(photos=[photo] * 2, voices=[stored_voice(media.wav(1.0))])
        case = report(town.six, by=town.rider, attachments=sent, **at)
        waiting(case, minutes=30 - n, urgency=3)
    rows = list(Hazard.objects.order_by("pk"))
    # The first has followers, and passers-by have said something of it.
    cases.merge(rows[1], by=town.grid_worker, main=rows[0])
    sightings.create(rows[0], by=WorkerFactory(community=town.community).user, says="still")
    # One standard fits, it has its unit, and the other two may be the same place.
    StandardCase.categories.through.objects.all().delete()
    standard().categories.set([rows[0].category])
    standard().organisations.add(town.organisation)
    for client in (visit(town.grid_worker), visit(town.admin), visit(town.officer)):
        for url in (
            URL,
            f"{URL}?tab=all",
            f"{URL}?case={rows[0].number}",
            f"{URL}?tab=all&q=南六街+井盖&case={rows[0].number}",
            case_url(rows[0], "?tab=open"),
            case_url(rows[0], "?tab=open&q=井盖"),
            rows[0].get_absolute_url(),
        ):
            client.get(url)  # what staff edit is kept from then on
            with django_assert_max_num_queries(15):
                assert client.get(url).status_code == 200


def test_the_first_case_of_a_phone_names_unit_and_way(queue, town):
    hazard = report(town.six, description="井盖", point=geo.Point(46.545, 124.945, 10, "wgs84"))
    kind = standard()
    kind.categories.set([hazard.category])
    kind.organisations.add(town.organisation)
    town.organisation.phone = "10000000301"
    town.organisation.save()
    page = queue("grid_worker").content.decode()
    card = page[page.index('class="first-card"') : page.index('class="together"')]
    assert 'href="tel:10000000301"' in card
    assert "带我去" in card


def test_the_only_case_of_a_phone_has_no_next_one(queue, town):
    report(town.six)
    page = queue("grid_worker").content.decode()
    assert "受理，我去看" in page
    assert "下一件" not in page


def test_a_row_says_one_fact_under_its_title(queue, town):
    waiting(report(town.six, category="manhole"), minutes=8, urgency=3)
    late = waiting(report(town.six, category="ice"), minutes=90, urgency=2)
    past = timezone.now() - timedelta(hours=1, minutes=2)
    Hazard.objects.filter(pk=late.pk).update(acknowledge_due_at=past)
    text = " ".join(queue("grid_worker").content.decode().split())
    assert "等了 8 分钟" in text
    assert '<span class="urgent">▲ 超 1 小时</span>' in text
