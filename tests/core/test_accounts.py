"""Sign-up and log-in by phone and password, through the real forms, without any SMS."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stations.postings.models import Posting
from tests.factories.workers import PASSWORD, UserFactory, post
from workers.models import Worker
from yuanhang.core.models import User

LOG_IN, SIGN_UP = "/accounts/login/", "/accounts/signup/"
HOURS = 3600
NEW_PHONE = "10000019001"


def log_in(client, phone, password=PASSWORD, **extra):
    return client.post(LOG_IN, {"login": phone, "password": password}, **extra)


def sign_up(client, phone=NEW_PHONE, **changes):
    fields = {
        "phone": phone,
        "password1": "warm-station-26",
        "display_name": "骑手乙（演示）",
        "job": "rider",
        "accept_notice": "on",
    }
    return client.post(SIGN_UP, fields | changes)


def whose(client):
    """The account of a client's session, or None."""
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def says(response, words):
    assert words in response.content.decode(), response.content.decode()


# --- sign-up --------------------------------------------------------------------------------


def test_signing_up_takes_one_form_and_no_sms(town, client, settings):
    assert settings.SMS_GATEWAY == ""
    response = sign_up(client, "+86 100-0001-9001")
    assert (response.status_code, response["Location"]) == (302, "/workers/welcome/")
    user = User.objects.get(phone=NEW_PHONE)
    assert (user.display_name, user.is_staff, user.is_superuser) == ("骑手乙（演示）", False, False)
    assert user.phone_verified_at is None
    assert whose(client) == user
    assert Worker.objects.get(user=user).community == town.community
    says(client.get("/workers/welcome/"), "登记好了，欢迎")


def test_the_new_password_opens_the_account_later(town, client):
    sign_up(client)
    again = Client()
    assert log_in(again, NEW_PHONE, "warm-station-26").status_code == 302
    assert whose(again).phone == NEW_PHONE


@pytest.mark.parametrize("spelling", ["{0}", "+86{0}", "{1} {2} {3}"])
def test_a_phone_that_is_taken_is_told_to_log_in(town, client, spelling):
    phone = town.rider.phone
    typed = spelling.format(phone, phone[:3], phone[3:7], phone[7:])
    before = User.objects.count()
    response = sign_up(client, typed)
    assert response.status_code == 200
    says(response, "这个手机号已经注册过，直接登录就行。")
    assert User.objects.count() == before
    assert whose(client) is None


def test_two_sign_ups_of_one_phone_at_the_same_moment_make_one_account(town, client, monkeypatch):
    """The second passed its check before the first was stored; the database says no."""
    monkeypatch.setattr(
        "yuanhang.core.accounts.AccountAdapter.get_user_by_phone", lambda self, phone: None
    )
    before = (User.objects.count(), Worker.objects.count())
    response = sign_up(client, town.rider.phone, station="qingxiaoyi")
    assert response.status_code == 409
    says(response, "这个手机号已经注册过，直接登录就行。")
    assert (User.objects.count(), Worker.objects.count()) == before
    assert whose(client) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone": ""}, None),
        ({"phone": "1234"}, "请填 11 位手机号。"),
        ({"phone": "+86 (100) 0001 - 9001 ext. 5"}, "请填 11 位手机号。"),
        ({"password1": "kurz1"}, "密码太短了，至少 8 位。"),
        ({"password1": "8123456790"}, "密码不能全是数字。"),
        ({"password1": "password1"}, "这个密码太常见了。"),
        ({"password1": ""}, None),
    ],
)
def test_a_bad_phone_or_a_weak_password_is_said_and_nothing_is_stored(town, client, changes, words):
    before = User.objects.count()
    response = sign_up(client, **changes)
    assert response.status_code == 200
    says(response, words or "invalid-feedback")
    assert set(response.context["form"].errors) == set(changes)
    assert User.objects.count() == before


def test_who_is_logged_in_does_not_sign_up_again(town, visit):
    response = visit(town.rider).get(SIGN_UP)
    assert (response.status_code, response["Location"]) == (302, "/?from=login")


# --- log-in ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling", ["{0}", "+86 {0}", "0086{0}", "{1}-{2}-{3}", " {1} {2} {3} ", "full-width"]
)
def test_the_phone_is_typed_as_people_type_it(town, client, spelling):
    phone = town.rider.phone
    typed = spelling.format(phone, phone[:3], phone[3:7], phone[7:])
    if spelling == "full-width":
        typed = phone.translate({ord(str(n)): chr(ord("０") + n) for n in range(10)})
    response = log_in(client, typed)
    assert (response.status_code, response["Location"]) == (302, "/?from=login")
    assert whose(client) == town.rider


@pytest.mark.parametrize(
    ("phone", "password"), [(None, "wrong-horse-91"), ("10000019999", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_phone_are_answered_alike(town, client, phone, password):
    response = log_in(client, phone or town.rider.phone, password)
    assert response.status_code == 200
    says(response, "手机号或密码不对，再试一次。")
    assert whose(client) is None


def test_what_is_no_phone_is_said_at_the_field(town, client):
    response = log_in(client, "abc")
    assert set(response.context["form"].errors) == {"login"}
    says(response, "请填 11 位手机号。")


def test_somebody_who_was_shut_out_does_not_get_in(town, client):
    User.objects.filter(pk=town.rider.pk).update(is_active=False)
    response = log_in(client, town.rider.phone)
    assert response["Location"] == "/accounts/inactive/"
    assert whose(client) is None
    says(client.get("/accounts/inactive/"), "这个账号停用了")


def test_after_the_log_in_one_is_where_one_wanted_to_be(town, client):
    response = client.post(
        LOG_IN, {"login": town.rider.phone, "password": PASSWORD, "next": "/workers/me/"}
    )
    assert response["Location"] == "/workers/me/"
    elsewhere = Client().post(
        LOG_IN, {"login": town.rider.phone, "password": PASSWORD, "next": "//evil.example/"}
    )
    assert elsewhere["Location"] == "/?from=login"


def test_who_reviews_lands_in_the_queue_and_a_rider_on_the_front_page(town):
    for user, path in [(town.grid_worker, "/hazards/queue/"), (town.rider, "/?from=login")]:
        client = Client()
        response = client.post(LOG_IN, {"login": user.phone, "password": PASSWORD}, follow=True)
        assert response.status_code == 200
        assert response.request["PATH_INFO"] == path.partition("?")[0]


def test_logging_out_takes_a_press_of_a_button(town, visit):
    client = visit(town.rider)
    page = client.get("/accounts/logout/")
    assert page.status_code == 200
    assert whose(client) == town.rider
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert whose(client) is None


# --- how long a session lasts ---------------------------------------------------------------


def lasts(user):
    client = Client()
    assert log_in(client, user.phone).status_code == 302
    assert whose(client) == user
    cookie = client.cookies["yuanhang_session"]
    assert abs(cookie["max-age"] - client.session.get_expiry_age()) <= 1
    return client.session.get_expiry_age()


def test_a_rider_stays_for_a_season_and_who_sees_others_data_for_a_shift(town, settings):
    settings.STAFF_SESSION_HOURS = 7
    assert lasts(town.rider) == 90 * 24 * HOURS
    assert lasts(town.stranger) == 90 * 24 * HOURS
    for user in (town.grid_worker, town.other_grid_worker, town.officer, town.staff, town.admin):
        assert lasts(user) == 7 * HOURS, user


def test_a_post_that_ended_shortens_nothing_and_is_staff_alone_does(town, settings):
    settings.STAFF_SESSION_HOURS = 7
    past = timezone.localdate() - timedelta(days=1)
    Posting.objects.filter(user=town.grid_worker).update(start=past, end=past)
    assert lasts(town.grid_worker) == 90 * 24 * HOURS
    assert lasts(UserFactory(is_staff=True)) == 7 * HOURS
    keeper = UserFactory()
    post(keeper, "station_keeper", town.station)
    assert lasts(keeper) == 7 * HOURS


def test_the_first_session_after_signing_up_is_a_riders(town, client):
    sign_up(client)
    assert client.session.get_expiry_age() == 90 * 24 * HOURS


# --- one's own account ----------------------------------------------------------------------


def change_password(client, old, new, again=None):
    return client.post(
        "/accounts/password/change/",
        {"oldpassword": old, "password1": new, "password2": again or new},
    )


def test_the_password_is_changed_with_the_old_one(town, visit):
    client = visit(town.rider)
    says(client.get("/accounts/password/change/"), "新密码至少 8 位")
    assert change_password(client, PASSWORD, "new-horse-92").status_code == 302
    assert whose(client) == town.rider
    town.rider.refresh_from_db()
    assert town.rider.check_password("new-horse-92")
    assert whose_after(town.rider.phone, PASSWORD) is None
    assert whose_after(town.rider.phone, "new-horse-92") == town.rider


def whose_after(phone, password):
    client = Client()
    log_in(client, phone, password)
    return whose(client)


@pytest.mark.parametrize(
    ("old", "new", "again", "wrong"),
    [
        ("wrong-horse-91", "new-horse-92", None, "oldpassword"),
        (PASSWORD, "kurz1", None, "password1"),
        (PASSWORD, "91234567890", None, "password1"),
        (PASSWORD, "new-horse-92", "other-horse-93", "password2"),
    ],
)
def test_a_change_that_does_not_fit_changes_nothing(town, visit, old, new, again, wrong):
    response = change_password(visit(town.rider), old, new, again)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {wrong}
    town.rider.refresh_from_db()
    assert town.rider.check_password(PASSWORD)


def test_a_forgotten_password_is_reset_at_the_desk(town, client):
    says(client.get("/accounts/password/reset/"), "到驿站前台，当面重设")
    response = client.post("/accounts/password/reset/", {"email": "rider@example.org"})
    says(response, "到驿站前台，当面重设")


@pytest.mark.parametrize("logged_in", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "password/set/",
        "password/reset/done/",
        "password/reset/key/done/",
        "password/reset/key/1-abc/",
        "login/code/",
        "signup/passkey/",
    ],
)
def test_what_needs_mail_or_sms_is_not_there(town, visit, path, logged_in):
    client = visit(town.rider if logged_in else None)
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}").status_code == 404


def test_the_phone_is_not_changed_without_a_code_and_the_try_is_no_error(town, visit):
    before = town.rider.phone
    response = visit(town.rider).post("/accounts/phone/change/", {"phone": NEW_PHONE})
    assert response.status_code == 404
    town.rider.refresh_from_db()
    assert town.rider.phone == before
