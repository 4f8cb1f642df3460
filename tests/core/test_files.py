"""Private files on their way out: whole, in parts, not at all, or by the web server."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.http import Http404
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from yuanhang.core import files

BYTES = bytes(range(256)) * 600  # more than two chunks


# --- reading a Range ------------------------------------------------------------------------


def wanted(header, size):
    """The bytes that RFC 9110 grants, slowly and plainly; None: the header does not count."""
    unit, _, text = header.partition("=")
    first, dash, last = text.partition("-")
    numbers = [part for part in (first, last) if part]
    plain = all(part.isascii() and part.isdigit() for part in numbers)
    if unit != "bytes" or not dash or not numbers or not plain:
        return None
    if not first:
        return list(range(size))[-int(last) :] if int(last) else []
    if last and int(last) < int(first):
        return None
    return [i for i in range(size) if int(first) <= i and (not last or i <= int(last))]


NUMBERS = st.integers(0, 30).map(str) | st.just("")
HEADERS = st.builds("bytes={}-{}".format, NUMBERS, NUMBERS)


@given(HEADERS, st.integers(0, 20))
@example("bytes=0-0", 0)
@example("bytes=-1", 0)
@example("bytes=19-", 20)
@example("bytes=20-", 20)
@example("bytes=-20", 20)
@example("bytes=-21", 20)
@example("bytes=-", 5)
def test_a_range_grants_what_the_standard_says(header, size):
    expected, span = wanted(header, size), files.parse_range(header, size)
    if expected is None:
        assert span is None
    elif expected:
        assert span == (expected[0], expected[-1])
    else:
        assert span == ()


@given(st.text(max_size=40), st.integers(0, 50))
@example("bytes=0-1,3-4", 10)
@example("bytes=a-b", 10)
@example("items=0-1", 10)
@example("bytes 0-1", 10)
@example("bytes=0-1-2", 10)
@example("bytes=" + "9" * 5000 + "-", 10)
@example("bytes=-" + "9" * 5000, 10)
@example("bytes=0-" + "9" * 5000, 10)
def test_no_header_breaks_the_reading(header, size):
    span = files.parse_range(header, size)
    if span:
        first, last = span
        assert 0 <= first <= last < size


def test_no_header_means_everything():
    assert files.parse_range("", 10) is None
    assert files.parse_range(None, 10) is None


# --- names ----------------------------------------------------------------------------------


def test_names_cannot_be_guessed_and_say_nothing(stored_files):
    names = {files.save_bytes(default_storage, "photos", "jpg", b"x") for _ in range(20)}
    assert len(names) == 20
    for name in names:
        folder, shelf, file = name.split("/")
        digits, _, extension = file.partition(".")
        assert (folder, shelf, extension, len(digits)) == ("photos", digits[:2], "jpg", 32)
        assert int(digits, 16) >= 0
    assert len(stored_files()) == 20


# --- handing out ----------------------------------------------------------------------------


@pytest.fixture
def stored(db):  # the end of an answer looks after the connection
    """A stored voice note, as a row of some model would hand it over."""
    name = files.save_bytes(default_storage, "voices", "m4a", BYTES)
    return FieldFile(None, FileField(), name)


def fetch(stored, method="get", **headers):
    request = getattr(RequestFactory(), method)("/", headers=headers)
    response = files.stream(request, stored, "audio/mp4")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response, body


def always(response):
    """The headers of every answer."""
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=604800"
    assert response["Content-Disposition"] == "inline"
    return response["ETag"]


def test_the_whole_file(stored):
    response, body = fetch(stored)
    assert (response.status_code, body) == (200, BYTES)
    assert response["Content-Type"] == "audio/mp4"
    assert response["Content-Length"] == str(len(BYTES))
    assert response["Accept-Ranges"] == "bytes"
    assert always(response) == f'"{stored.name.split("/")[-1].split(".")[0]}"'


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=0-", 0, len(BYTES) - 1),
        ("bytes=1000-140000", 1000, 140_000),
        ("bytes=-500", len(BYTES) - 500, len(BYTES) - 1),
        (f"bytes={len(BYTES) - 1}-999999999", len(BYTES) - 1, len(BYTES) - 1),
    ],
)
def test_a_part_as_iphones_ask_for_it(stored, header, first, last):
    response, body = fetch(stored, range=header)
    assert (response.status_code, body) == (206, BYTES[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(BYTES)}"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "audio/mp4"
    assert response["Accept-Ranges"] == "bytes"
    always(response)


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "items=0-1", "bytes=5-1", "nonsense"])
def test_a_range_that_does_not_count_gets_everything(stored, header):
    response, body = fetch(stored, range=header)
    assert (response.status_code, body) == (200, BYTES)


@pytest.mark.parametrize("header", [f"bytes={len(BYTES)}-", "bytes=999999999-", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused_with_the_size(stored, header):
    response, body = fetch(stored, range=header)
    assert (response.status_code, body) == (416, b"")
    assert response["Content-Range"] == f"bytes */{len(BYTES)}"
    always(response)


def test_who_has_the_file_is_told_so(stored):
    etag = fetch(stored)[0]["ETag"]
    response, body = fetch(stored, if_none_match=etag)
    assert (response.status_code, body) == (304, b"")
    assert always(response) == etag
    assert fetch(stored, if_none_match='"another"')[0].status_code == 200


def test_a_part_of_another_file_is_not_continued(stored):
    etag = fetch(stored)[0]["ETag"]
    same, part = fetch(stored, range="bytes=0-9", if_range=etag)
    assert (same.status_code, part) == (206, BYTES[:10])
    for other in ('"another"', "Sat, 21 Nov 2026 10:00:00 GMT"):
        changed, whole = fetch(stored, range="bytes=0-9", if_range=other)
        assert (changed.status_code, whole) == (200, BYTES)


def test_an_empty_file_has_no_part(db):
    name = default_storage.save("voices/empty.m4a", ContentFile(b""))
    empty = FieldFile(None, FileField(), name)
    assert fetch(empty)[0].status_code == 200
    assert fetch(empty, range="bytes=0-0")[0].status_code == 416


def test_the_web_server_sends_the_bytes_where_it_can(stored, settings):
    settings.FILES_ACCEL_PREFIX = "/private/"
    response, body = fetch(stored, range="bytes=0-1")
    assert (response.status_code, body) == (200, b"")
    assert response["X-Accel-Redirect"] == f"/private/{stored.name}"
    assert response["Content-Type"] == "audio/mp4"
    etag = always(response)
    settings.FILES_ACCEL_PREFIX = "/private"
    assert fetch(stored)[0]["X-Accel-Redirect"] == f"/private/{stored.name}"
    assert fetch(stored, if_none_match=etag)[0].status_code == 304


def test_without_a_prefix_the_web_server_is_not_asked(stored):
    assert "X-Accel-Redirect" not in fetch(stored)[0]


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-1"}])
def test_a_file_that_is_gone_is_not_found(stored, headers):
    default_storage.delete(stored.name)
    with pytest.raises(Http404):
        fetch(stored, **headers)
