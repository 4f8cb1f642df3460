"""What was uploaded well is kept where a form comes back, for a day, and only for its sender."""

import re

import pytest

from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import form, into, report, upload
from yuanhang.core.uploads.models import DraftUpload

REPORT, ENTRY = "/hazards/report/", "/hazards/new/"
BAD_PHONE = {"contact_phone": "123"}
SIZES = [(60, 40), (70, 40), (80, 40), (90, 40)]


def pictures(count=2):
    """So many photos, each of another size."""
    return [upload(media.jpeg(*size)) for size in SIZES[:count]]


def note():
    """A recording."""
    return upload(media.wav(1.0), "note.wav", "audio/wav")


def kept_keys(response, name="photos"):
    """The hidden keys on the page."""
    return re.findall(rf'name="{name}_kept" value="([^"]+)"', response.content.decode())


def kept(response):
    """The hidden keys of all fields as the browser would send them."""
    names = ("photos", "voice", "scan")
    return {f"{name}_kept": keys for name in names if (keys := kept_keys(response, name))}


def widths():
    """Of the only case's photos, in their order."""
    return list(Hazard.objects.get().photos.values_list("width", flat=True))


@pytest.mark.parametrize(("role", "url"), [(None, REPORT), ("rider", REPORT), ("staff", ENTRY)])
def test_files_of_a_refused_form_need_not_be_chosen_again(visit, town, role, url):
    client = visit(getattr(town, role or "", None))
    data = form(description="井盖") | BAD_PHONE
    answer = client.post(url, data | {"photos": pictures(), "voice": note()})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "已收好 2 张照片" in page
    assert "已收好一段语音" in page
    # And once more in vain: they are not stored a second time.
    answer = client.post(url, data | kept(answer))
    assert DraftUpload.objects.count() == 3
    assert client.post(url, data | kept(answer) | {"contact_phone": ""}).status_code == 302
    assert widths() == [60, 70]
    assert Hazard.objects.get().voices.count() == 1


def test_one_bad_photo_among_four_is_named_and_the_others_stay(client, town):
    photos = pictures(4)
    photos[2] = upload(media.truncated_jpeg(), "IMG_0042.jpg")
    answer = client.post(REPORT, form(description="井盖", photos=photos))
    (sentence,) = answer.context["form"].errors["photos"]
    assert sentence.startswith("第 3 张（IMG_0042.jpg）：照片没有传完整")
    assert "已收好 3 张照片" in answer.content.decode()
    client.post(REPORT, form(description="井盖") | kept(answer) | {"photos": pictures(1)})
    assert widths() == [60, 70, 90, 60]


def test_of_too_many_photos_the_first_four_stay(client, town):
    photos = [*pictures(4), upload(media.jpeg(99, 40))]
    answer = client.post(REPORT, form(photos=photos))
    assert len(kept_keys(answer)) == 4
    client.post(REPORT, form() | kept(answer))
    assert widths() == [60, 70, 80, 90]


def test_a_kept_photo_can_be_taken_away(client, town):
    answer = client.post(REPORT, form(photos=pictures()) | BAD_PHONE)
    first, _second = kept_keys(answer)
    client.post(REPORT, form() | kept(answer) | {"photos_drop": first})
    assert widths() == [70]


def test_nobody_gets_at_the_file_of_somebody_else(visit, town):
    answer = visit(town.rider).post(REPORT, form(photos=pictures()) | BAD_PHONE)
    for other in (None, town.stranger):
        refused = visit(other).post(REPORT, form(description="井盖") | kept(answer))
        assert refused.status_code == 400
        assert "要重新选" in refused.content.decode()
        assert kept(refused) == {}
    assert not Hazard.objects.exists()


def test_a_guests_files_are_theirs_after_logging_in(visit, town):
    answer = visit(None).post(REPORT, form(photos=pictures()) | BAD_PHONE)
    assert visit(town.rider).post(REPORT, form() | kept(answer)).status_code == 302
    assert widths() == [60, 70]


def test_the_same_report_with_kept_or_chosen_files_is_one_case(client, town):
    data = form(description="井盖")
    answer = client.post(REPORT, data | BAD_PHONE | {"photos": pictures()})
    urls = {client.post(REPORT, data | kept(answer)).url for _ in range(2)}
    urls.add(client.post(REPORT, data | {"photos": pictures()}).url)
    assert urls == {Hazard.objects.get().get_receipt_url()}


@pytest.mark.parametrize("htmx", [False, True])
def test_a_move_in_error_keeps_its_photos(press, town, htmx):
    case = into(report(town.six, by=town.rider), "closed", town)
    answer = press("rider", case, "reopen", htmx=htmx, reason="", photos=pictures())
    assert "已收好 2 张照片" in answer.content.decode()
    again = press("rider", case, "reopen", htmx=htmx, reason="还是翘着", **kept(answer))
    assert again.status_code in (200, 302)
    assert case.photos.count() == 2


def test_a_preview_keeps_the_photos(press, town):
    case = into(report(town.six, by=town.rider), "accepted", town)
    answer = press("grid_worker", case, "fix", preview="1", photos=pictures())
    assert answer.status_code == 200
    press("grid_worker", case, "fix", **kept(answer))
    assert case.photos.filter(is_repair=True).count() == 2


def test_filling_in_from_a_chat_keeps_the_photos(visit, town):
    client = visit(town.staff)
    data = form(pasted="南六街井盖翘了", paste="1", photos=pictures(), voice=note())
    answer = client.post(ENTRY, data)
    assert "已收好 2 张照片" in answer.content.decode()
    client.post(ENTRY, form(description="井盖") | kept(answer))
    assert widths() == [60, 70]
    assert Hazard.objects.get().voices.count() == 1


def test_a_certificates_picture_is_kept(visit, town):
    url = f"/volunteers/people/{town.rider.pk}/qualification/"
    answer = visit(town.staff).post(url, {"scan": pictures(1)[0], "issuer": "红十字会"})
    if answer.status_code == 404:
        pytest.fail("the address has changed")
    assert answer.status_code == 400
    assert "已收好 1 张照片" in answer.content.decode()


def test_phones_that_hold_the_files_themselves_do_not_leave_them_here(client, town):
    answer = client.post(REPORT, form(photos=pictures(), files_held="1") | BAD_PHONE)
    assert answer.status_code == 400
    assert not DraftUpload.objects.exists()


def test_a_file_goes_with_its_row(client, town, stored_files, commit):
    client.post(REPORT, form(photos=pictures(1)) | BAD_PHONE)
    assert len(stored_files()) == 2
    with commit():
        DraftUpload.objects.all().delete()
    assert stored_files() == []
