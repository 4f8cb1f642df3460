"""The case page by htmx, for each viewer, with its files, and how much it asks the database."""

import re

import pytest
from django.urls import reverse

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import (
    advance,
    report,
    standard,
    stored_photo,
    stored_voice,
)
from tests.hazards.case_page.case_help import fields_of, prepared, text_of

# --- htmx -----------------------------------------------------------------------------------


def is_fragment(response):
    text = text_of(response).strip()
    return text.startswith('<article class="case"') and "<html" not in text


def test_htmx_gets_the_case_as_the_fragment_of_the_page(visit, town):
    hazard = report(town.six, by=town.rider)
    client, url = visit(town.grid_worker), hazard.get_absolute_url()
    page, fragment = client.get(url), client.get(url, headers={"HX-Request": "true"})
    assert is_fragment(fragment)
    without_tokens = [
        re.sub(r'value="\w{64}"', "", text_of(response)).strip() for response in (page, fragment)
    ]
    assert without_tokens[1] in without_tokens[0]
    for response in (page, fragment):
        assert "HX-Request" in response["Vary"]
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in text_of(client.get(url, headers=restored))


def test_htmx_moves_answer_with_the_case_and_tell_the_list(press, town):
    hazard = prepared(town, "accept")
    done = press("grid_worker", hazard, "accept", htmx=True, **fields_of("accept", town))
    assert (done.status_code, done["HX-Trigger"]) == (200, "hazard-moved")
    assert is_fragment(done)
    assert "好了，现在是「已受理」。" in text_of(done)
    assert "已受理" in text_of(done)
    late = press("grid_worker", hazard, "accept", htmx=True, **fields_of("accept", town))
    wrong = press("grid_worker", prepared(town, "reject"), "reject", htmx=True)
    assert (late.status_code, wrong.status_code) == (409, 400)
    assert is_fragment(late)
    assert is_fragment(wrong)
    for response in (late, wrong):
        assert "HX-Request" in response["Vary"]
        assert "HX-Trigger" not in response


# --- what the page tells whom ---------------------------------------------------------------


def test_staff_see_the_standard_the_reporter_does_not_and_nobody_the_contact_unasked(visit, town):
    hazard = report(town.six, by=town.rider, contact_name="路人甲", contact_phone="10000019999")
    advance(hazard, "dispatched", reviewer=town.grid_worker, officer=town.officer)
    url = hazard.get_absolute_url()
    staff, rider = (text_of(visit(p).get(url)) for p in (town.grid_worker, town.rider))
    assert standard().close_condition in staff
    assert standard().close_condition not in rider
    for page in (staff, rider):
        assert not any(secret in page for secret in ("10000019999", "路人甲", town.rider.phone))
        assert town.rider.display_name not in page.split("<main")[-1].split('id="case"')[1]


def test_the_timeline_speaks_to_the_reporter_in_the_second_person(visit, town):
    hazard = report(town.six, by=town.rider)
    advance(hazard, "closed", reviewer=town.grid_worker, officer=town.officer)
    url = hazard.get_absolute_url()
    rider, staff = (text_of(visit(p).get(url)) for p in (town.rider, town.grid_worker))
    titles = [
        "第六网格员已受理",
        "已上报街道综治中心",
        f"已派给{Hazard.objects.get().organisation}",
        "修好了，等核查",
        "网格员核查，办结",
    ]

    def told(page):
        return re.findall(r'<div class="line"><strong>([^<]+)</strong>', page)

    assert told(rider) == ["你报了上来", *titles]
    assert told(staff) == ["上报人报了上来", *titles]


# --- files ----------------------------------------------------------------------------------


@pytest.fixture
def with_files(town):
    """The rider's case with a photo and a voice note."""
    attachments = Attachments(
        photos=[stored_photo(media.jpeg())], voices=[stored_voice(media.wav(2.0))]
    )
    return report(town.six, by=town.rider, attachments=attachments)


def test_the_voice_is_served_in_parts(visit, town, with_files):
    note = with_files.voices.get()
    whole = note.audio.read()
    note.audio.close()
    url = f"{with_files.get_absolute_url()}voices/{note.pk}/"
    client = visit(town.grid_worker)
    part = client.get(url, headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.getvalue()) == (206, whole[:2])
    assert part["Content-Range"] == f"bytes 0-1/{len(whole)}"
    assert part["Content-Type"] == "audio/mp4"
    rest = client.get(url, headers={"Range": f"bytes={len(whole) - 3}-"})
    assert (rest.status_code, rest.getvalue()) == (206, whole[-3:])
    everything = client.get(url)
    assert (everything.status_code, everything.getvalue()) == (200, whole)
    beyond = client.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


def test_photos_come_full_and_small_and_only_to_the_person(visit, town, with_files):
    photo = with_files.photos.get()
    client = visit(town.rider)
    sizes = {}
    for size in ("full", "thumb"):
        url = reverse("hazards:photo", args=[with_files.number, photo.pk, size])
        response = client.get(url)
        sizes[size] = len(response.getvalue())
        assert response["Content-Type"] == "image/jpeg"
        assert response["Cache-Control"].startswith("private")
        assert response["X-Content-Type-Options"] == "nosniff"
        again = client.get(url, headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
    assert sizes["thumb"] < sizes["full"]
    assert client.get(f"{with_files.get_absolute_url()}photos/{photo.pk}/huge/").status_code == 404


def test_a_photo_of_another_case_is_not_found(visit, town, with_files):
    photo, note = with_files.photos.get(), with_files.voices.get()
    other = report(town.six)
    client = visit(town.grid_worker)
    for url in (
        reverse("hazards:photo", args=[other.number, photo.pk, "full"]),
        reverse("hazards:voice", args=[other.number, note.pk]),
        reverse("hazards:receipt-photo", args=[other.receipt_token, photo.pk, "full"]),
        reverse("hazards:receipt-voice", args=[other.receipt_token, note.pk]),
    ):
        assert client.get(url).status_code == 404


# --- queries --------------------------------------------------------------------------------


def with_photos(town, count):
    """A case with so many photos and as many steps of asking and answering."""
    photo = stored_photo(media.jpeg(60, 40))
    hazard = report(town.six, by=town.rider, attachments=Attachments(photos=[photo] * count))
    for _turn in range(count):
        cases.ask_info(hazard, by=town.grid_worker, reason="哪里")
        cases.supply_info(
            hazard,
            by=town.rider,
            attachments=Attachments(photos=[photo], voices=[stored_voice(media.wav(1.0))]),
        )
    return hazard


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize(("role", "queries"), [("grid_worker", 5), ("rider", 7)])
def test_the_case_page_asks_as_often_for_one_photo_as_for_four(
    visit, town, django_assert_num_queries, count, role, queries
):
    hazard = with_photos(town, count)
    client = visit(getattr(town, role))
    client.get(hazard.get_absolute_url())  # what staff edit is kept from then on
    with django_assert_num_queries(queries):
        client.get(hazard.get_absolute_url())


def test_the_history_keeps_who_was_sent_after_the_case_came_back(town, visit):
    hazard = advance(
        report(town.six, by=town.rider), "closed", reviewer=town.grid_worker, officer=town.officer
    )
    cases.reopen(hazard, by=town.rider, reason="又翘起来了")
    words = visit(town.rider).get(hazard.get_absolute_url()).content.decode()
    assert f"已派给{town.organisation}" in words
