"""A form whose token is not good any more: ours comes back with all that was typed."""

import re

import pytest
from django.test import Client

from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import form, report, upload

REPORT = "/hazards/report/"
OWN = "http://testserver"
WORDS = "另一个标签页登录之后才发出的一段话"


def aged(url, data, **headers):
    """The answer to a form with a token of before."""
    client = Client(enforce_csrf_checks=True)
    client.get(REPORT)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client, client.post(url, data | {"csrfmiddlewaretoken": "a" * 64}, headers=names)


def fields(page):
    """What one tap on the page sends."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("headers", [{"Origin": OWN}, {"Referer": f"{OWN}{REPORT}"}])
def test_one_tap_sends_it_again_to_the_same_address(town, headers):
    data = form(description=WORDS, photos=upload(media.jpeg(60, 40)), grid=str(town.six.pk))
    client, answer = aged(REPORT, data, **headers)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "页面放久了" in page
    assert f"<blockquote>{WORDS}</blockquote>" in page
    assert f'action="{REPORT}"' in page
    assert not Hazard.objects.exists()
    assert client.post(REPORT, fields(page), headers=headers).status_code == 302
    case = Hazard.objects.get()
    assert (case.description, case.grid, case.photos.count()) == (WORDS, town.six, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Referer": "https://elsewhere.example/x"},
        {"Origin": "https://elsewhere.example", "Referer": f"{OWN}{REPORT}"},
        {"Origin": f"{OWN}.elsewhere.example"},
    ],
)
def test_a_foreign_form_gets_nothing_back(town, headers):
    _client, answer = aged(REPORT, form(description=WORDS), **headers)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert WORDS not in page
    assert "页面放久了" not in page


def test_passwords_are_never_given_back(town):
    data = {"login": town.rider.phone, "password": "demo-secret-1", "password1": "demo-secret-2"}
    _client, answer = aged("/accounts/login/", data, Origin=OWN)
    page = answer.content.decode()
    assert "demo-secret" not in page
    assert fields(page)["login"] == [town.rider.phone]
    assert re.search(r'type="password" name="password"', page)


def test_htmx_gets_the_fragment(town):
    case = report(town.six, by=town.rider)
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.rider)
    headers = {"HX-Request": "true", "Origin": OWN}
    url = f"{case.get_absolute_url()}supplement/"
    page = client.post(url, {"note": "在东门"}, headers=headers).content.decode()
    assert "<html" not in page
    assert "页面放久了" in page
    assert fields(page)["note"] == ["在东门"]


CODE = "918273"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/accounts/2fa/authenticate/", "code"),
        ("/accounts/2fa/reauthenticate/", "code"),
        ("/accounts/2fa/totp/activate/", "code"),
        ("/accounts/login/code/confirm/", "code"),
        ("/accounts/login/", "recovery_code"),
        ("/accounts/login/", "otp_token"),
    ],
)
def test_codes_are_never_given_back(town, url, name):
    """One that somebody reads over a shoulder opens the account as a password does."""
    _client, answer = aged(url, {name: CODE, "next": "/me/"}, Origin=OWN)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert CODE not in page
    assert fields(page)["next"] == ["/me/"]
    assert re.search(rf'<input[^>]*name="{name}"[^>]*', page)
    assert 'autocomplete="one-time-code"' in page


def test_the_code_of_a_receipt_is_no_such_code(town):
    """Whoever looks it up has typed it from paper, and is not asked to type it twice."""
    sent = {"number": "YH20261123-0007", "code": "12345678"}
    _client, answer = aged("/hazards/lookup/", sent, Origin=OWN)
    assert fields(answer.content.decode())["code"] == ["12345678"]
