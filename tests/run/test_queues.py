"""`manage.py queues`: a cluster for each purpose, and what is slow delays only its like."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from stations.robots.models import ChatRobot
from tests.factories.stations import CommunityFactory
from tests.run.test_quickstart import ROOT, children_of, gone, until
from tests.stations.robots import robot_server
from yuanhang.core import jobs
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery, Notice, Party

# Processes of their own, which take processors; one at a time.
pytestmark = [pytest.mark.xdist_group("quickstart"), pytest.mark.enable_socket]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
# As long as the fault that it was made for: SLOW_HOST_SECONDS=300.
SECONDS = int(os.environ.get("SLOW_HOST_SECONDS", "12"))


@contextlib.contextmanager
def queues(tmp_path, *names, **environment):
    """The queues of the test's own database, as production starts them."""
    database = connection.settings_dict["NAME"]
    own = {
        "YUANHANG_ENV": "test",
        "TEST_DATABASE_NAME": database,
        "DEMO": "0",
    }
    output = tmp_path / "queues.log"
    program = (
        "import os, sys\n"
        "from django.conf import settings\n"
        "settings.DATABASES['default']['NAME'] = os.environ['TEST_DATABASE_NAME']\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(['manage.py', 'queues', *sys.argv[1:]])\n"
    )
    kept = {k: v for k, v in os.environ.items() if k != "COVERAGE_PROCESS_CONFIG"}
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *names],
            cwd=ROOT,
            env=kept | {"DJANGO_SETTINGS_MODULE": "yuanhang.settings"} | own | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            assert process.wait(timeout=30) == 0, output.read_text()


def family(pid):
    """A process and all that came of it."""
    return [pid, *(one for child in children_of(pid) for one in family(child))]


@pytest.fixture
def hanging(transactional_db, settings, tmp_path):
    """A robot that answers after half a minute, and ten messages to it."""
    with robot_server.running(tmp_path) as server:
        server.pause = 30.0
        settings.ROBOT_HOST = server.host
        robot = ChatRobot.objects.create(community=CommunityFactory(), name="群", url=server.url())
        for number in range(10):
            row = Delivery.objects.create(
                channel="chat", target=str(robot.pk), key=str(number), text="有新上报"
            )
            jobs.enqueue("yuanhang.core.outbox.tasks.deliver", row.pk, queue=jobs.CHAT)
        Schedule.objects.update(next_run=timezone.now())
        yield server


def put_sms():
    """An SMS through a gateway that takes it at once."""
    notice = Notice.objects.create(key=uuid.uuid4().hex, kind="core.test", title="题")
    number = f"1000{notice.pk % 10**7:07}"  # one number has a limit a day
    return deliveries.put("sms", notice=notice, address=number)


def test_a_slow_host_holds_up_neither_the_clock_nor_sms(hanging, tmp_path):
    environment = {"ROBOT_HOST": hanging.host, "ROBOT_CA_FILE": hanging.ca_file}
    environment |= {"SMS_GATEWAY": "yuanhang.core.outbox.sms.MemoryGateway"}
    chat, sms = Delivery.objects.filter(channel="chat"), Delivery.objects.filter(channel="sms")
    with queues(tmp_path, **environment):
        until(lambda: chat.filter(state="sending").exists())
        put_sms()
        jobs.enqueue("yuanhang.core.outbox.tasks.sweep_deliveries")
        until(lambda: sms.filter(state="sent").exists())
        until(lambda: not OrmQ.objects.filter(key=jobs.CLOCK).exists())
        # Both are done while somebody still waits for the host.
        assert chat.filter(state="sending").exists()
        worst, ends = 0.0, time.monotonic() + SECONDS
        while time.monotonic() < ends:
            asked = time.monotonic()
            put_sms()
            until(lambda: not sms.exclude(state="sent").exists())
            worst = max(worst, time.monotonic() - asked, jobs.clock_late().total_seconds())
        until(lambda: Party.objects.filter(failures__gt=0).exists())
    assert worst < 90
    # One message, or one a rest, had to find out; the others waited without asking.
    assert sum(chat.values_list("attempts", flat=True)) <= 2 + SECONDS // 60
    assert not chat.exclude(state__in=["pending", "sending"]).exists()


@linux_only
@pytest.mark.django_db(transaction=True)
def test_each_purpose_has_processes_of_its_own_which_come_back_and_go_with_it(tmp_path):
    with queues(tmp_path, "outside", "long") as process:
        until(lambda: len(family(process.pid)) == 1 + 2 * 5)
        first, second = children_of(process.pid)
        before = family(first)
        os.kill(first, signal.SIGKILL)
        until(lambda: all(gone(pid) for pid in before))
        until(lambda: second in children_of(process.pid) and len(family(process.pid)) == 11)
        everybody = family(process.pid)
    until(lambda: all(gone(pid) for pid in everybody))


@linux_only
@pytest.mark.django_db(transaction=True)
def test_a_queue_works_on_whichever_of_its_processes_was_killed(tmp_path):
    """Whoever waits at a pipe dies with its lock; calls must be done, and once."""
    with queues(tmp_path, "outside") as process:
        for place in range(3):  # worker, monitor, pusher
            until(lambda: len(family(process.pid)) == 6)
            everybody = family(process.pid)[1:]
            time.sleep(1)  # so that each waits where it waits when there is nothing to do
            os.kill(everybody[2 + place], signal.SIGKILL)
            until(lambda: all(gone(pid) for pid in everybody))  # noqa: B023 - called at once
            jobs.enqueue("yuanhang.core.outbox.tasks.sweep_deliveries", queue=jobs.OUTSIDE)
            until(lambda: not OrmQ.objects.filter(key=jobs.OUTSIDE).exists())


@linux_only
@pytest.mark.django_db(transaction=True)
def test_killed_queues_leave_nobody_behind(tmp_path):
    with queues(tmp_path, "outside") as process:
        until(lambda: len(family(process.pid)) == 6)
        everybody = family(process.pid)
        process.kill()
        process.wait()
    until(lambda: all(gone(pid) for pid in everybody))


@linux_only
@pytest.mark.django_db(transaction=True)
def test_killed_queues_leave_nobody_behind_who_is_stuck(tmp_path):
    """The cluster waits for one of its own that cannot end, and nobody is left to end it."""
    with queues(tmp_path, "outside") as process:
        until(lambda: len(family(process.pid)) == 6)
        everybody = family(process.pid)
        (cluster,) = children_of(process.pid)
        for pid in children_of(children_of(cluster)[0]):
            os.kill(pid, signal.SIGSTOP)
        process.kill()
        process.wait()
    until(lambda: all(gone(pid) for pid in everybody))


def test_a_queue_that_is_none_is_one_clear_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "queues", "slow"],
        cwd=ROOT,
        env=os.environ | {"YUANHANG_ENV": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "No such queue: slow. Known: yuanhang, outside, chat, long, media." in done.stderr


def test_each_cluster_looks_after_its_own_schedules(db):
    found = set(Schedule.objects.values_list("cluster", flat=True))
    assert found == {None, jobs.LONG}
    assert {*jobs.QUEUES} == {jobs.CLOCK, *settings.Q_CLUSTER["ALT_CLUSTERS"]}
    assert Schedule.objects.get(name="yuanhang.sweep_deliveries").cluster is None


def test_what_stands_still_shows_by_its_age(db):
    Schedule.objects.update(next_run=timezone.now() + timedelta(minutes=1))
    assert jobs.clock_late() == timedelta()
    assert {state.waiting for state in jobs.queue_states()} == {0}
    for _ in range(2):
        jobs.enqueue("yuanhang.core.outbox.tasks.deliver", 1)
    ten = timezone.now() - timedelta(minutes=10)
    OrmQ.objects.filter(pk=OrmQ.objects.first().pk).update(lock=ten)
    Schedule.objects.filter(name="yuanhang.erase_hourly").update(next_run=ten)
    outside = jobs.queue_states()[1]
    assert (outside.queue, outside.waiting) == ("outside", 2)
    assert outside.late >= timedelta(minutes=10)
    assert jobs.clock_late() >= timedelta(minutes=10)
