"""The page of cases near by, and passers-by on the public page."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from hazards.published import public
from hazards.sightings import sightings
from tests import media
from tests.admin_forms import all_posted
from tests.factories.hazards import advance, report, stored_photo
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    LandmarkFactory,
    SubdistrictFactory,
)
from tests.factories.workers import UserFactory, WorkerFactory, post
from tests.hazards.sightings.sightings_help import GONE, PAGE, STILL, closed_days_ago, tap
from yuanhang.core.geo import Point


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
        assert page.count('class="sighting') == buttons, user
        # Of what is done nobody is asked; who knows better has one quiet word.
        assert page.count('aria-pressed="false"') == buttons, user
        assert page.count("其实还没好") == buttons // 2, user
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
    client.get(PAGE)  # what staff edit now and then is kept from here on
    for rows in (1, 40):
        if rows > 1:
            many(town, rows - 1)
            for hazard in Hazard.objects.all():
                sightings.create(hazard, by=passer, says=STILL)
        # Session, user, registration; cases, pictures, landmarks, own words; the bell.
        with django_assert_num_queries(7):
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


def test_on_the_fixed_page_nobody_is_asked(closed_case, passer, town, visit):
    month = {"month": f"{timezone.localtime(closed_case.closed_at):%Y-%m}"}
    for user in (None, passer, town.rider, town.grid_worker):
        page = visit(user).get("/hazards/fixed/", month).content.decode()
        assert "井盖道路" in page
        found = [word for word in ("/seen/", "还在", "已修好", "htmx") if word in page]
        assert found == [], user


def test_of_a_done_case_one_word_is_enough_and_can_be_taken_back(closed_case, passer, visit):
    client = visit(passer)
    assert "其实还没好" in client.get(PAGE).content.decode()
    tap(client, closed_case, "still")
    page = client.get(PAGE).content.decode()
    assert ["记下了，谢谢你。" in page, "看错了，是好的" in page, "其实还没好" in page] == [
        True,
        True,
        False,
    ]
    tap(client, closed_case, "gone")
    assert "其实还没好" in client.get(PAGE).content.decode()
    closed_days_ago(closed_case, 31)
    assert "井盖道路" not in client.get(PAGE).content.decode()


# --- what has a place -----------------------------------------------------------------------


def test_only_what_has_a_place_is_listed_and_nobodys_words(town, passer, visit):
    LandmarkFactory(community=town.community, name="大集东口", latitude=None, longitude=None)
    somewhere = {"community": town.community}
    placed = [
        report(None, point=Point(46.545, 124.945, 12), place="张三家门口", **somewhere),
        report(None, place="大集东口", **somewhere),
        report(town.six),
    ]
    report(None, place="张三家门口", **somewhere)
    report(None, **somewhere)
    response = visit(passer).get(PAGE)
    assert [case["pk"] for case in response.context["cases"]] == [one.pk for one in placed][::-1]
    assert "张三" not in response.content.decode()


def test_a_picture_of_an_open_case_is_shown_where_staff_chose_so(town, passer, visit, client):
    photos = Attachments(photos=[stored_photo(media.jpeg(64, 48))])
    hazard = report(town.six, attachments=photos)
    photo = hazard.photos.get()
    address = f"/hazards/fixed/photos/{photo.pk}/"
    cover = f"{hazard.get_absolute_url()}photos/{photo.pk}/public/"
    case_page = hazard.get_absolute_url()
    assert cover not in visit(town.grid_worker).get(case_page).content.decode()
    change = f"/admin/hazards/category/{hazard.category_id}/change/"
    admin = visit(town.admin)
    admin.post(change, all_posted(admin.get(change)) | {"shows_open_pictures": "on"})
    assert cover in visit(town.grid_worker).get(case_page).content.decode()
    assert address not in visit(passer).get(PAGE).content.decode()
    said = visit(town.grid_worker).post(cover, {"action": "publish", "looked": "on"}, follow=True)
    assert "大家现在就能看到" in said.content.decode()
    assert address in visit(passer).get(PAGE).content.decode()
    shown = client.get(address)
    shown.getvalue()
    assert shown.status_code == 200
    # It goes with the case where nothing was the matter, and with the choice.
    Category.objects.update(shows_open_pictures=False)
    assert client.get(address).status_code == 404
    Category.objects.filter(pk=hazard.category_id).update(shows_open_pictures=True)
    cases.reject(Hazard.objects.get(pk=hazard.pk), by=town.grid_worker, reason="没有找到")
    assert client.get(address).status_code == 404


def test_what_is_never_public_closed_is_not_public_open(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(key="elder").update(shows_open_pictures=True)
    fresh = Category(key="new", seal="新", name="新类")
    assert not fresh.shows_open_pictures
