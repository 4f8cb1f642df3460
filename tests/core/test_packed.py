"""Pages and data travel packed; files, and parts of them, as they are."""

import gzip

import pytest

from hazards.cases.attachments import Attachments
from tests import media
from tests.factories.hazards import report, stored_photo, stored_voice

PACKING = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def case(town):
    photo, note = stored_photo(media.jpeg(1200, 900)), stored_voice(media.wav(3.0))
    files = Attachments(photos=[photo], voices=[note])
    return report(town.six, by=town.rider, attachments=files)


@pytest.mark.parametrize("address", ["/", "/hazards/report/", "/hazards/queue/", "/hazards/mine/"])
def test_pages_are_packed_for_whoever_takes_it(visit, town, case, address):
    client = visit(town.grid_worker)
    packed = client.get(address, headers=PACKING)
    plain = client.get(address)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert "Content-Encoding" not in plain
    assert len(packed.content) < len(plain.content) / 2
    assert "庆小驿" in gzip.decompress(packed.content).decode()


def test_files_stay_as_they_are(visit, town, case):
    client, own = visit(town.rider), case.get_absolute_url()
    for address in (
        f"{own}photos/{case.photos.get().pk}/full/",
        f"{own}voices/{case.voices.get().pk}/",
    ):
        whole = client.get(address, headers=PACKING)
        part = client.get(address, headers=PACKING | {"Range": "bytes=0-9"})
        assert "Content-Encoding" not in whole
        assert "Content-Encoding" not in part
        assert (part.status_code, len(b"".join(part.streaming_content))) == (206, 10)
        b"".join(whole.streaming_content)
    sheet = visit(town.grid_worker).get("/hazards/queue/export/", headers=PACKING)
    assert sheet.status_code == 200
    assert "Content-Encoding" not in sheet


def test_the_token_of_a_form_is_another_in_each_answer(visit, town):
    # Or the length of a packed page would tell it, one guess at a time.
    pages = [visit(town.rider).get("/hazards/report/") for _ in range(2)]
    tokens = {page.context["csrf_token"] for page in pages}
    assert len({str(token) for token in tokens}) == 2
