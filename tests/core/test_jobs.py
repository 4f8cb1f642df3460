"""Background jobs: each function exists, the queue holds what is declared, each run is logged."""

import ast
import inspect
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from tests.rooms import ROOT
from yuanhang.core import jobs, rooms, tasks
from yuanhang.core.jobs import ScheduledJob

ROOMS = [room for room in apps.get_app_configs() if isinstance(room, rooms.RoomConfig)]
DECLARED = {
    (room.label, item)
    for room in ROOMS
    if room.scheduled_jobs
    for item in import_string(room.scheduled_jobs)
}


def is_job(function):
    """Whether a function logs its runs: `job` wraps it."""
    return inspect.unwrap(function) is not function and function.__code__.co_name == "logged"


def queued_functions():
    """Dotted paths that the code hands to the queue: arguments of `enqueue` and `TASK`s."""
    for package in ("yuanhang", "stations", "workers", "hazards", "volunteers"):
        for path in sorted(Path(ROOT, package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                    value = node.args[0]
                elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TASK":
                    value = node.value
                else:
                    continue
                if isinstance(value, ast.Constant):
                    yield value.value


@pytest.mark.parametrize("path", sorted(item.function for _label, item in DECLARED))
def test_each_scheduled_function_exists_needs_no_argument_and_logs(path):
    function = import_string(path)
    inspect.signature(function).bind()
    assert is_job(function)


def test_each_queued_function_exists_and_logs():
    paths = set(queued_functions())
    assert len(paths) >= 3, "the search for them finds no more"
    assert [path for path in sorted(paths) if not is_job(import_string(path))] == []


def test_nothing_goes_past_the_door_to_the_queues():
    door = {"yuanhang/core/jobs.py"}
    found = {
        str(path.relative_to(ROOT))
        for package in ("yuanhang", "stations", "workers", "hazards", "volunteers")
        for path in Path(ROOT, package).rglob("*.py")
        if "async_task(" in path.read_text()
    }
    assert found == door


def test_work_goes_into_the_queue_of_its_purpose(db):
    jobs.enqueue("yuanhang.core.tasks.erase", "core.audit")
    jobs.enqueue("yuanhang.core.outbox.tasks.deliver", 1)
    jobs.enqueue("yuanhang.core.outbox.tasks.deliver", 2, queue=jobs.CHAT)
    jobs.enqueue("hazards.deadline_reminders.tasks.remind_of_deadlines")
    assert list(OrmQ.objects.order_by("pk").values_list("key", flat=True)) == [
        jobs.LONG,
        jobs.OUTSIDE,
        jobs.CHAT,
        jobs.CLOCK,
    ]
    assert jobs.queued_arguments("yuanhang.core.outbox.tasks.deliver") == {(1,), (2,)}


def test_first_come_first_served_and_each_once(db):
    for number in range(3):
        jobs.enqueue("yuanhang.core.outbox.tasks.deliver", number)
    first = OrmQ.objects.order_by("pk").first()
    # A row that is written again lies behind the others in the table.
    OrmQ.objects.filter(pk=first.pk).update(lock=first.lock)
    broker = get_broker(jobs.OUTSIDE)
    taken = [SignedPackage.loads(broker.dequeue()[0][1])["args"] for _ in range(3)]
    assert taken == [(0,), (1,), (2,)]


@pytest.mark.django_db(transaction=True)
def test_a_scheduled_job_that_still_waits_is_not_queued_again():
    OrmQ.objects.all().delete()
    for _minute in range(3):
        Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
        scheduler()
    mine = Schedule.objects.filter(cluster=None).count()
    assert OrmQ.objects.filter(key=jobs.CLOCK).count() == mine
    # One that is being worked at does not keep the next one out.
    OrmQ.objects.update(lock=timezone.now() + timedelta(minutes=4))
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
    scheduler()
    assert OrmQ.objects.filter(key=jobs.CLOCK).count() == 2 * mine


def test_erasing_is_not_queued_twice(db):
    assert tasks.erase_nightly() > 0
    assert tasks.erase_nightly() == 0


def test_the_queue_holds_what_is_declared_and_nothing_else(db):
    found = set(Schedule.objects.values_list("func", "schedule_type", "minutes", "repeats"))
    assert found == {(item.function, "I", item.minutes, -1) for _label, item in DECLARED}


def test_reconciling_brings_changes_in_and_leaves_the_next_run_alone(db):
    jobs.reconcile("town", [ScheduledJob("town.tasks.sweep", 5), ScheduledJob("town.tasks.old", 5)])
    first = Schedule.objects.get(name="town.sweep")
    jobs.reconcile("town", [ScheduledJob("town.tasks.sweep", 9)])
    after = Schedule.objects.get(name="town.sweep")
    assert (after.pk, after.next_run, after.minutes) == (first.pk, first.next_run, 9)
    assert not Schedule.objects.filter(name="town.old").exists()


def test_reconciling_one_app_leaves_the_others_alone(db):
    before = set(Schedule.objects.values_list("name", "pk"))
    jobs.reconcile("town", [])
    assert set(Schedule.objects.values_list("name", "pk")) == before


@pytest.mark.parametrize(
    ("result", "words"), [(7, ": 7 in "), (0, ": 0 in "), (None, ": done in ")]
)
def test_each_run_leaves_one_line(caplog, result, words):
    @jobs.job
    def count_lamps():
        return result

    with caplog.at_level(logging.INFO, logger="yuanhang.core.jobs"):
        assert count_lamps() == result
    (line,) = caplog.messages
    assert "count_lamps" in line
    assert words in line
