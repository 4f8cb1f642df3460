"""The report form over HTTP: who sends what, where it lands, what comes back."""

import re
import uuid
from itertools import pairwise

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.catalogue.models import Category
from tests import media
from tests.factories.hazards import form, report, upload
from tests.factories.stations import LandmarkFactory
from yuanhang.core import geo
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

URL = "/hazards/report/"
SOMETHING = "拍一张、说一句或写几个字，有一样就能发。"
INSIDE_SIX = {"latitude": "46.545", "longitude": "124.945", "accuracy": "18"}
# East of every grid, 1.5 km from the nearest one's middle: the other community's.
BETWEEN = {"latitude": "46.545", "longitude": "124.975"}
HARBIN = {"latitude": "45.803", "longitude": "126.535"}


def told():
    """Who has which notice."""
    return set(Notice.objects.values_list("recipient", "kind"))


def text_of(response):
    return response.content.decode()


def errors_of(response):
    """The sentences on the page."""
    return [error for errors in response.context["form"].errors.values() for error in errors]


# --- a weak network -------------------------------------------------------------------------


def test_a_request_that_broke_off_makes_no_case(client, town):
    """Wherever it broke: Django reads what has come and does not say that there is more."""
    photos = [upload(media.jpeg()), upload(media.jpeg())]
    fields = {"csrfmiddlewaretoken": "x", "body_start": "1"}
    fields |= form(description="井盖翘起来了", photos=photos) | {"body_end": "1"}
    whole = encode_multipart(BOUNDARY, fields)
    starts = [found.start() for found in re.finditer(f"--{BOUNDARY}\r".encode(), whole)]
    assert len(starts) == len(fields) + 1
    halves = [(start + end) // 2 for start, end in pairwise(starts)]
    for end in starts[2:] + halves[2:]:
        response = client.generic("POST", URL, whole[:end], MULTIPART_CONTENT)
        assert response.status_code == 400, whole[:end][-80:]
    assert not Hazard.objects.exists()
    client.generic("POST", URL, whole, MULTIPART_CONTENT)
    assert Hazard.objects.get().photos.count() == 2


# --- what is enough -------------------------------------------------------------------------


def test_the_page_offers_categories_numbers_and_a_fresh_key(client, town):
    first, second = client.get(URL), client.get(URL)
    keys = [
        re.search(r'name="submission_key" value="([^"]+)"', text_of(p))[1] for p in (first, second)
    ]
    assert keys[0] != keys[1]
    assert {uuid.UUID(key).version for key in keys} == {4}
    shown = set(re.findall(r'name="category" value="(\w+)"', text_of(first)))
    assert shown == set(Category.objects.filter(is_active=True).values_list("key", flat=True))
    assert {item.number for item in first.context["first_numbers"]} == {"119", "120", "110"}


def test_a_guest_sends_one_sentence_and_gets_a_receipt(client, town):
    response = client.post(URL, form(description="井盖翘起来了", grid=town.six.pk))
    hazard = Hazard.objects.get()
    assert (response.status_code, response.url) == (302, hazard.get_receipt_url())
    assert hazard.reporter is None
    page = text_of(client.get(response.url))
    assert "收到了，谢谢你" in page
    assert hazard.number in page
    assert hazard.code_words in page
    assert told() == {(town.grid_worker.pk, "hazards.staff_submit")}


def test_somebody_logged_in_is_the_reporter(visit, town):
    visit(town.rider).post(URL, form(description="井盖", grid=town.six.pk))
    hazard = Hazard.objects.get()
    assert hazard.reporter == town.rider
    assert hazard.steps.get().by == town.rider
    event = AuditEvent.objects.get(kind="hazards.submit")
    assert (event.actor_id, event.actor_role) == (town.rider.pk, "reporter")


def test_a_photo_alone_is_enough(client, town, stored_files):
    response = client.post(URL, form(photos=upload(media.jpeg()), grid=town.six.pk))
    hazard = Hazard.objects.get()
    assert response.url == hazard.get_receipt_url()
    photo = hazard.photos.get()
    assert (photo.width, photo.height, photo.is_repair) == (800, 600, False)
    assert photo.step == hazard.steps.get()
    assert len(stored_files()) == 2  # the picture and its thumbnail


def test_four_photos_are_taken_in_their_order(client, town):
    sizes = [(60, 40), (70, 40), (80, 40), (90, 40)]
    client.post(URL, form(photos=[upload(media.jpeg(*size)) for size in sizes]))
    assert list(Hazard.objects.get().photos.values_list("width", "height")) == sizes


def test_a_voice_note_alone_is_enough(client, town):
    note = upload(media.webm(2.0), "note.webm", "audio/webm")
    client.post(URL, form(voice=note, grid=town.six.pk))
    voice = Hazard.objects.get().voices.get()
    assert voice.seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("nothing", [{}, {"description": "  \n "}, {"place": "南六街"}])
def test_nothing_to_go_on_is_said_in_one_sentence(client, town, stored_files, nothing):
    response = client.post(URL, form(**nothing))
    assert response.status_code == 400
    assert errors_of(response) == [SOMETHING]
    assert SOMETHING in text_of(response)
    assert (Hazard.objects.count(), stored_files(), told()) == (0, [], set())


def test_whoever_taps_no_category_reports_the_last_one(client, town):
    client.post(URL, form(description="树枝断了挂在半空"))
    assert Hazard.objects.get().category_id == "other"


def test_the_categorys_urgency_is_the_cases(client, town):
    client.post(URL, form(description="老人在路口不认得家", category="elder"))
    assert Hazard.objects.get().urgency == 1


def test_sending_twice_leads_to_the_same_receipt(client, town):
    data = form(description="井盖", grid=town.six.pk)
    first, second = client.post(URL, data), client.post(URL, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    assert Hazard.objects.count() == Step.objects.count() == 1
    assert Notice.objects.count() == 1


def test_a_report_that_was_sent_before_logging_in_is_found_again_afterwards(visit, town):
    data = form(description="井盖")
    first = visit(None).post(URL, data)
    assert visit(town.rider).post(URL, data).url == first.url
    assert Hazard.objects.get().reporter is None


# --- where it lands -------------------------------------------------------------------------


def test_a_point_finds_its_grid_in_the_polygons_whatever_the_form_says(client, town):
    client.post(URL, form(description="井盖", grid=town.far.pk, **INSIDE_SIX))
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.community, hazard.subdistrict) == (
        town.six,
        town.community,
        town.subdistrict,
    )
    assert (hazard.latitude, hazard.longitude, hazard.accuracy) == (46.545, 124.945, 18)
    assert (hazard.location_source, hazard.datum) == (Hazard.Source.DEVICE, "wgs84")


@pytest.mark.parametrize(("pinned", "source"), [("1", "pin"), ("", "device")])
def test_a_pin_set_by_finger_is_told_from_a_phones_position(client, visit, town, pinned, source):
    client.post(URL, form(description="井盖", pinned=pinned, **INSIDE_SIX))
    hazard = Hazard.objects.get()
    assert hazard.location_source == source
    words = {"pin": "地图上点的", "device": "手机定位"}[source]
    page = visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
    assert f"±18 米 · {words}" in page
    receipt = visit(None).get(hazard.get_receipt_url()).content.decode()
    assert words not in receipt


def test_a_pin_without_a_point_says_nothing(client, town):
    client.post(URL, form(description="井盖", pinned="1"))
    assert Hazard.objects.get().location_source == Hazard.Source.NONE


def test_a_point_in_another_datum_is_brought_home(client, town):
    latitude, longitude = geo.wgs84_to_gcj02(46.545, 124.945)
    data = {"latitude": latitude, "longitude": longitude, "datum": "gcj02"}
    client.post(URL, form(description="井盖", **data))
    hazard = Hazard.objects.get()
    assert hazard.grid == town.six
    assert hazard.datum == "gcj02"
    assert geo.distance(46.545, 124.945, hazard.latitude, hazard.longitude) < 0.01


def test_a_point_outside_every_grid_goes_to_the_nearest_communitys_staff(client, town):
    client.post(URL, form(description="井盖", **BETWEEN))
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.community) == (None, town.other)
    assert told() == {(town.other_staff.pk, "hazards.staff_submit")}


def test_a_landmark_has_a_point_and_a_grid(client, town):
    LandmarkFactory(community=town.community, name="小区东门", latitude=46.545, longitude=124.935)
    client.post(URL, form(description="井盖", place="小区东门"))
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.place) == (town.one, "小区东门")
    assert (hazard.latitude, hazard.longitude) == (46.545, 124.935)
    assert hazard.location_source == Hazard.Source.LANDMARK


def test_a_landmark_outside_every_grid_keeps_its_community(client, town):
    LandmarkFactory(community=town.other, name="北门", latitude=46.6, longitude=124.945)
    client.post(URL, form(description="井盖", place="北门", grid=town.six.pk))
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.community) == (None, town.other)


def test_a_landmark_whose_point_nobody_entered_still_names_its_community(client, town):
    LandmarkFactory(community=town.other, name="老水塔", latitude=None, longitude=None)
    client.post(URL, form(description="井盖", place="老水塔"))
    client.post(URL, form(description="井盖", place="老水塔", grid=town.far.pk))
    landed = list(Hazard.objects.order_by("id").values_list("grid", "community", "latitude"))
    assert landed == [(None, town.other.pk, None), (town.far.pk, town.other.pk, None)]


def test_a_grid_that_was_picked_counts_where_nothing_better_is_known(client, town):
    client.post(URL, form(description="井盖", place="大树底下", grid=town.far.pk))
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.community) == (town.far, town.other)
    assert hazard.location_source == Hazard.Source.GRID


def test_words_alone_go_to_the_reporters_community_else_home(visit, town):
    town.rider.worker.community = town.other
    town.rider.worker.save()
    visit(town.rider).post(URL, form(description="井盖", place="大树底下"))
    visit(town.stranger).post(URL, form(description="井盖", place="大树底下"))
    visit(None).post(URL, form(description="井盖"))
    landed = Hazard.objects.order_by("id").values_list("community", "location_source")
    assert list(landed) == [
        (town.other.pk, Hazard.Source.WORDS),
        (town.community.pk, Hazard.Source.WORDS),
        (town.community.pk, Hazard.Source.NONE),
    ]


def test_the_stations_poster_may_bring_its_grid_along(client, town):
    page = client.get(URL, {"grid": town.six.pk})
    assert f'<option value="{town.six.pk}" selected>' in text_of(page)


def test_a_point_in_another_city_is_kindly_sent_back(client, town, stored_files):
    photo = upload(media.jpeg(60, 40))
    data = form(description="井盖", photos=photo, files_held="1", **HARBIN)
    response = client.post(URL, data)
    assert response.status_code == 400
    (sentence,) = errors_of(response)
    assert re.fullmatch(
        r"这个位置离我们有 1\d\d 公里，像在别的城市。去掉位置，写上地点再发。", sentence
    )
    assert (Hazard.objects.count(), stored_files(), told()) == (0, [], set())


def test_how_far_is_too_far_is_a_setting(client, town, settings):
    settings.FAR_AWAY_METRES = 300_000
    assert client.post(URL, form(description="井盖", **HARBIN)).status_code == 302
    settings.FAR_AWAY_METRES = 100
    assert client.post(URL, form(description="井盖", **BETWEEN)).status_code == 400


def test_without_any_community_the_person_hears_whom_to_ask(client, db):
    response = client.post(URL, form(description="井盖"))
    assert response.status_code == 409
    assert errors_of(response) == ["还没有设置社区，请联系管理员。"]


# --- what comes back ------------------------------------------------------------------------


def test_the_form_comes_back_with_everything_that_was_typed(client, town):
    typed = {
        "category": "ice",
        "description": "台阶结冰了",
        "place": "南六街 <3 号>",
        "grid": str(town.far.pk),
        "contact_name": "路人甲",
        "contact_phone": "123",
    }
    data = form(**typed)
    response = client.post(URL, data)
    assert response.status_code == 400
    assert errors_of(response) == ["请填 11 位手机号。"]
    page = text_of(response)
    assert f'name="submission_key" value="{data["submission_key"]}"' in page
    assert re.search(r'value="ice"\s+checked', page)
    assert ">\n台阶结冰了</textarea>" in page
    assert 'value="南六街 &lt;3 号&gt;"' in page
    assert f'<option value="{town.far.pk}" selected>' in page
    assert 'value="路人甲"' in page
    assert 'value="123"' in page


def test_a_mended_form_goes_through_with_the_same_key(client, town):
    data = form(description="井盖", contact_phone="123")
    assert client.post(URL, data).status_code == 400
    data["contact_phone"] = "+86 100-0001-9999"
    assert client.post(URL, data).status_code == 302
    assert Hazard.objects.get().contact_phone == "10000019999"


def test_the_report_page_needs_no_more_than_post_and_get(client, town):
    assert client.put(URL).status_code == 405
    assert client.delete(URL).status_code == 405


def test_a_form_from_elsewhere_is_refused(town):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(URL, form(description="井盖"))
    assert response.status_code == 403
    assert Hazard.objects.count() == 0
    hazard = report(town.six)
    for url in (
        reverse("hazards:lookup"),
        f"{hazard.get_receipt_url()}withdraw/",
        f"{hazard.get_absolute_url()}withdraw/",
    ):
        assert strict.post(url).status_code == 403
    hazard.refresh_from_db()
    assert hazard.state == "submitted"


def test_our_own_page_carries_what_the_check_asks_for(town):
    strict = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text_of(strict.get(URL)))[1]
    data = form(description="井盖", csrfmiddlewaretoken=token)
    assert strict.post(URL, data).status_code == 302
