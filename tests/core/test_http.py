"""Small answers of the floor: page keys, the way back, error pages."""

import base64
import json

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxMiddleware
from hypothesis import given
from hypothesis import strategies as st

from yuanhang.core.http import page_or_fragment, safe_next
from yuanhang.core.paging import decode_cursor, encode_cursor


def raw(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# --- page keys ------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.lists(JSON, max_size=4))
def test_what_was_put_in_comes_out(values):
    text = encode_cursor(values)
    assert decode_cursor(text, len(values)) == values
    assert decode_cursor(text, len(values) + 1) is None
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in text)


@given(st.text())
def test_any_text_is_a_key_or_none(text):
    values = decode_cursor(text, 1)
    assert values is None or (isinstance(values, list) and len(values) == 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "页",
        "\x00",
        "A",
        raw("not json"),
        raw('{"0": 1}'),
        raw('"x"'),
        raw("1"),
        raw("[]"),
        raw("[1,2]"),
        raw("[1" + "0" * 5000 + "]"),
        raw("[" * 100_000),
        raw("[" * 5000 + "]" * 5000),
        base64.urlsafe_b64encode(b"\xff\xfe\xfd").decode(),
    ],
)
def test_garbage_is_no_key(text):
    assert decode_cursor(text, 1) is None


# --- the way back ---------------------------------------------------------------------------

OURS = [
    "/",
    "/hazards/queue/?state=submitted#top",
    "/notices/?before=WzFd",
    "/通知/",
]
NOT_OURS = [
    "",
    "https://evil.example/",
    "http://testserver.evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "http:///evil.example",
    "\x00/",
    " //evil.example",
    "notices/",
    "home",
    "nosuchpage",
    "https://testserver@evil.example/",
]


@pytest.mark.parametrize("target", OURS)
def test_a_local_address_is_followed(target):
    assert safe_next(RequestFactory().post("/", {"next": target}), "home") == target
    assert safe_next(RequestFactory().get("/", {"next": target}), "home") == target


@pytest.mark.parametrize("target", NOT_OURS)
def test_every_other_address_is_not(target):
    assert safe_next(RequestFactory().post("/", {"next": target}), "home") == "home"
    assert safe_next(RequestFactory().get("/", {"next": target}), "home") == "home"


def test_without_a_wish_the_default_counts():
    assert safe_next(RequestFactory().get("/"), "core:inbox") == "core:inbox"


@pytest.mark.django_db
@pytest.mark.parametrize("target", [*NOT_OURS, "/a\r\nX-Evil: 1"])
def test_no_way_back_leads_out_of_the_site_or_breaks_it(town, visit, target):
    response = visit(town.rider).post("/notices/read-all/", {"next": target})
    assert response.status_code == 302
    assert response["Location"] in {"/notices/", "/a%0D%0AX-Evil:%201"}
    assert "X-Evil" not in response.headers


# --- fragment or page -----------------------------------------------------------------------


def answer(**headers):
    request = RequestFactory().get("/", headers=headers)
    HtmxMiddleware(lambda request: HttpResponse())(request)
    context = {"notices": [], "following": "", "unread_notices": 0}
    return page_or_fragment(request, "403.html", "429.html", context, status=200)


def test_htmx_gets_the_fragment_and_everybody_else_the_page(db):
    assert "这一步不归你" in answer().content.decode()
    assert "试得太快了" in answer(hx_request="true").content.decode()
    restored = answer(hx_request="true", hx_history_restore_request="true")
    assert "这一步不归你" in restored.content.decode()


def test_caches_keep_fragment_and_page_apart(db):
    for response in (answer(), answer(hx_request="true")):
        assert "HX-Request" in response["Vary"]


# --- error pages ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_unknown_address_is_answered_in_plain_words(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "这里没有东西" in page
    assert 'href="/"' in page


@pytest.mark.django_db
def test_a_form_that_waited_too_long_is_answered_in_plain_words(town):
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.rider)
    response = client.post("/notices/read-all/")
    assert response.status_code == 403
    assert "刷新页面再试" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.logs_errors
def test_an_unknown_host_is_answered_in_plain_words(client):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "没看懂" in response.content.decode()


@pytest.mark.django_db
def test_the_demo_shows_our_page_although_debug_is_on(client, settings):
    settings.DEBUG = True
    settings.DEMO = False
    assert b"DEBUG = True" in client.get("/nothing/here/").content
    settings.DEMO = True
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "这里没有东西" in response.content.decode()
    assert b"DEBUG = True" not in response.content


def test_keys_are_short_enough_for_an_address():
    assert encode_cursor([2**63 - 1]) == raw(json.dumps([2**63 - 1]))
    assert len(encode_cursor([2**63 - 1])) < 40


# --- headers of every answer ----------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/hazards/report/", "/no/such/page/", "/a%00b/"])
def test_each_answer_says_what_a_page_may_ask_the_browser_for(client, db, address):
    policy = client.get(address)["Permissions-Policy"]
    assert "geolocation=(self)" in policy
    assert "camera=()" in policy
