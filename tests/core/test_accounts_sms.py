"""Accounts where an SMS gateway is set: the phone is verified by a code, and a code logs in.

allauth reads its settings when asked, but its routes when imported; so the two routes that only
exist with a gateway are added here.
"""

import re
import socket

import pytest
from allauth.account import views
from django.test import Client
from django.urls import path

from tests.core.test_accounts import NEW_PHONE, log_in, says, sign_up, whose
from tests.factories.workers import PASSWORD, UserFactory
from yuanhang import urls as site
from yuanhang.core.models import User
from yuanhang.core.outbox import sms

urlpatterns = [
    path("accounts/login/code/", views.request_login_code, name="account_request_login_code"),
    path("accounts/phone/change/", views.change_phone, name="account_change_phone"),
    *site.urlpatterns,
]
handler404 = site.handler404

pytestmark = pytest.mark.urls(__name__)
VERIFY, CODE = "/accounts/phone/verify/", "/accounts/login/code/"


@pytest.fixture(autouse=True)
def outbox(settings, town):
    """A gateway is set, as settings.py does it with SMS_GATEWAY; what was sent, in order."""
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.MemoryGateway"
    settings.ACCOUNT_PHONE_VERIFICATION_ENABLED = True
    settings.ACCOUNT_LOGIN_BY_CODE_ENABLED = True
    sms.MemoryGateway.outbox.clear()
    yield sms.MemoryGateway.outbox
    sms.MemoryGateway.outbox.clear()


class DeadGateway(sms.Gateway):
    """Its server answers no more: a port of this machine that nobody listens on."""

    def send(self, message):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = free.getsockname()
        socket.create_connection(address, timeout=2).close()


class RefusingGateway(sms.Gateway):
    """Takes nothing, and repeats the number while it says so."""

    def send(self, message):
        raise sms.GatewayError(f"balance too low for {message.phone}")


@pytest.fixture(params=[DeadGateway, RefusingGateway])
def no_sms(settings, request, caplog):
    """A gateway in trouble; whatever the pages do, the log keeps the number out."""
    settings.SMS_GATEWAY = f"{__name__}.{request.param.__name__}"
    yield
    said = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    assert "A code was not sent" in said
    assert "1000" not in said


def code_for(outbox, phone):
    """The code in the last message, which went to this phone."""
    sent_to, text = outbox[-1]
    assert sent_to == phone
    return re.fullmatch(r"验证码 (\S+)，五分钟内有效。", text).group(1)


def verified(phone):
    return User.objects.get(phone=phone).phone_verified_at is not None


def test_signing_up_asks_for_the_code_that_was_sent_to_the_phone(client, outbox):
    response = sign_up(client, "+86 100 0001 9001")
    assert (response.status_code, response["Location"]) == (302, VERIFY)
    assert whose(client) is None
    assert not verified(NEW_PHONE)
    says(client.get(VERIFY), "填短信里的验证码")
    assert len(outbox) == 1
    response = client.post(VERIFY, {"code": code_for(outbox, NEW_PHONE)})
    assert (response.status_code, response["Location"]) == (302, "/workers/welcome/")
    assert whose(client).phone == NEW_PHONE
    assert verified(NEW_PHONE)
    assert client.session.get_expiry_age() == 90 * 24 * 3600


def test_a_wrong_code_lets_nobody_in(client, outbox):
    sign_up(client)
    for _ in range(2):
        response = client.post(VERIFY, {"code": "wrong1"})
        assert response.status_code == 200
        assert set(response.context["form"].errors) == {"code"}
    assert client.post(VERIFY, {"code": "wrong1"}).status_code == 302
    assert client.post(VERIFY, {"code": code_for(outbox, NEW_PHONE)}).status_code == 302
    assert whose(client) is None
    assert not verified(NEW_PHONE)


def test_a_code_opens_the_browser_that_asked_and_no_other(client, outbox):
    sign_up(client)
    other = Client()
    assert other.post(VERIFY, {"code": code_for(outbox, NEW_PHONE)})["Location"] == (
        "/accounts/login/"
    )
    assert whose(other) is None


def test_who_registered_before_the_gateway_is_asked_once(client, outbox, town):
    response = log_in(client, town.rider.phone)
    assert (response.status_code, response["Location"]) == (302, VERIFY)
    assert whose(client) is None
    client.post(VERIFY, {"code": code_for(outbox, town.rider.phone)})
    assert whose(client) == town.rider
    again = Client()
    assert log_in(again, town.rider.phone)["Location"] == "/?from=login"
    assert whose(again) == town.rider
    assert len(outbox) == 1


def test_the_wrong_password_sends_no_code(client, outbox, town):
    log_in(client, town.rider.phone, "wrong-horse-91")
    assert outbox == []


def test_a_code_logs_in_without_a_password(client, outbox, town, settings):
    settings.STAFF_SESSION_HOURS = 7
    for user, hours in [(town.rider, 90 * 24), (town.grid_worker, 7)]:
        browser = Client()
        says(browser.get(CODE), "用验证码登录")
        response = browser.post(CODE, {"phone": f"+86 {user.phone}"})
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/code/confirm/")
        response = browser.post(response["Location"], {"code": code_for(outbox, user.phone)})
        assert (response.status_code, response["Location"]) == (302, "/?from=login")
        assert whose(browser) == user
        assert verified(user.phone)
        assert browser.session.get_expiry_age() == hours * 3600


def test_no_code_is_sent_to_a_phone_without_an_account(client, outbox):
    response = client.post(CODE, {"phone": NEW_PHONE})
    assert response.status_code == 200
    says(response, "没有这个手机号的账号。")
    assert outbox == []


def test_a_phone_is_changed_once_the_code_came_back(outbox, town):
    user = UserFactory()
    old = user.phone
    client = Client()
    client.force_login(user)
    response = client.post("/accounts/phone/change/", {"phone": "100 0001 9001"})
    assert (response.status_code, response["Location"]) == (302, VERIFY)
    assert User.objects.get(pk=user.pk).phone == old
    response = client.post(VERIFY, {"code": code_for(outbox, NEW_PHONE)})
    assert response.status_code == 302
    assert User.objects.get(pk=user.pk).phone == NEW_PHONE
    assert verified(NEW_PHONE)
    assert log_in(Client(), old).status_code == 200
    assert log_in(Client(), NEW_PHONE, PASSWORD)["Location"] == "/?from=login"


def test_a_phone_of_somebody_else_is_not_taken_over(outbox, town):
    client = Client()
    client.force_login(town.stranger)
    response = client.post("/accounts/phone/change/", {"phone": town.rider.phone})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"phone"}
    says(response, "这个手机号已经注册过，直接登录就行。")
    assert outbox == []


# --- the gateway is in trouble --------------------------------------------------------------


def test_who_signs_up_without_sms_has_an_account_and_is_told_what_to_do(client, no_sms, settings):
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    says(client.get("/accounts/login/"), "账号建好了，可是验证短信没发出去。过一分钟再登录一次。")
    assert whose(client) is None
    assert not verified(NEW_PHONE)


def test_who_logs_in_without_sms_stays_outside_and_is_told(client, no_sms, town):
    response = log_in(client, town.rider.phone)
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    says(client.get("/accounts/login/"), "短信没发出去，过一分钟再试一次。")
    assert whose(client) is None
    assert client.post(VERIFY, {"code": ""}).status_code == 302
    assert whose(client) is None


def test_a_code_to_log_in_that_was_not_sent_is_told(client, no_sms, town):
    response = client.post(CODE, {"phone": town.rider.phone})
    assert (response.status_code, response["Location"]) == (302, CODE)
    says(client.get(CODE), "短信没发出去，过一分钟再试一次。")
    assert whose(client) is None


def test_a_phone_is_not_changed_without_sms(no_sms, town):
    client = Client()
    client.force_login(town.stranger)
    response = client.post("/accounts/phone/change/", {"phone": NEW_PHONE})
    assert (response.status_code, response["Location"]) == (302, "/accounts/phone/change/")
    says(client.get("/accounts/phone/change/"), "短信没发出去，过一分钟再试一次。")
    assert not User.objects.filter(phone=NEW_PHONE).exists()


def test_once_the_gateway_is_back_the_log_in_goes_on(client, town, settings):
    settings.SMS_GATEWAY = f"{__name__}.RefusingGateway"
    log_in(client, town.rider.phone)
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.MemoryGateway"
    again = Client()
    # The same number may ask again after half a minute; another one at once.
    assert log_in(again, town.stranger.phone)["Location"] == VERIFY
    again.post(VERIFY, {"code": code_for(sms.MemoryGateway.outbox, town.stranger.phone)})
    assert whose(again) == town.stranger


# --- too many, and perhaps ------------------------------------------------------------------


class MuteGateway(sms.Gateway):
    """Takes it, and does not answer in time."""

    def send(self, message):
        sms.MemoryGateway.outbox.append((message.phone, message.text))
        raise TimeoutError


def test_a_gateway_that_does_not_answer_may_have_sent_the_code(client, town, settings, outbox):
    settings.SMS_GATEWAY = f"{__name__}.MuteGateway"
    response = client.post(CODE, {"phone": town.rider.phone}, follow=True)
    assert "短信可能晚一点到" in response.content.decode()
    code = code_for(outbox, town.rider.phone)
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert whose(client) == town.rider


def test_codes_for_one_number_are_three_in_ten_minutes(town, settings, outbox):
    # The package's own limit is one for a minute.
    settings.ACCOUNT_RATE_LIMITS |= {"request_login_code": "100/m/key"}
    for _ in range(3):
        Client().post(CODE, {"phone": town.rider.phone})
    response = Client().post(CODE, {"phone": town.rider.phone}, follow=True)
    assert "要得太勤" in response.content.decode()
    assert len(outbox) == 3


def test_a_number_whose_day_is_full_gets_no_code(client, town, settings, outbox):
    settings.SMS_NUMBER_DAY_MAX = 1
    client.post(CODE, {"phone": town.rider.phone})
    response = Client().post(CODE, {"phone": town.rider.phone}, follow=True)
    assert "今天发给这个号码的短信够多了" in response.content.decode()
    assert len(outbox) == 1
