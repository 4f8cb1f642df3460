"""A post given to somebody who is logged in: how long they stay so from that moment on."""

from datetime import datetime, time, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stations.postings import postings
from stations.postings.models import Posting
from yuanhang.core import log_ins
from yuanhang.core.models import User

SHIFT = timedelta(hours=settings.STAFF_SESSION_HOURS)
SOON = timedelta(minutes=1)


def open_for(client):
    """How long the session of a client lives still, as its row and its own data say."""
    row = Session.objects.get(pk=client.session.session_key)
    age = timedelta(seconds=row.get_session_store_class()(row.pk).get_expiry_age())
    return row.expire_date - timezone.now(), age


def given(town, user, **fields):
    values = {"role": "grid_worker", "grid": town.six}
    return postings.create(Posting(user=user, **values | fields), by=town.admin)


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def phone(town):
    client = logged_in(town.rider)
    log_ins.shorten_sessions(town.rider)  # 90 days at most, as after a log-in of their own
    assert min(open_for(client)) > timedelta(days=13)
    return client


def test_a_post_shortens_the_sessions_that_are_open(town, phone):
    other = logged_in(town.stranger)
    before = open_for(other)
    given(town, town.rider)
    assert max(open_for(phone)) <= SHIFT
    assert open_for(other)[0] == pytest.approx(before[0], abs=SOON)
    assert phone.get("/notices/").status_code == 200  # and is still logged in


def test_a_session_stays_short_when_it_changes_afterwards(town, phone):
    given(town, town.rider)
    session = phone.session
    session["anything"] = "changed"
    session.save()
    assert max(open_for(phone)) <= SHIFT


def test_a_post_that_begins_later_ends_the_session_a_shift_after_its_beginning(town, phone):
    begins = timezone.localdate() + timedelta(days=3)
    given(town, town.rider, start=begins)
    midnight = timezone.make_aware(datetime.combine(begins, time.min))
    for left in open_for(phone):
        assert timezone.now() + left == pytest.approx(midnight + SHIFT, abs=SOON)


def test_whoever_logs_in_before_a_post_begins_is_limited_too(town, client):
    begins = timezone.localdate() + timedelta(days=3)
    given(town, town.rider, start=begins)
    fields = {"login": town.rider.phone, "password": "correct-horse-91"}
    client.post(reverse("account_login"), fields)
    assert timedelta(days=2) < max(open_for(client)) <= timedelta(days=4)


def test_a_post_that_is_over_shortens_nothing(town, phone):
    day = timezone.localdate() - timedelta(days=3)
    given(town, town.rider, start=day, end=day)
    assert min(open_for(phone)) > timedelta(days=13)


def test_a_post_taken_over_by_another_person_shortens_theirs(town, phone):
    posting = given(town, town.stranger)
    posting.user = town.rider
    postings.edit(posting, by=town.admin)
    assert max(open_for(phone)) <= SHIFT


def test_entering_the_admin_shortens_too(town, phone):
    page = f"/admin/yuanhang/user/{town.rider.pk}/change/"
    fields = {"phone": town.rider.phone, "display_name": "骑手", "is_active": "on"}
    answer = logged_in(town.admin).post(page, fields | {"is_staff": "on"})
    assert answer.status_code == 302
    assert User.objects.get(pk=town.rider.pk).is_staff
    assert max(open_for(phone)) <= SHIFT
