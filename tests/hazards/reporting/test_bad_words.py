"""Bad words, keys and guesses on the report form: a clear message, nothing saved."""

import uuid

import pytest
from django.urls import reverse

from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from tests import media
from tests.factories.hazards import form, report, upload
from tests.hazards.reporting.bad_input_help import refusal
from tests.hazards.reporting.test_report import URL, errors_of, text_of

OUT_OF_DATE = "这个页面过期了，请再点一次发出。"
# Characters beyond the basic plane, a dot between names, a script of its own, an emoji.
RARE = "𠮷·ئايگۈل 👷🏽"


@pytest.mark.parametrize("field", [*form(), "category", "grid", "latitude", "datum", "accuracy"])
@pytest.mark.parametrize("text", ["\0", "a" * 5000])
def test_what_only_a_program_sends_does_no_harm(client, nothing_saved, field, text):
    response = client.post(URL, form(**{"description": "井盖", field: text}))
    assert len(refusal(response)) >= 1
    nothing_saved()


def test_a_category_out_of_use_cannot_be_picked(client, nothing_saved):
    Category.objects.filter(key="ice").update(is_active=False)
    response = client.post(URL, form(description="井盖", category="ice"))
    assert refusal(response) == ["没有这个类别，请重新选。"]
    nothing_saved()


def test_two_thousand_characters_fit_however_lines_are_broken(client, town):
    text = ("冰\r\n" * 1000)[:-2]
    assert client.post(URL, form(description=text + "冰")).status_code == 302
    assert len(Hazard.objects.get().description) == 2000


@pytest.mark.logs_errors
def test_a_megabyte_of_words_is_cut_off_before_it_is_read(client, nothing_saved):
    assert client.post(URL, form(description="a" * 1_100_000)).status_code == 400
    nothing_saved()


def test_rare_characters_and_emoji_are_ordinary_words(client, town):
    data = form(description=f"路口结冰 🧊 {RARE}", place="𠮷林路", contact_name=RARE)
    response = client.post(URL, data)
    hazard = Hazard.objects.get()
    assert (hazard.contact_name, hazard.place) == (RARE, "𠮷林路")
    assert RARE in text_of(client.get(response.url))
    assert list(Hazard.objects.matching("𠮷林")) == [hazard]


def test_words_are_shown_as_words(client, visit, town):
    evil = "<script>alert(1)</script>"
    data = form(description=evil, place=evil, contact_name=evil, contact_phone="10000019999")
    response = client.post(URL, data | {"grid": town.six.pk})
    hazard = Hazard.objects.get()
    pages = [
        client.get(response.url),
        visit(town.grid_worker).get(hazard.get_absolute_url()),
        visit(town.grid_worker).get(reverse("hazards:queue")),
        visit(town.grid_worker).get(reverse("core:inbox")),
    ]
    for page in pages:
        assert evil not in text_of(page)
        assert "&lt;script&gt;" in text_of(page)


# --- keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "",
        "garbage",
        "9e3ff2a8-e85a-11f1-8119-02fc00000001",  # of the kind that holds a clock and a device
        str(uuid.UUID(int=0)),
        "1" * 64,
        "20297b1-2f0f-4753-8121-ce0d70f36954",
    ],
)
def test_a_key_made_by_hand_is_replaced_by_a_good_one(client, nothing_saved, key):
    data = form(description="井盖", submission_key=key)
    response = client.post(URL, data)
    assert refusal(response) == [OUT_OF_DATE]
    nothing_saved()
    renewed = response.context["form"]["submission_key"].value()
    assert uuid.UUID(renewed).version == 4
    assert client.post(URL, data | {"submission_key": renewed}).status_code == 302


def test_the_key_of_another_account_opens_nothing(visit, town):
    data = form(description="我的", grid=town.six.pk)
    visit(town.rider).post(URL, data)
    hazard = Hazard.objects.get()
    response = visit(town.stranger).post(URL, data | {"description": "别人的"})
    assert response.status_code == 409
    assert errors_of(response) == ["这份已经用另一个账号发过了。要再发一份，再点一次发出。"]
    assert hazard.receipt_token not in text_of(response)
    assert hazard.number not in text_of(response)
    renewed = response.context["form"]["submission_key"].value()
    assert renewed != data["submission_key"]
    assert Hazard.objects.get().description == "我的"


# --- guesses --------------------------------------------------------------------------------


def test_a_stranger_cannot_tell_a_number_that_exists_from_one_that_does_not(visit, town):
    hazard = report(town.six, by=town.rider)
    other = hazard.number[:-4] + "9999"
    client = visit(town.stranger)
    there = client.get(hazard.get_absolute_url())
    nowhere = client.get(reverse("hazards:case", args=[other]))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content


def test_files_of_other_cases_are_not_found_through_ones_own(visit, town, stored_files):
    client = visit(town.stranger)
    files = {
        "photos": upload(media.jpeg(60, 40)),
        "voice": upload(media.wav(1.0), "a.wav", "audio/wav"),
    }
    visit(town.rider).post(URL, form(grid=town.six.pk, **files))
    theirs = Hazard.objects.get()
    mine = report(town.one, by=town.stranger)
    photo, voice = theirs.photos.get(), theirs.voices.get()
    client = visit(town.stranger)
    for case in (theirs.get_absolute_url(), mine.get_absolute_url(), mine.get_receipt_url()):
        for rest in (
            f"photos/{photo.pk}/full/",
            f"photos/{photo.pk}/thumb/",
            f"voices/{voice.pk}/",
        ):
            assert client.get(case + rest).status_code == 404
    for path in (photo.image.name, photo.thumbnail.name, voice.original.name):
        for door in ("/never-served/", "/media/", "/static/", "/"):
            assert client.get(door + path).status_code == 404
    assert client.get(f"{mine.get_absolute_url()}photos/{10**30}/full/").status_code == 404


def look_up(client, number, code):
    return client.post(reverse("hazards:lookup"), {"number": number, "code": code})


def test_the_eleventh_guess_of_a_code_is_turned_away(client, town):
    hazard = report(town.six)
    wrong = "00000000" if hazard.lookup_code != "00000000" else "11111111"
    answers = [look_up(client, hazard.number, wrong).status_code for _ in range(10)]
    assert answers == [400] * 10
    late = look_up(client, hazard.number, hazard.lookup_code)
    assert late.status_code == 429
    assert "试的次数太多了，过十分钟再来。" in text_of(late)
    # Writing the number differently is no way around, another case is not touched.
    spaced = f" {hazard.number.lower()} "
    assert look_up(client, spaced, hazard.lookup_code).status_code == 429
    other = report(town.six)
    assert look_up(client, other.number, other.lookup_code).url == other.get_receipt_url()


def test_one_device_cannot_try_number_after_number(client, town):
    client.get(reverse("hazards:lookup"))
    hazard = report(town.six)
    start = hazard.number[:-4]
    answers = [
        look_up(client, f"{start}{n:04d}", "00000000").status_code for n in range(5000, 5021)
    ]
    assert answers == [400] * 20 + [429]
    assert look_up(client, hazard.number, hazard.lookup_code).status_code == 429
    neighbour = type(client)()
    neighbour.get(reverse("hazards:lookup"))
    assert look_up(neighbour, hazard.number, hazard.lookup_code).status_code == 302


@pytest.mark.parametrize("junk", ["", "garbage", "%00", "%F0%9F%91%B7", "a" * 300, "..%2f..%2fetc"])
def test_addresses_made_of_junk_are_not_found(client, visit, town, junk):
    visit(town.grid_worker)
    addresses = [
        f"/hazards/receipt/{junk}/",
        f"/hazards/receipt/{junk}/photos/1/full/",
        f"/hazards/receipt/{junk}/voices/1/",
        f"/hazards/{junk}/",
        f"/hazards/YH20261123-0001{junk}/photos/1/full/",
    ]
    assert [client.get(address).status_code for address in addresses] == [404] * len(addresses)
    assert client.post(f"/hazards/receipt/{junk}/withdraw/").status_code == 404
    assert client.get(f"/hazards/queue/?case={junk}&after={junk}&q={junk}").status_code == 200
