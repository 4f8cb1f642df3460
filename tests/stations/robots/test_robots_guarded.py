"""Group robots under load and under curious eyes: races, secrets, and the admin."""

import logging
import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from stations.robots.models import ChatRobot
from tests.factories.stations import CommunityFactory
from tests.stations.robots.robot_server import OTHER_KEY
from tests.stations.robots.robots_help import announce, queued, tasks_of, work
from tests.stations.robots.test_robot_trouble import count_states, message_to, pass_time
from tests.stations.robots.test_robots import LIST
from tests.threads import at_once
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery, DeliveryQuerySet

State = Delivery.State
# --- at once --------------------------------------------------------------------------------


@pytest.fixture
def crowd(transactional_db, server):
    """A committed robot, and a call that makes it some committed messages."""
    server.pause = 0.3
    robot = ChatRobot.objects.create(community=CommunityFactory(), name="群", url=server.url())

    def messages(count):
        return [message_to(robot, key=str(n), text=f"{n}").pk for n in range(count)]

    yield messages
    cache.clear()


def test_two_workers_at_once_send_one_message(crowd, server):
    [pk] = crowd(1)
    assert set(at_once(lambda: deliveries.deliver(pk))) == {None, "sent"}
    assert server.texts == ["0"]
    message = Delivery.objects.get()
    assert (message.state, message.attempts) == (State.SENT, 1)


def test_a_claim_that_looks_before_it_takes_would_send_two(crowd, server, monkeypatch):
    """The control: with the claim's condition gone, the test above sees two messages."""
    [pk] = crowd(1)
    both_looked = threading.Barrier(2)

    def look_then_take(message_id):
        found = Delivery.objects.get(pk=message_id)
        both_looked.wait(timeout=10)
        Delivery.objects.filter(pk=message_id).update(state=State.SENDING, attempts=1)
        found.attempts = 1
        return found

    monkeypatch.setattr(deliveries, "_claim", look_then_take)
    assert at_once(lambda: deliveries.deliver(pk)) == ["sent", "sent"]
    assert server.texts == ["0", "0"]


def test_twenty_five_workers_at_once_send_twenty(crowd, server):
    pks = iter(crowd(25))
    lock = threading.Lock()

    def send():
        with lock:
            pk = next(pks)
        deliveries.deliver(pk)

    assert at_once(send, times=25) == [None] * 25
    assert (len(server.texts), len(server.requests)) == (20, 20)
    assert count_states() == {State.SENT: 20, State.PENDING: 5}
    pass_time(server, seconds=61)
    deliveries.sweep()
    work()
    assert len(set(server.texts)) == 25


def test_what_ends_between_the_clock_and_the_count_is_counted(crowd, server, monkeypatch):
    """Else a twenty-first message leaves, which the robot's host refuses."""
    *others, last, one_more = crowd(21)
    sent = Delivery.objects.filter(pk__in=others)
    sent.update(state=State.SENT, sent_at=timezone.now())
    Delivery.objects.filter(pk=last).update(
        state=State.SENDING, due_at=timezone.now() + timedelta(minutes=2)
    )
    spent = DeliveryQuerySet.spent

    def ends_meanwhile(self, now, window):
        ended = now + timedelta(milliseconds=20)
        Delivery.objects.filter(pk=last).update(state=State.SENT, sent_at=ended)
        return spent(self, now, window)

    monkeypatch.setattr(DeliveryQuerySet, "spent", ends_meanwhile)
    assert deliveries.deliver(one_more) is None
    assert server.requests == []


def test_a_report_that_is_being_stored_does_not_hold_up_the_robot(crowd, server):
    """A message in an open transaction refers to the robot; sending needs the robot's lock."""
    [pk] = crowd(1)
    with transaction.atomic():
        message_to(ChatRobot.objects.get(), key="open", text="还没提交")
        connection.check_constraints()  # takes the foreign key's lock, else it waits for the commit

        def send():
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            deliveries.deliver(pk)

        assert at_once(send, times=1) == [None]
    assert server.texts == ["0"]


# --- secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", ["robot", "broken", "close", "garbage", "redirect"])
def test_the_key_is_in_no_log_no_trail_and_no_row_but_its_own(
    town, group, server, visit, caplog, mood
):
    caplog.set_level(logging.DEBUG)
    server.mood = mood
    visit(town.admin).post(LIST, {"action": "test", "_selected_action": [group.pk]})
    announce(town)
    work()
    pass_time(server, hours=1)
    deliveries.sweep()
    work()
    pass_time(server, hours=24)
    deliveries.sweep()
    seen = [caplog.text]
    seen += AuditEvent.objects.values_list("changes", flat=True)
    seen += Delivery.objects.values_list("error", flat=True)
    # A host that fails is asked once, and rests.
    assert len(server.requests) == 2
    assert "secret" not in str(seen)
    assert (mood in ("garbage", "redirect")) == ("…/send?key=***abcd" in caplog.text)


# --- the admin ------------------------------------------------------------------------------


def values(town, **changes):
    return {"name": "六网格群", "grid": town.six.pk, "is_active": "on"} | changes


def test_only_administrators_come_near(town, group, visit):
    for who in (town.staff, town.other_staff):
        for url in (LIST, f"{LIST}add/", f"{LIST}{group.pk}/change/"):
            assert visit(who).get(url).status_code == 403
            assert visit(who).post(url, values(town, url=group.url)).status_code == 403
    assert visit(town.admin).get(LIST).status_code == 200


def test_an_address_goes_in_and_never_comes_out(town, group, visit):
    client = visit(town.admin)
    message_to(group, key="k", text="你好", state=State.FAILED, error="errcode 93000")
    page = client.get(f"{LIST}{group.pk}/change/").content.decode()
    assert 'type="password"' in page
    assert 'placeholder="…/send?key=***abcd"' in page
    assert "errcode 93000" in page
    wrong = values(town, url=group.url, community=town.community.pk)
    pages = [
        page,
        client.get(LIST).content.decode(),
        client.get(f"{LIST}{group.pk}/history/").content.decode(),
        client.get(f"{LIST}{group.pk}/delete/").content.decode(),
        client.post(f"{LIST}{group.pk}/change/", wrong).content.decode(),
        client.post(f"{LIST}add/", values(town, url=group.url)).content.decode(),
    ]
    assert "只选一个" in pages[4]
    assert "已经登记过了" in pages[5]
    for found in pages:
        assert "secret" not in found


def test_an_address_left_empty_stays_as_it_is(town, group, visit):
    visit(town.admin).post(f"{LIST}{group.pk}/change/", values(town, name="新群名", url=""))
    stored = ChatRobot.objects.get()
    assert (stored.name, stored.url) == ("新群名", group.url)
    event = AuditEvent.objects.get(kind="stations.edit_chatrobot")
    assert group.url not in str(event.changes)


def test_a_new_address_replaces_the_old_one_and_only_its_end_is_kept_in_the_trail(
    town, group, server, visit
):
    other = server.url(OTHER_KEY)
    visit(town.admin).post(f"{LIST}{group.pk}/change/", values(town, url=f" {other} "))
    assert ChatRobot.objects.get().url == other
    event = AuditEvent.objects.get(kind="stations.edit_chatrobot")
    assert (event.actor_id, event.target_id) == (town.admin.pk, str(group.pk))
    assert event.changes == {"place": "第六网格", "url": "…/send?key=***wxyz", "active": True}


def test_a_new_robot_needs_an_address(town, server, visit):
    client = visit(town.admin)
    for url in ("", "https://example.com/", server.url().replace("https", "http")):
        assert client.post(f"{LIST}add/", values(town, url=url)).status_code == 200
    assert not ChatRobot.objects.exists()
    assert client.post(f"{LIST}add/", values(town, url=server.url())).status_code == 302
    assert ChatRobot.objects.get().url == server.url()


@pytest.mark.logs_errors
def test_the_list_is_not_searched_for_addresses(town, group, visit):
    client = visit(town.admin)
    assert client.get(LIST, {"url__startswith": "https"}).status_code in (302, 400)
    assert "六网格群" not in client.get(LIST, {"q": "secret"}).content.decode()
    # Nor the lists of the places that the robots hang on, which staff see as well.
    for user in (town.admin, town.staff):
        for place in ("grid", "community"):
            page = visit(user).get(
                f"/admin/stations/{place}/", {"robots__url__startswith": "https"}
            )
            assert page.status_code in (302, 400), (user, place)


def test_a_test_message_goes_through_the_queue_and_only_to_those_switched_on(
    town, group, server, visit
):
    off = ChatRobot.objects.create(
        grid=town.six, name="停用群", url=server.url(OTHER_KEY), is_active=False
    )
    for _ in range(2):
        response = visit(town.admin).post(
            LIST, {"action": "test", "_selected_action": [group.pk, off.pk]}, follow=True
        )
    page = response.content.decode()
    assert "1 条测试消息在路上了" in page
    assert "没启用的机器人没有发" in page
    assert server.requests == []
    assert queued() == tasks_of(*Delivery.objects.order_by("pk"))
    work()
    assert [text[:7] for text in server.texts] == ["这是一条测试消"] * 2
    assert AuditEvent.objects.filter(kind="stations.test_robot").count() == 2


def test_a_deleted_robot_leaves_a_trace(town, group, server, visit):
    announce(town)
    client = visit(town.admin)
    other = ChatRobot.objects.create(grid=town.six, name="又", url=server.url(OTHER_KEY))
    assert client.post(f"{LIST}{group.pk}/delete/", {"post": "yes"}).status_code == 302
    chosen = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    client.post(LIST, chosen)
    assert not ChatRobot.objects.exists()
    assert not Delivery.objects.exists()
    removed = AuditEvent.objects.filter(kind="stations.remove_chatrobot")
    assert set(removed.values_list("target_id", flat=True)) == {str(group.pk), str(other.pk)}
    work()
    assert server.requests == []


def test_the_list_costs_the_same_for_one_row_and_for_three(
    town, group, visit, django_assert_num_queries
):
    client = visit(town.admin)
    client.get(LIST)
    for made in (0, 2):
        for number in range(made):
            ChatRobot.objects.create(
                community=town.other, name="群", url=f"{group.url[:-4]}{number}000"
            )
        with django_assert_num_queries(4):
            client.get(LIST)
