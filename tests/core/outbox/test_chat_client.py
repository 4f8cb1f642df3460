"""The group robot's client: one host, one deadline, one small answer, and a key nobody sees."""

import json
import logging
import re
import time
import traceback

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.stations.robots import robot_server
from tests.stations.robots.robot_server import KEY
from yuanhang.core.outbox import chat, wire
from yuanhang.core.outbox.chat import ChatBusyError, ChatRefusedError
from yuanhang.core.text import clean

HOST = "qyapi.weixin.qq.com"
GOOD = f"https://{HOST}/cgi-bin/webhook/send?key={KEY}"


@pytest.fixture
def server(tmp_path, settings):
    """A robot on this machine, which the settings allow."""
    with robot_server.running(tmp_path) as found:
        settings.ROBOT_HOST, settings.ROBOT_CA_FILE = found.host, found.ca_file
        yield found


@pytest.fixture
def hurry(monkeypatch):
    """Half a second instead of eight."""
    monkeypatch.setattr(chat, "SECONDS", 0.5)


def fail(server, url=None, text="你好"):
    """The error of a message that must not get through."""
    with pytest.raises(chat.RobotError) as caught:
        chat.post_text(url or server.url(), text)
    return caught.value


# --- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        "不是网址",
        GOOD.replace("https", "http"),
        GOOD.replace("https", "ftp"),
        GOOD.replace("https", "httpſ"),
        GOOD.removeprefix("https:"),
        GOOD.replace(HOST, "evil.example"),
        GOOD.replace(HOST, f"{HOST}.evil.example"),
        GOOD.replace(HOST, f"evil.{HOST}"),
        GOOD.replace(HOST, f"{HOST}."),
        GOOD.replace(HOST, f"{HOST}@evil.example"),
        GOOD.replace(HOST, f"evil.example@{HOST}"),
        GOOD.replace(HOST, f"user:word@{HOST}"),
        GOOD.replace(HOST, f"evil.example#@{HOST}"),
        GOOD.replace(HOST, f"evil.example\\@{HOST}"),
        GOOD.replace(HOST, f"evil.example/{HOST}"),
        GOOD.replace(HOST, "127.0.0.1"),
        GOOD.replace(HOST, "[::1]"),
        GOOD.replace(HOST, HOST.replace(".", "。")),
        GOOD.replace(HOST, f"{HOST}:8443"),
        GOOD.replace(HOST, f"{HOST}:80"),
        GOOD.replace(HOST, f"{HOST}:"),
        GOOD.replace(HOST, f"{HOST}:0443"),
        GOOD.replace(HOST, f"{HOST}:443443"),
        GOOD.replace("/send", "/upload_media"),
        GOOD.replace("/send", "/send/"),
        GOOD.replace("/send", "/../send"),
        GOOD.replace("/cgi-bin", "//cgi-bin"),
        GOOD.partition("?")[0],
        GOOD.partition("?")[0] + "?key=",
        GOOD.partition("?")[0] + "?key=short",
        GOOD.replace("?key", "?yek"),
        f"{GOOD}&debug=1",
        f"{GOOD}#here",
        f"{GOOD}\n",
        f" {GOOD}",
        f"{GOOD}\r\nX-Header: 1",
        GOOD.replace("key=", "key=%0d%0a"),
        GOOD + "x" * 500,
    ],
)
def test_an_address_elsewhere_is_refused_without_a_connection(url, monkeypatch):
    monkeypatch.setattr(wire, "dial", lambda *args: pytest.fail("somebody was called"))
    with pytest.raises(ValidationError) as caught:
        chat.check_url(url)
    assert KEY not in str(caught.value)
    with pytest.raises(ChatRefusedError) as caught:
        chat.post_text(url, "你好")
    assert KEY not in str(caught.value)
    with pytest.raises(ValidationError):
        chat.canonical(url)


@pytest.mark.parametrize(
    "url", [GOOD, GOOD.replace("https", "HTTPS"), GOOD.replace(HOST, f"{HOST.upper()}:443")]
)
def test_spellings_of_one_address_are_one(url):
    chat.check_url(url)
    assert chat.canonical(url) == GOOD


def test_the_settings_name_the_only_host(settings):
    assert (settings.ROBOT_HOST, settings.ROBOT_CA_FILE) == (HOST, "")
    settings.ROBOT_HOST = "Robots.example:8443"
    there = GOOD.replace(HOST, "robots.example:8443")
    assert chat.canonical(there) == there
    for url in (GOOD, GOOD.replace(HOST, "robots.example"), GOOD.replace(HOST, f"{HOST}:8443")):
        with pytest.raises(ValidationError):
            chat.check_url(url)


@pytest.mark.parametrize(
    "text", ["", "https://robots.example", "a.example/x", "a:b", "a:0", "a:65536", "u@a", "a:1:2"]
)
def test_a_host_that_is_none_is_found_at_the_start(settings, text):
    settings.ROBOT_HOST = text
    assert "yuanhang.E004" in {error.id for error in run_checks()}
    with pytest.raises(ImproperlyConfigured):
        chat.check_url(GOOD)


def test_a_bundle_that_is_none_is_found_at_the_start(settings, tmp_path):
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "nowhere.pem", tmp_path / "empty.pem"):
        settings.ROBOT_CA_FILE = str(path)
        assert {error.id for error in run_checks()} == {"yuanhang.E005"}


def test_a_good_bundle_passes(server):
    assert run_checks() == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (GOOD, "…/send?key=***abcd"),
        ("https://evil.example/?key=abcd", "…/send?key=***"),
        (KEY, "…/send?key=***"),
        (None, "…/send?key=***"),
    ],
)
def test_what_may_be_seen_of_an_address(url, shown):
    assert chat.masked(url) == shown


# --- the text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("隐患", "隐患"),
        ("a" * 2048, "a" * 2048),
        ("a" * 2049, "a" * 2045 + "…"),
        ("隐" * 682 + "ab", "隐" * 682 + "ab"),
        ("隐" * 683, "隐" * 681 + "…"),
        ("a" + "隐" * 683, "a" + "隐" * 681 + "…"),
        ("🚧" * 513, "🚧" * 511 + "…"),
        ("\ud83d", ""),
    ],
)
def test_a_long_text_is_cut_at_a_character(text, sent):
    assert chat.cut(text) == sent
    assert len(sent.encode()) <= 2048


@given(st.text(max_size=60), st.integers(min_value=3, max_value=200))
def test_a_cut_text_fits_and_begins_as_it_did(text, limit):
    short = chat.cut(text, limit)
    assert len(short.encode()) <= limit
    if len(clean(text).encode()) > limit:
        assert short.endswith("…")
        assert clean(text).startswith(short[:-1])


# --- sending --------------------------------------------------------------------------------


def test_a_message_arrives_as_the_robot_wants_it(server):
    assert chat.post_text(server.url(), "有 1 件新上报：\n“井盖” 🚧") is None
    [(path, headers, body)] = server.requests
    assert path == f"/cgi-bin/webhook/send?key={KEY}"
    assert headers["Host"] == server.host
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    expected = {"msgtype": "text", "text": {"content": "有 1 件新上报：\n“井盖” 🚧"}}
    assert json.loads(body) == expected
    assert server.messages == [(KEY, "有 1 件新上报：\n“井盖” 🚧")]


def test_a_long_message_arrives_cut(server):
    chat.post_text(server.url(), "井盖" * 2000)
    assert server.texts == ["井盖" * 340 + "井…"]
    assert len(server.texts[0].encode()) == 2046


def test_no_proxy_of_the_environment_learns_the_key(server, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    chat.post_text(server.url(), "你好")
    assert server.texts == ["你好"]


def test_the_twenty_first_of_a_minute_is_told_to_wait(server):
    for number in range(20):
        chat.post_text(server.url(), f"{number}")
    error = fail(server)
    assert isinstance(error, ChatBusyError)
    assert str(error) == "…/send?key=***abcd: errcode 45009"
    server.skip(60)
    chat.post_text(server.url(), "再来")
    assert len(server.texts) == 21


def test_an_unknown_key_is_refused(server):
    error = fail(server, server.url("00000000-0000-0000-0000-00000000zzzz"))
    assert isinstance(error, ChatRefusedError)
    assert str(error) == "…/send?key=***zzzz: errcode 93000"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"errcode": -1}, ChatBusyError),
        ({"errcode": 40008, "errmsg": KEY}, ChatRefusedError),
        ({"errcode": 10**90}, ChatRefusedError),
        ({"errcode": "0"}, ChatRefusedError),
        ({"errcode": False}, ChatRefusedError),
        ({"errcode": 0.0}, ChatRefusedError),
        ({"errcode": None}, ChatRefusedError),
        ({"ok": True}, ChatRefusedError),
        ([0], ChatRefusedError),
        ("0", ChatRefusedError),
    ],
)
def test_only_errcode_zero_is_a_success(server, answer, kind):
    server.answer = answer
    assert isinstance(fail(server), kind)


MOODS = {
    "hang": (ChatBusyError, "TimeoutError"),
    "drip": (ChatBusyError, "TimeoutError"),
    "mute": (ChatBusyError, "TimeoutError"),
    "close": (ChatBusyError, "RemoteDisconnected"),
    "broken": (ChatBusyError, "HTTP 500"),
    "gone": (ChatRefusedError, "HTTP 404"),
    "redirect": (ChatRefusedError, "HTTP 302"),
    "garbage": (ChatRefusedError, "not a robot's answer"),
    "flood": (ChatRefusedError, "the answer is too long"),
}


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_trouble_is_told_apart_takes_no_longer_than_allowed_and_shows_no_key(
    server, hurry, caplog, mood
):
    caplog.set_level(logging.DEBUG)
    server.mood = mood
    started = time.monotonic()
    error = fail(server)
    assert time.monotonic() - started < 1.2
    kind, words = MOODS[mood]
    assert (type(error), str(error)) == (kind, f"…/send?key=***abcd: {words}")
    everything = repr(error) + caplog.text + "".join(traceback.format_exception(error))
    assert KEY not in everything
    assert KEY[:-4] not in everything
    assert server.url() not in everything
    assert len(server.requests) == (0 if mood == "mute" else 1)


RAW = {
    "no status line": (b"hello\r\n\r\n", ChatBusyError),
    "an endless answer that is not there": (
        b'HTTP/1.1 200 OK\r\nContent-Length: 10000000000000\r\n\r\n{"errcode": 0}',
        ChatBusyError,
    ),
    "cut off": (b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"errcode": 0}', ChatBusyError),
    "a bad chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        ChatBusyError,
    ),
    "endless headers": (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000, ChatBusyError),
    "long headers": (
        b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"b" * 9000 + b"\r\n") * 20,
        ChatRefusedError,
    ),
    "not yet, for ever": (b"HTTP/1.1 100 Continue\r\n\r\n" * 9000, ChatRefusedError),
    "endless chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 40_000,
        ChatRefusedError,
    ),
    "too deep": (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000, ChatRefusedError),
    "a number without end": (
        b'HTTP/1.1 200 OK\r\n\r\n{"errcode": ' + b"9" * 9000 + b"}",
        ChatRefusedError,
    ),
    "too many": (b"HTTP/1.1 429 Slow Down\r\n\r\n", ChatBusyError),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", ChatRefusedError),
}


@pytest.mark.parametrize("name", sorted(RAW))
def test_odd_answers_are_errors_and_no_crash(server, hurry, name):
    server.mood = "raw"
    server.raw, kind = RAW[name]
    assert type(fail(server)) is kind


@pytest.mark.parametrize(
    "raw",
    [
        b'HTTP/1.1 200 OK\r\n\r\n{"errcode": 0}',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n{"errcode": 0}\r\n0\r\n\r\n',
        b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"errcode": 0}',
    ],
)
def test_lawful_answers_in_other_forms_are_understood(server, raw):
    server.mood, server.raw = "raw", raw
    chat.post_text(server.url(), "你好")


@pytest.mark.parametrize("permanent", [b"", b"307"])
def test_a_redirect_is_not_followed(server, permanent):
    server.mood, server.raw = "redirect", permanent
    assert isinstance(fail(server), ChatRefusedError)
    assert len(server.requests) == 1


def test_no_more_of_an_answer_is_read_than_allowed(server, monkeypatch):
    read, original = [], wire.Wire.readinto

    def counted(self, buffer):
        count = original(self, buffer)
        read.append(count)
        return count

    monkeypatch.setattr(wire.Wire, "readinto", counted)
    server.mood = "flood"
    fail(server)
    assert sum(read) == 64 * 1024


def test_eight_seconds_are_for_everything_together():
    assert chat.SECONDS == 8


def test_a_timeout_that_starts_anew_with_every_byte_would_wait_for_the_dripping(
    server, hurry, monkeypatch
):
    """The control: without the one deadline, the dripping server above is heard to its end."""
    monkeypatch.setattr(wire, "left", lambda deadline: chat.SECONDS)
    server.mood = "drip"
    started = time.monotonic()
    chat.post_text(server.url(), "你好")
    assert time.monotonic() - started > 0.8


# --- TLS ------------------------------------------------------------------------------------


def test_a_certificate_nobody_vouches_for_is_told_nothing(server, settings):
    settings.ROBOT_CA_FILE = ""
    error = fail(server)
    assert (type(error), str(error)) == (
        ChatBusyError,
        "…/send?key=***abcd: SSLCertVerificationError",
    )
    assert server.requests == []


def test_a_certificate_of_another_host_is_told_nothing(tmp_path, settings):
    with robot_server.running(tmp_path, "other.example") as server:
        settings.ROBOT_HOST, settings.ROBOT_CA_FILE = server.host, server.ca_file
        assert "SSLCertVerificationError" in str(fail(server))
        assert server.requests == []


def test_a_closed_door_is_busy(server, settings):
    settings.ROBOT_HOST = "localhost:9"
    assert re.fullmatch(
        r"…/send\?key=\*\*\*abcd: \w*Error",
        str(fail(server, GOOD.replace(HOST, settings.ROBOT_HOST))),
    )
