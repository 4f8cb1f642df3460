"""Guesses of passwords are held back: by account, by browser, and never at the owner's cost."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory

from tests.core.test_accounts import log_in, says, whose
from tests.factories.workers import UserFactory
from yuanhang.core import known_devices


@pytest.fixture(autouse=True)
def _counts_from_zero(db):
    """The throttle counts in the cache's table, which each test's rollback empties again."""
    assert _throttle_rows() == []


def _throttle_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM yuanhang_cache")
        return [row[0] for row in cursor.fetchall()]


def test_five_wrong_passwords_lock_this_account_for_a_while_and_no_other(town):
    client = Client()
    for _ in range(5):
        says(log_in(client, town.rider.phone, "wrong-horse-91"), "手机号或密码不对")
    for spelling in (town.rider.phone, f"+86 {town.rider.phone}"):
        says(log_in(Client(), spelling), "试的次数太多了，过五分钟再来。")
    # A whole station shares one address: the neighbour gets in.
    neighbour = Client()
    assert log_in(neighbour, town.stranger.phone).status_code == 302
    assert whose(neighbour) == town.stranger


def test_nobody_is_locked_out_of_their_own_phone_by_guesses_from_elsewhere(town):
    own, attacker = Client(), Client()
    assert log_in(own, town.rider.phone).status_code == 302
    assert town.rider.phone not in str(own.cookies["yuanhang_known"])
    own.post("/accounts/logout/")
    for _ in range(5):
        log_in(attacker, town.rider.phone, "wrong-horse-91")
    says(log_in(attacker, town.rider.phone), "试的次数太多了，过五分钟再来。")
    assert log_in(own, town.rider.phone).status_code == 302
    # Known for one account is not known for another, and a forged cookie for none.
    for _ in range(5):
        log_in(attacker, town.stranger.phone, "wrong-horse-91")
    own.post("/accounts/logout/")
    says(log_in(own, town.stranger.phone), "试的次数太多了，过五分钟再来。")
    forger = Client()
    forger.cookies["yuanhang_known"] = own.cookies["yuanhang_known"].value[:-3] + "abc"
    says(log_in(forger, town.rider.phone), "试的次数太多了，过五分钟再来。")


def test_a_known_browser_may_not_guess_either(town):
    own = Client()
    log_in(own, town.rider.phone)
    own.post("/accounts/logout/")
    for _ in range(5):
        says(log_in(own, town.rider.phone, "wrong-horse-91"), "手机号或密码不对")
    says(log_in(own, town.rider.phone), "试的次数太多了，过五分钟再来。")


def test_the_tablet_of_a_station_knows_the_latest_five(town):
    tablet, people = Client(), [town.rider, *UserFactory.create_batch(5)]
    for person in people:
        assert log_in(tablet, person.phone).status_code == 302
        tablet.post("/accounts/logout/")
    request = RequestFactory().get("/")
    request.COOKIES["yuanhang_known"] = tablet.cookies["yuanhang_known"].value
    known = [known_devices.knows(request, person.phone) for person in people]
    assert known == [False, True, True, True, True, True]


def test_a_right_password_is_no_guess(town):
    for _ in range(7):
        assert log_in(Client(), town.rider.phone).status_code == 302


def test_the_counts_are_kept_where_every_process_sees_them(town):
    log_in(Client(), town.rider.phone, "wrong-horse-91")
    assert any("login_failed" in key for key in _throttle_rows())
    cache.clear()
    assert _throttle_rows() == []


def test_one_browser_cannot_try_many_accounts(town):
    """A browser has its name from the page where receipts are looked up."""
    browser, other = Client(), Client()
    browser.get("/hazards/lookup/")
    assert "yuanhang_device" in browser.cookies
    for n in range(20):
        says(log_in(browser, f"100000180{n:02d}", "wrong-horse-91"), "手机号或密码不对")
    says(log_in(browser, town.rider.phone), "试的次数太多了，过五分钟再来。")
    other.get("/hazards/lookup/")
    assert log_in(other, town.rider.phone).status_code == 302


def test_a_forged_device_name_counts_as_none(town, client):
    client.cookies["yuanhang_device"] = "forged:name"
    assert log_in(client, town.rider.phone).status_code == 302


def test_a_device_keeps_its_name(client, town):
    client.get("/hazards/lookup/")
    cookie = client.cookies["yuanhang_device"]
    assert cookie["httponly"]
    name = cookie.value
    client.get("/hazards/lookup/")
    assert client.cookies["yuanhang_device"].value == name
