"""`HOST=0.0.0.0 make run`: a phone in the same network opens the demo, logs in and reports."""

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.run.test_quickstart import ROOT, port, start, var  # noqa: F401 - fixtures
from yuanhang.run import lan

pytestmark = [pytest.mark.xdist_group("quickstart"), pytest.mark.enable_socket]


def names():
    return lan.addresses("0.0.0.0")  # noqa: S104 - our own addresses


def test_our_addresses_lead_to_us_from_elsewhere():
    for name in names():
        with socket.create_server((name, 0)):
            assert not name.startswith("127.")
    assert lan.addresses("127.0.0.1") == lan.addresses("localhost") == lan.addresses("::1") == []
    assert lan.addresses("192.168.1.5") == ["192.168.1.5"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("192.168.1.5", "http://192.168.1.5:9/"), ("2001:db8::5", "http://[2001:db8::5]:9/")],
)
def test_an_address_is_written_as_a_browser_reads_it(name, shown):
    assert lan.url(name, 9) == shown


def test_only_a_demo_answers_under_names_that_nobody_set(settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost"]
    settings.ALLOWED_HOSTS_GIVEN = settings.SITE_URL_GIVEN = False
    found = lan.environment(["192.168.1.5", "2001:db8::5"], 8000)
    assert found["ALLOWED_HOSTS"].startswith("localhost,192.168.1.5,[2001:db8::5],")
    assert found["SITE_URL"] == "http://192.168.1.5:8000"
    settings.ALLOWED_HOSTS_GIVEN = settings.SITE_URL_GIVEN = True
    assert lan.environment(["192.168.1.5"], 8000) == {}
    settings.ALLOWED_HOSTS_GIVEN = settings.SITE_URL_GIVEN = settings.DEBUG = False
    assert lan.environment(["192.168.1.5"], 8000) == {}


def test_the_code_is_drawn_where_the_terminal_can_and_leads_there():
    plain = lan.qr("http://192.168.1.5:8000/", encoding="utf-8", colours=False)
    assert lan.qr("http://192.168.1.5:8000/", encoding="ascii", colours=False) == ""
    assert lan.qr("http://192.168.1.5:8000/", encoding=None, colours=False) == ""
    coloured = lan.qr("http://192.168.1.5:8000/", encoding="utf-8", colours=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert dark_modules(plain) == matrix_of("http://192.168.1.5:8000/")


def dark_modules(text):
    """Rows of booleans: a half block is one module, light where it is drawn."""
    light = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    rows = []
    for line in text.split("\n"):
        rows += [[not light[sign][half] for sign in line] for half in (0, 1)]
    return rows[: len(rows[0])]


def matrix_of(address):
    import segno

    code = segno.make(address, error="l")
    return [[bool(module) for module in row] for row in code.matrix_iter(border=4)]


class Phone:
    """A browser that knows one origin."""

    def __init__(self, origin):
        self.origin = origin
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )

    def get(self, path):
        with self.opener.open(f"{self.origin}{path}") as answer:
            return answer.read().decode()

    def post(self, path, **data):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path))[1]
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **data}).encode()
        request = urllib.request.Request(f"{self.origin}{path}", body)  # noqa: S310 - our own
        request.add_header("Origin", self.origin)
        request.add_header("Referer", f"{self.origin}{path}")
        with self.opener.open(request) as answer:
            return answer.geturl(), answer.read().decode()


SOMEBODY = """
from yuanhang.core.models import User
User.objects.create_user("10000000001", password="demo-yuanhang")
"""


def make_somebody(var):  # noqa: F811
    environment = os.environ | {"YUANHANG_ENV": "test", "VAR_DIR": str(var), "DEMO": "0"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", SOMEBODY]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def test_a_phone_opens_the_demo_and_logs_in(start, port, var):  # noqa: F811
    (name, *_others) = names()
    given = {"HOST": "0.0.0.0", "DEBUG": "1", "PYTHONIOENCODING": "utf-8"}  # noqa: S104
    portal = start(port, **given)
    portal.wait_until_up()
    origin = f"http://{name}:{port}"
    assert f"    {origin}/\n" in portal.said
    assert lan.qr(f"{origin}/", encoding="utf-8", colours=False) in portal.said
    make_somebody(var)
    phone = Phone(origin)
    assert "庆小驿" in phone.get("/")
    where, _page = phone.post("/accounts/login/", login="10000000001", password="demo-yuanhang")
    assert where.startswith(f"{origin}/?")
    assert "yuanhang_session" in {cookie.name for cookie in phone.jar}
    assert not any(cookie.secure for cookie in phone.jar)
    # Every other name is still refused.
    request = urllib.request.Request(f"{origin}/", headers={"Host": "evil.example"})  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        phone.opener.open(request)
    assert refused.value.code == 400
    refused.value.close()
