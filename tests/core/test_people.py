"""Accounts switched off and on: by one door, which the rooms listen at."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.factories.workers import UserFactory
from yuanhang.core import people
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.outbox import deliveries, notices
from yuanhang.core.outbox.models import Delivery, Notice
from yuanhang.core.signals import account_deactivated


@pytest.fixture
def heard():
    """What listeners were told of, by (user, by)."""
    told = []

    def listen(sender, user, by, **kwargs):
        told.append((user.pk, by.pk))

    account_deactivated.connect(listen)
    yield told
    account_deactivated.disconnect(listen)


def save(visit, town, user, **changes):
    """The account's page in the admin, sent by the administrator."""
    fields = {"phone": user.phone, "display_name": user.display_name}
    fields |= {"is_active": "on"} if user.is_active else {}
    page = f"/admin/yuanhang/user/{user.pk}/change/"
    fields = {name: value for name, value in (fields | changes).items() if value}
    return visit(town.admin).post(page, fields, follow=True)


def test_the_admin_goes_through_the_door_both_ways(town, visit, heard):
    save(visit, town, town.rider, is_active="")
    town.rider.refresh_from_db()
    assert not town.rider.is_active
    assert heard == [(town.rider.pk, town.admin.pk)]
    save(visit, town, town.rider, is_active="on")
    town.rider.refresh_from_db()
    assert town.rider.is_active
    kinds = AuditEvent.objects.filter(target_id=str(town.rider.pk), kind__contains="activate")
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == [
        "yuanhang.deactivate_user",
        "yuanhang.reactivate_user",
    ]


def test_other_changes_are_saved_with_it(town, visit, heard):
    save(visit, town, town.rider, is_active="", display_name="骑手丙（演示）")
    town.rider.refresh_from_db()
    assert (town.rider.display_name, town.rider.is_active) == ("骑手丙（演示）", False)
    save(visit, town, town.rider, display_name="骑手丁（演示）")
    assert len(heard) == 1


def test_nobody_switches_off_their_own_account(town, visit, heard):
    page = save(visit, town, town.admin, is_active="", is_staff="on", is_superuser="on")
    assert "自己的账号要别人来停用" in page.content.decode()
    assert User.objects.get(pk=town.admin.pk).is_active
    assert heard == []


def test_a_second_deactivation_frees_nothing_twice(town, heard):
    people.deactivate(town.rider, by=town.admin)
    people.deactivate(town.rider, by=town.admin)
    assert len(heard) == 1


def test_what_a_listener_refuses_undoes_the_whole(town):
    def refuse(sender, **kwargs):
        raise NotAllowedNowError("不行")

    account_deactivated.connect(refuse)
    try:
        with pytest.raises(NotAllowedNowError):
            people.deactivate(town.rider, by=town.admin)
    finally:
        account_deactivated.disconnect(refuse)
    assert User.objects.get(pk=town.rider.pk).is_active


def test_whoever_is_switched_off_is_logged_out_everywhere(town):
    phones = [Client(), Client()]
    for phone in phones:
        phone.force_login(town.rider)
    other = Client()
    other.force_login(town.stranger)
    people.deactivate(town.rider, by=town.admin)
    assert {row.pk for row in Session.objects.all()} == {other.session.session_key}
    assert {phone.get("/workers/me/").status_code for phone in phones} == {302}


def test_nobody_inactive_is_told(town):
    gone = UserFactory(is_active=False)
    notices.send([gone, town.rider], "volunteers.search_found", key="x", url="/")
    assert list(Notice.objects.values_list("recipient", flat=True)) == [town.rider.pk]


def test_what_waits_to_leave_by_sms_stays_here(town, settings):
    settings.SMS_GATEWAY = "tests.core.test_accounts_sms.Gateway"
    notices.send([town.rider], "volunteers.search_found", key="x", url="/", sms=True)
    people.deactivate(town.rider, by=town.admin)
    delivery = Delivery.objects.get()
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("failed", "deactivated")
