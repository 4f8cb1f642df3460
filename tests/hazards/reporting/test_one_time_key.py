"""The key of a form knows its content: what is sent anew is kept, what is sent twice is not."""

import uuid
from itertools import permutations

import pytest

from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import form, upload

REPORT, ENTRY = "/hazards/report/", "/hazards/new/"
PHOTOS = [media.jpeg(60, 40), media.jpeg(70, 40)]


def note(seconds=1.0):
    """A recording as a browser sends it."""
    return upload(media.wav(seconds), "note.wav", "audio/wav")


def photos(*pictures):
    """The part of a form with these pictures."""
    return {"photos": [upload(picture) for picture in pictures]}


def test_the_same_words_with_other_files_are_a_second_case(client, town):
    key = str(uuid.uuid4())
    sent = [photos(PHOTOS[0]), photos(PHOTOS[1]), photos(*PHOTOS), {"voice": note()}]
    sent += [{"voice": note(2.0)}, photos(PHOTOS[0]) | {"voice": note()}]
    for parts in sent:
        for picture in parts.get("photos", ()):
            picture.seek(0)
        client.post(REPORT, {"submission_key": key, "category": "manhole"} | parts)
    counts = [(h.photos.count(), h.voices.count()) for h in Hazard.objects.order_by("id")]
    assert counts == [(1, 0), (1, 0), (2, 0), (0, 1), (0, 1), (1, 1)]


def test_the_same_files_in_any_order_and_from_anywhere_are_one_case(client, town):
    key = str(uuid.uuid4())
    places = [{}, {"latitude": "46.545", "longitude": "124.945", "accuracy": "18"}]
    answers = {
        client.post(REPORT, {"submission_key": key} | photos(*order) | place).url
        for order in permutations(PHOTOS)
        for place in places
    }
    assert answers == {Hazard.objects.get().get_receipt_url()}


def test_a_report_sent_again_is_not_decoded_again(client, town, monkeypatch):
    key = str(uuid.uuid4())
    first = client.post(REPORT, {"submission_key": key} | photos(*PHOTOS))

    def decode(_file):
        raise AssertionError("decoded")

    monkeypatch.setattr("yuanhang.core.media.helpers.process_photo", decode)
    again = client.post(REPORT, {"submission_key": key} | photos(*PHOTOS))
    assert again.url == first.url


def test_staff_who_go_back_and_take_another_photo_hear_that_it_was_not_saved(town, visit):
    client, data = visit(town.staff), form(description="井盖翘了")
    client.post(ENTRY, data | photos(PHOTOS[0]))
    assert client.post(ENTRY, data | photos(PHOTOS[0])).status_code == 302
    answer = client.post(ENTRY, data | photos(PHOTOS[1]))
    assert answer.status_code == 409
    assert "后改的没有存" in answer.content.decode()
    assert Hazard.objects.count() == 1


@pytest.mark.parametrize("url", [REPORT, ENTRY])
def test_a_page_with_a_key_is_kept_by_no_cache(town, visit, url):
    client = visit(town.staff)
    for answer in (client.get(url), client.post(url, form(contact_phone="123"))):
        assert 'name="submission_key"' in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
