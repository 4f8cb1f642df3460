"""The second factor: the code before is taken too, each code once."""

import pytest
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client

from tests.factories.workers import PASSWORD

SETUP, LOGIN, CODE = (
    "/accounts/2fa/totp/activate/",
    "/accounts/login/",
    "/accounts/2fa/authenticate/",
)
MINUTE = 1_790_000_010  # somewhere within a period


@pytest.fixture
def clock(monkeypatch):
    """The time by which codes are made, to be moved."""
    now = [MINUTE]

    def counters():
        present = now[0] // app_settings.TOTP_PERIOD
        reach = app_settings.TOTP_TOLERANCE
        return (present + step for step in range(-reach, reach + 1))

    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", counters)
    return now


def code(secret, periods=0):
    return auth.format_hotp_value(auth.hotp_value(secret, MINUTE // 30 + periods))


def set_up(user, periods):
    """Somebody logged in types the code of so many periods from now into the set-up page."""
    client = Client()
    client.post(LOGIN, {"login": user.phone, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(SETUP)
    secret = client.session["mfa.totp.secret"]
    client.post(SETUP, {"code": code(secret, periods)})
    return secret


def enters(user, digits):
    """Whether a new log-in with this code succeeds."""
    client = Client()
    client.post(LOGIN, {"login": user.phone, "password": PASSWORD})
    client.post(CODE, {"code": digits})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(("periods", "is_taken"), [(0, True), (-1, True), (-2, False)])
def test_the_code_before_is_taken_at_set_up(town, clock, periods, is_taken):
    set_up(town.staff, periods)
    assert Authenticator.objects.filter(user=town.staff, type="totp").exists() is is_taken


@pytest.mark.parametrize(("periods", "is_taken"), [(0, True), (-1, True), (-2, False), (-3, False)])
def test_the_code_before_is_taken_at_log_in_and_each_once(town, clock, periods, is_taken):
    secret = set_up(town.staff, 1)
    digits = code(secret, periods)
    assert enters(town.staff, digits) is is_taken
    assert not enters(town.staff, digits)


def test_a_code_is_not_taken_again_when_the_first_period_is_over(town, clock, settings):
    secret = set_up(town.staff, 1)
    digits = code(secret, 0)
    assert enters(town.staff, digits)
    clock[0] += 30  # still within the tolerance
    assert not enters(town.staff, f"{digits[:3]} {digits[3:]}")


def test_the_code_of_setting_up_does_not_log_in(town, clock):
    secret = set_up(town.staff, -1)
    assert not enters(town.staff, code(secret, -1))
    assert enters(town.staff, code(secret, 0))
