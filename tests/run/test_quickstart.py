"""`make run`, as the operator meets it: started, interrupted, killed, and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from yuanhang.core.jobs import QUEUES
from yuanhang.run import supervisor
from yuanhang.run.management.commands import prepare

# The portals of this file take ports and processors; one at a time.
pytestmark = [pytest.mark.xdist_group("quickstart"), pytest.mark.enable_socket]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
PARENT_KB = 60_000
WEB_PROCESSES = os.cpu_count() or 1  # the default of `manage.py web`


class Portal:
    """A portal started as `make run` does it."""

    def __init__(self, var, port, **environment):
        self.output = var.parent / f"output-{port}"
        self.port = port
        # Its times are an operator's, so its coverage is not measured.
        left_out = {"DATABASE_URL", "COVERAGE_PROCESS_CONFIG"}
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        own = {"YUANHANG_ENV": "test", "VAR_DIR": str(var), "PORT": str(port), "DEMO": "0"}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "quickstart"],
                cwd=ROOT,
                env=kept | own | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self):
        return self.output.read_text()

    def wait_until_up(self):
        began = time.monotonic()
        until(lambda: "Ctrl-C stops" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        return time.monotonic() - began

    def healthy(self, path="/healthz"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def children(self):
        """Process numbers of the web server and the queue worker."""
        return children_of(self.process.pid)

    def end(self, number):
        """Signal the whole foreground group, as a terminal does on Ctrl-C."""
        os.killpg(self.process.pid, number)
        return self.process.wait(timeout=30)


def children_of(pid):
    """None of a process that has ended meanwhile, also while its list is read."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(number) for number in children.split()]


def descendants(pid):
    """A process and all that it and its children have begun."""
    return {pid}.union(*(descendants(child) for child in children_of(pid)))


def uses(pid, var):
    """Whether a process keeps the database of this folder running."""
    kept = str(var.resolve() / "test-postgres.run" / "users")
    try:
        return any(os.path.realpath(link) == kept for link in Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return False  # a helper that has ended meanwhile


def until(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def gone(pid):
    """A zombie counts as gone: whoever is init here may be slow to collect it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture(scope="module")
def var():
    """One var/ for the whole file: most runs of a portal are not its first."""
    folder = Path(tempfile.mkdtemp(prefix="yh-"))
    yield folder / "var"
    shutil.rmtree(folder)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def start(var, port):
    portals = []

    def start(at=port, **environment):
        portals.append(Portal(var, at, **environment))
        return portals[-1]

    yield start
    for portal in portals:
        if portal.process.poll() is None:
            portal.end(signal.SIGTERM)


@pytest.fixture
def portal(start):
    portal = start()
    portal.wait_until_up()
    return portal


def postmaster_file(var):
    return var / "test-postgres" / "postmaster.pid"


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_and_takes_everything_down_again(portal, var, number):
    assert portal.healthy()
    assert f"http://127.0.0.1:{portal.port}/" in portal.said
    children = portal.children()
    assert len(children) == 2
    assert portal.end(number) == 0
    assert all(gone(child) for child in children)
    assert not postmaster_file(var).exists()
    assert "Traceback" not in portal.said
    assert portal.said.rstrip().endswith("Stopped. · 已停止。")


@linux_only
def test_whoever_looks_after_the_portal_stays_small(portal):
    """It is there as long as the portal, and has no use for what the product loads."""
    (line,) = (
        line
        for line in Path(f"/proc/{portal.process.pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    assert int(line.split()[1]) < PARENT_KB


def test_second_run_keeps_the_data_and_is_quick(start):
    first = start()
    first.wait_until_up()
    first.end(signal.SIGTERM)
    second = start()
    assert second.wait_until_up() < 10
    assert "static files" not in second.said


def test_two_portals_of_one_checkout_share_the_database(portal, start):
    other = start(at=free_port())
    other.wait_until_up()
    assert other.healthy()
    assert other.end(signal.SIGTERM) == 0
    assert portal.healthy()


@linux_only
def test_killed_portal_leaves_no_orphans_and_starts_again(portal, start, var):
    children = portal.children()
    portal.process.kill()
    portal.process.wait()
    until(lambda: all(gone(child) for child in children))
    until(lambda: not postmaster_file(var).exists())
    again = start()
    again.wait_until_up()
    assert again.healthy()


@linux_only
@pytest.mark.parametrize("stuck", [0, 1], ids=["web", "queues"])
def test_whoever_is_stuck_at_the_end_leaves_no_database_behind(portal, var, stuck):
    children = portal.children()

    def users(child):
        return [pid for pid in descendants(child) - {child} if uses(pid, var)]

    def all_use_the_database():
        portal.healthy("/")
        web, queues = map(users, children)
        return len(web) >= WEB_PROCESSES and len(queues) >= len(QUEUES)

    until(all_use_the_database)
    for process in descendants(children[stuck]) - {children[stuck]}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    portal.process.kill()
    portal.process.wait()
    until(lambda: all(gone(child) for child in children))
    assert not postmaster_file(var).exists()


@linux_only
def test_a_child_that_dies_is_started_again(portal):
    before = portal.children()
    for child in before:
        os.kill(child, signal.SIGKILL)
    until(lambda: len(portal.children()) == 2 and not set(before) & set(portal.children()))
    until(portal.healthy)
    assert "starting it again" in portal.said


def test_ctrl_c_while_preparing_is_no_traceback(start):
    portal = start()
    until(lambda: "Preparing" in portal.said)
    began = descendants(portal.process.pid)
    assert portal.end(signal.SIGINT) == 0
    assert "Traceback" not in portal.said
    assert all(map(gone, began))


def complaint(portal):
    """The one line that a portal says when it cannot start."""
    assert portal.process.wait(timeout=30) == 1
    (line,) = portal.said.splitlines()
    return line


def test_a_busy_port_is_one_clear_line(start, port):
    with socket.create_server(("127.0.0.1", port)):
        line = complaint(start())
    assert f"port {port} (Address already in use)" in line
    assert "PORT=9000 make run" in line


@pytest.mark.parametrize("text", ["eighty", "0", "70000", "８０"])
def test_a_wrong_port_is_one_clear_line(start, text):
    assert "PORT must be a number" in complaint(start(PORT=text))


def test_an_unwritable_var_is_one_clear_line(start, tmp_path):
    (tmp_path / "file").write_text("")
    line = complaint(start(VAR_DIR=str(tmp_path / "file" / "var")))
    assert "Cannot write to" in line
    assert "VAR_DIR" in line


def test_an_old_python_is_one_clear_line(tmp_path):
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        ["make", "run", "PYTHON=false"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("Python 3.11 or newer")
    assert not (tmp_path / ".venv").exists()


def test_a_service_that_keeps_dying_stops_the_portal(monkeypatch):
    monkeypatch.setattr(supervisor, "MOST_DEATHS", 1)
    broken = supervisor.Service("web server", [sys.executable, "-c", "raise SystemExit(3)"])
    healthy = supervisor.Service("queue worker", ["sleep", "60"])
    with pytest.raises(
        supervisor.ServiceFailedError, match=r"web server keeps ending \(last exit code 3\)"
    ):
        supervisor.Supervisor([broken, healthy]).run(
            is_ready=lambda: False,
            on_ready=lambda: None,
            ready_seconds=30,
            should_stop=lambda: False,
        )
    assert healthy.process.poll() is not None


def test_a_stubborn_service_is_killed(monkeypatch, capfd):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)"
    service = supervisor.Service("web server", [sys.executable, "-c", deaf + "; time.sleep(60)"])
    service.start()
    until(lambda: "deaf" in capfd.readouterr().out)
    supervisor.Supervisor([service]).stop()
    assert service.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("demo", "loaded"), [(True, ["seed_demo"]), (False, [])])
@pytest.mark.django_db
def test_only_the_demo_fills_an_empty_database(monkeypatch, settings, demo, loaded):
    settings.DEMO = demo
    called = []
    monkeypatch.setattr(prepare, "call_command", called.append)
    prepare.Command().fill()
    assert called == loaded


def test_static_files_are_collected_only_when_they_changed(monkeypatch, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    source = tmp_path / "source"
    source.mkdir()
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    called = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **_: called.append(name))
    for content in ("a", "a", "longer"):
        (source / "page.css").write_text(content)
        os.utime(source / "page.css", (0, 0))
        prepare.collect_static(lambda _: None)
    assert called == ["collectstatic", "collectstatic"]
