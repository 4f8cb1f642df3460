"""The reviewer's page for covering pictures, and the public page."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.published import public
from tests import media
from tests.factories.hazards import advance, report, stored_photo
from tests.hazards.published.public_help import PAGE, address


def as_typed(*boxes, action="publish", **fields):
    """What the page sends: percent in four columns."""
    columns = zip(*boxes, strict=True) if boxes else [[], [], [], []]
    named = dict(zip(("left", "top", "width", "height"), map(list, columns), strict=True))
    return {"action": action, "looked": "on", **named, **fields}


# --- the reviewer's page --------------------------------------------------------------------


@pytest.fixture
def page(fixed_case):
    return f"/hazards/{fixed_case.number}/photos/{fixed_case.photos.get().pk}/public/"


def test_a_reviewer_covers_and_publishes(fixed_case, town, visit, page):
    client = visit(town.grid_worker)
    assert client.get(page).status_code == 200
    sent = as_typed(("10", "20", "30", "40"), ("", "", "", ""), ("５０", "50", "60.5", "99"))
    assert client.post(page, sent).url == fixed_case.get_absolute_url()
    photo = fixed_case.photos.get()
    assert photo.is_public
    # The second one is cut to the picture.
    assert photo.boxes == [[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.5, 0.5]]
    again = client.get(page).content.decode()
    assert 'name="left" value="10"' in again
    assert "这张现在是公开的" in again
    assert "已公开" in client.get(fixed_case.get_absolute_url()).content.decode()
    client.post(page, as_typed(action="unpublish"))
    assert not fixed_case.photos.get().is_public


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "选公开还是不公开"),
        ({"action": "burn", "looked": "on"}, "没有这个选项，请重新选择"),
        (as_typed(looked=""), "先看一遍，再勾上"),
        (as_typed(("10", "20", "30", "")), "框的四个数都要填"),
        (as_typed(("x", "20", "30", "40")), "框的四个数都要填"),
        (as_typed(("nan", "20", "30", "40")), "框的四个数都要填"),
        (as_typed(("-1", "20", "30", "40")), "框要落在照片里"),
        (as_typed(("100", "20", "30", "40")), "框要落在照片里"),
        (as_typed(("10", "20", "0", "40")), "框要落在照片里"),
        (as_typed(*[("1", "1", "1", "1")] * 21), "最多 20 个框"),
        (as_typed() | {"left": ["1", "2"], "top": ["1"]}, "框的四个数都要填"),
    ],
)
def test_a_form_in_error_publishes_nothing(fixed_case, town, visit, page, sent, words):
    response = visit(town.grid_worker).post(page, sent)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not fixed_case.photos.get().is_public


def test_only_reviewers_are_offered_it(fixed_case, town, visit, page):
    for user, offered in ((town.grid_worker, True), (town.rider, False), (town.officer, False)):
        assert (page in visit(user).get(fixed_case.get_absolute_url()).content.decode()) is offered
    assert page not in visit(None).get(fixed_case.get_receipt_url()).content.decode()


def test_a_picture_of_another_case_is_not_there(fixed_case, town, visit):
    other = report(town.six, attachments=Attachments([stored_photo(media.jpeg(64, 48))]))
    url = f"/hazards/{fixed_case.number}/photos/{other.photos.get().pk}/public/"
    assert visit(town.grid_worker).get(url).status_code == 404


# --- the public page ------------------------------------------------------------------------


def test_the_page_tells_what_was_fixed_and_nobodys_name(fixed_case, town, client):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    response = client.get(PAGE)
    page = response.content.decode()
    assert re.search(r"<strong>井盖道路</strong>\s*<span>第六网格</span>", page)
    assert 'data-latitude="46.545" data-longitude="124.945"' in page
    assert address(photo) in page
    secrets = ["张三", "李四", "10000012345", "46.5451", "124.9447", fixed_case.number]
    secrets += [str(town.rider), str(town.grid_worker), fixed_case.receipt_token, "audio"]
    assert [secret for secret in secrets if secret in page] == []


def test_a_place_is_named_where_it_is_a_landmark(town, fixed_case, client):
    Hazard.objects.update(place="大集东口")
    assert [case["place"] for case in client.get(PAGE).context["cases"]] == ["大集东口"]


@pytest.mark.parametrize("category", ["elder", "fraud"])
def test_what_is_about_people_is_never_shown(town, fixed_case, client, category):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    Hazard.objects.update(category=category)
    assert client.get(PAGE).context["cases"] == []
    assert client.get(address(photo)).status_code == 404


def closed_at(hazard, *moment):
    moment = timezone.make_aware(datetime(*moment))
    Hazard.objects.filter(pk=hazard.pk).update(
        closed_at=moment, fixed_at=moment, submitted_at=moment - timedelta(hours=3)
    )


def test_a_month_is_a_local_month(fixed_case, client):
    closed_at(fixed_case, 2026, 3, 1, 0, 0)
    assert len(client.get(PAGE, {"month": "2026-03"}).context["cases"]) == 1
    assert client.get(PAGE, {"month": "2026-02"}).context["cases"] == []
    assert "<strong>3 小时</strong>" in client.get(PAGE, {"month": "2026-03"}).content.decode()
    closed_at(fixed_case, 2026, 3, 31, 23, 59)
    assert len(client.get(PAGE, {"month": "2026-03"}).context["cases"]) == 1


def test_months_lead_to_their_neighbours(client, town):
    page = client.get(PAGE, {"month": "2025-12"}).content.decode()
    assert 'href="?month=2025-11"' in page
    assert 'href="?month=2026-01"' in page
    assert "下个月" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("month", ["", "x", "2026-13", "2026-3", "1026-03", "2099-01", "\x00"])
def test_a_month_that_is_none_is_this_month(fixed_case, client, month):
    assert len(client.get(PAGE, {"month": month}).context["cases"]) == 1


@pytest.mark.parametrize("after", ["x", "W10", "WyJ4IiwxXQ", "WyIyMDI2LTAxLTAxIiwxXQ", "bnVsbA"])
def test_a_key_that_is_none_shows_the_first_page(fixed_case, client, after):
    assert len(client.get(PAGE, {"after": after}).context["cases"]) == 1


def many(town, number):
    """Closed cases of March straight into the table."""
    noon = timezone.make_aware(datetime(2026, 3, 10, 12))
    one = Hazard.objects.filter(state="closed").first()
    Hazard.objects.bulk_create(
        Hazard(
            number=f"YH20250101-{n:05d}",
            submission_key=f"00000000-0000-4000-8000-{n:012d}",
            subdistrict=town.subdistrict,
            community=town.community,
            grid=town.six,
            category_id="ice",
            state=one.state,
            submitted_at=noon,
            closed_at=noon - timedelta(seconds=n // 3),
        )
        for n in range(number)
    )


def test_thirty_a_page_and_every_case_once(fixed_case, town, client):
    closed_at(fixed_case, 2020, 1, 1)
    many(town, 70)
    seen, after = [], ""
    for _page in range(3):
        context = client.get(PAGE, {"month": "2026-03", "after": after}).context
        seen += [case["pk"] for case in context["cases"]]
        after = context["following"]
    expected = Hazard.objects.filter(category="ice").order_by("-closed_at", "-id")
    assert seen == list(expected.values_list("pk", flat=True))
    assert after == ""


def test_the_page_costs_the_same_for_one_case_and_for_thirty(
    fixed_case, town, client, django_assert_num_queries
):
    closed_at(fixed_case, 2026, 3, 9)
    # Pairs, the other cases, their pictures for each; figures, versions of what is kept.
    client.get(PAGE, {"month": "2026-03"})  # what staff edit is kept from then on
    with django_assert_num_queries(6):
        client.get(PAGE, {"month": "2026-03"})
    many(town, 29)
    with django_assert_num_queries(6):
        client.get(PAGE, {"month": "2026-03"})


def test_a_picture_is_soon_gone_from_caches(fixed_case, town, client):
    photo = public.publish(fixed_case.photos.get(), by=town.grid_worker, boxes=[])
    response = client.get(address(photo))
    response.getvalue()
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Content-Type"] == "image/jpeg"


def test_publishing_is_offered_when_the_work_is_done_and_only_for_things(town, visit):
    photo = [stored_photo(media.jpeg(64, 48))]
    offered = {}
    for category in ("manhole", "elder"):
        hazard = report(town.six, category=category, attachments=Attachments(photos=photo))
        for state in ("submitted", "fixed", "closed"):
            if state != "submitted":
                people = {"reviewer": town.grid_worker, "officer": town.officer}
                new = report(town.six, category=category, attachments=Attachments(photos=photo))
                hazard = advance(new, state, **people)
            page = visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
            offered[category, state] = "公开现场照片 1" in page
    assert {key for key, is_there in offered.items() if is_there} == {
        ("manhole", "fixed"),
        ("manhole", "closed"),
    }
    url = f"{hazard.get_absolute_url()}photos/{hazard.photos.get().pk}/public/"
    assert visit(town.grid_worker).get(url).status_code == 404


def test_two_reviewers_cover_one_picture(fixed_case, town, visit):
    """The second saw it uncovered, and would take the first one's box away."""
    photo = fixed_case.photos.first()
    url = f"/hazards/{fixed_case.number}/photos/{photo.pk}/public/"
    client = visit(town.grid_worker)
    page = client.get(url).content.decode()
    seen = re.search(r'name="form_version" value="(\w+)"', page)[1]
    sent = {"action": "publish", "looked": "on", "form_version": seen}
    box = {"left": "10", "top": "20", "width": "30", "height": "40"}
    assert client.post(url, sent | box).status_code == 302
    refused = client.post(url, sent)
    text = refused.content.decode()
    assert refused.status_code == 400
    assert "你打开以后，别人改过这里，所以还没保存。" in text
    assert "<td>10 20 30 40</td>" in text
    photo.refresh_from_db()
    assert photo.boxes == [[0.1, 0.2, 0.3, 0.4]]
    again = re.search(r'name="form_version" value="(\w+)"', text)[1]
    assert client.post(url, sent | {"form_version": again}).status_code == 302
    photo.refresh_from_db()
    assert photo.boxes == []
