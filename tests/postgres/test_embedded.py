"""The embedded PostgreSQL: real servers, real processes, killed in every way we could think of."""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from yuanhang.postgres.account import Account
from yuanhang.postgres.cluster import program

# One after another: each test starts servers of its own, and two cores are not many.
pytestmark = pytest.mark.xdist_group("embedded")

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
SERVER_ACCOUNT = pwd.getpwnam("nobody") if AS_ROOT else pwd.getpwuid(os.geteuid())

# A program that uses the database: SQL line in, JSON line out, ends with its input.
PROGRAM = """
import json, os, sys
import django
from django.conf import settings
from django.db.utils import Error
from django.core.exceptions import ImproperlyConfigured
options, step_down_to = json.loads(sys.argv[1]), json.loads(sys.argv[2])
database = {"ENGINE": "yuanhang.postgres", "NAME": "yuanhang", "OPTIONS": options}
settings.configure(DATABASES={"default": database}, USE_TZ=True)
django.setup()
from django.db import connection
connection.vendor
if step_down_to:
    os.setgroups([])
    os.setgid(step_down_to)
    os.setuid(step_down_to)

def answer(line):
    if line == "test run":
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        name = connection.settings_dict["NAME"]
        connection.creation.destroy_test_db("yuanhang", verbosity=0)
        connection.settings_dict["NAME"] = name
        return answer("SELECT 'still there'")
    if line == "fork":
        child = os.fork()
        if not child:
            connection.connection = None
            print(json.dumps(answer("SELECT 'child'")), flush=True)
            sys.exit(0)
        return os.waitpid(child, 0)[1]
    with connection.cursor() as cursor:
        cursor.execute(line)
        return cursor.fetchone()[0] if cursor.description else None

for line in sys.stdin:
    try:
        print(json.dumps(answer(line.strip())), flush=True)
    except (Error, ImproperlyConfigured) as error:
        connection.close()
        print(json.dumps({type(error).__name__: str(error)}), flush=True)
"""


class User:
    """A process that uses the database."""

    def __init__(self, data_dir, *, step_down_to=0, environment=None, **options):
        options = {"data_dir": str(data_dir), "durable": False} | options
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(options), json.dumps(step_down_to)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {}),
        )

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        return json.loads(self.process.stdout.readline())

    def sql(self, line):
        self.ask(line)
        return self.hear()

    def leave(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def kill(self):
        self.process.kill()
        self.leave()


@pytest.fixture
def place():
    """A folder for servers. Not tmp_path: pytest closes that to every other account, and its
    long name would push the socket elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="yh-"))
    yield folder
    for pid_file in folder.rglob("postmaster.pid"):
        subprocess.run(["kill", "-9", pid_file.read_text().split()[0]], check=False)
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(place):
    return place / "postgres"


@pytest.fixture
def new_user(data_dir):
    users = []

    def start(folder=data_dir, **options):
        users.append(User(folder, **options))
        return users[-1]

    yield start
    for user in users:
        user.kill()


def postmaster(data_dir):
    return int((data_dir / "postmaster.pid").read_text().split()[0])


def runs(data_dir):
    """Ask from outside whether the server takes connections."""
    try:
        folder = (data_dir / "postmaster.pid").read_text().splitlines()[4]
    except (FileNotFoundError, IndexError):
        return False
    asked = subprocess.run([program("pg_isready"), "-q", "-h", folder, "-p", "5432"], check=False)
    return asked.returncode == 0


def fill(user):
    user.sql("CREATE TABLE IF NOT EXISTS kept (word text)")
    user.sql("INSERT INTO kept VALUES ('驿站')")


def test_first_connection_makes_the_database_and_last_one_out_stops_it(new_user, data_dir):
    user = new_user()
    assert user.sql("SELECT current_database()") == "yuanhang"
    assert user.sql("SHOW server_encoding") == "UTF8"
    assert user.sql("SHOW fsync") == "off"
    assert user.sql("SHOW listen_addresses") == ""
    assert user.sql("SELECT datlocale FROM pg_database WHERE datname = 'yuanhang'") == "C.UTF-8"
    assert data_dir.stat().st_uid == SERVER_ACCOUNT.pw_uid
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert user.leave() == 0
    assert not runs(data_dir)


def test_a_lasting_server_is_the_default(new_user):
    user = new_user(durable=True)
    assert user.sql("SHOW fsync") == "on"


def test_first_leaving_does_not_stop_it_for_the_second(new_user, data_dir):
    first, second = new_user(), new_user()
    fill(first)
    assert second.sql("SELECT word FROM kept") == "驿站"
    first.leave()
    assert second.sql("SELECT word FROM kept") == "驿站"
    second.leave()
    assert not runs(data_dir)


def test_a_killed_user_leaves_a_usable_database(new_user, data_dir):
    first = new_user()
    fill(first)
    first.kill()
    assert runs(data_dir)
    second = new_user()
    assert second.sql("SELECT word FROM kept") == "驿站"
    second.leave()
    assert not runs(data_dir)


def test_a_killed_server_comes_back_for_those_who_use_it(new_user, data_dir):
    user = new_user(durable=True)
    fill(user)
    killed = postmaster(data_dir)
    os.kill(killed, signal.SIGKILL)
    newcomer = new_user()
    assert newcomer.sql("SELECT word FROM kept") == "驿站"
    assert postmaster(data_dir) != killed
    # A broken connection is an error once; the next one finds the new server.
    assert "OperationalError" in user.sql("SELECT word FROM kept")
    assert user.sql("SELECT word FROM kept") == "驿站"
    newcomer.leave()
    os.kill(postmaster(data_dir), signal.SIGKILL)
    while user.sql("SELECT word FROM kept") == "驿站":
        time.sleep(0.01)
    assert user.sql("SELECT word FROM kept") == "驿站"
    user.leave()
    assert not runs(data_dir)


def test_everything_killed_at_once_recovers(new_user, data_dir):
    user = new_user(durable=True)
    fill(user)
    os.kill(postmaster(data_dir), signal.SIGKILL)
    user.kill()
    assert new_user().sql("SELECT word FROM kept") == "驿站"


@pytest.mark.parametrize("name", ["postmaster.pid", "socket lock"])
def test_a_stale_pid_of_another_living_process_does_not_block(new_user, data_dir, name):
    user = new_user()
    fill(user)
    remains = {
        "postmaster.pid": data_dir / "postmaster.pid",
        "socket lock": data_dir.with_name("postgres.run") / ".s.PGSQL.5432.lock",
    }[name]
    lines = remains.read_text().splitlines()
    user.leave()
    account = {"user": SERVER_ACCOUNT.pw_uid} if AS_ROOT else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **account) as bystander:
        remains.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        os.chown(remains, SERVER_ACCOUNT.pw_uid, SERVER_ACCOUNT.pw_gid)
        user = new_user()
        assert user.sql("SELECT word FROM kept") == "驿站"
        user.leave()
        assert bystander.poll() is None
        bystander.kill()


def test_four_processes_start_it_at_the_same_moment(new_user, data_dir):
    users = [new_user() for _ in range(4)]
    for user in users:
        user.ask("SELECT pg_postmaster_start_time()::text")
    assert len({user.hear() for user in users}) == 1
    for user in users:
        user.leave()
    assert not runs(data_dir)


def test_an_interrupted_initdb_is_done_again(new_user, data_dir):
    left = data_dir.with_name("postgres.init-left")
    left.mkdir()
    (left / "PG_VERSION").write_text("18\n")
    interrupted = new_user()
    interrupted.ask("SELECT 1")
    while not list(data_dir.parent.glob("postgres.init-*/base")):
        time.sleep(0.001)
    interrupted.kill()
    assert not data_dir.exists()
    user = new_user()
    assert user.sql("SELECT 1") == 1
    user.leave()
    assert new_user().sql("SELECT 1") == 1
    assert not list(data_dir.parent.glob("postgres.init-*"))


def test_a_long_path_moves_the_socket_to_a_private_folder(new_user, place):
    deep = place / ("很深的文件夹" * 8) / "postgres"
    user, other = new_user(deep), new_user(deep)
    assert user.sql("SELECT 1") == 1
    assert other.sql("SELECT 1") == 1
    folder = Path(user.sql("SHOW unix_socket_directories").strip('"'))
    assert folder.parent == Path(tempfile.gettempdir())
    assert folder.stat().st_uid == SERVER_ACCOUNT.pw_uid
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    user.leave()
    other.leave()
    folder.chmod(0o755)
    assert "is not a private folder" in new_user(deep).sql("SELECT 1")["OperationalError"]
    folder.rmdir()


def test_an_ordinary_user_runs_it_as_themselves(new_user, data_dir):
    if AS_ROOT:
        os.chown(data_dir.parent, SERVER_ACCOUNT.pw_uid, SERVER_ACCOUNT.pw_gid)
    user = new_user(step_down_to=SERVER_ACCOUNT.pw_uid if AS_ROOT else 0)
    fill(user)
    user.leave()
    assert not runs(data_dir)
    # Root may look after an ordinary user's data.
    other = new_user()
    assert other.sql("SELECT word FROM kept") == "驿站"


def test_a_forked_child_counts_for_itself(new_user, data_dir):
    user = new_user()
    fill(user)
    assert user.sql("fork") == "child"
    assert user.hear() == 0
    assert runs(data_dir)
    assert user.sql("SELECT word FROM kept") == "驿站"
    user.leave()
    assert not runs(data_dir)


def test_a_dropped_test_database_stays_dropped(new_user):
    user, other = new_user(), new_user()
    assert other.sql("SELECT 1") == 1
    assert "does not exist" in user.sql("test run")["OperationalError"]
    assert other.sql("SELECT count(*) FROM pg_database WHERE NOT datistemplate") == 2


def test_logs_are_swept_and_hold_no_statements(new_user, data_dir):
    user = new_user()
    user.sql("SELECT '13800000000' FROM nowhere")
    user.leave()
    logs = data_dir.with_name("postgres.log")
    old = logs / "Old.log"
    old.write_text("x")
    os.utime(old, (0, 0))
    new_user().sql("SELECT 1")
    assert not old.exists()
    texts = "".join(path.read_text() for path in logs.glob("*.log"))
    assert "nowhere" in texts
    assert "13800000000" not in texts


def test_a_folder_with_something_else_in_it_is_left_alone(new_user, data_dir):
    data_dir.mkdir()
    (data_dir / "letter.txt").write_text("dear")
    said = new_user().sql("SELECT 1")
    assert "holds files but no database" in said["ImproperlyConfigured"]
    assert (data_dir / "letter.txt").exists()


def test_an_unwritable_folder_is_one_clear_line(new_user, place):
    # A file in the way stops root as well.
    (place / "var").write_text("")
    said = new_user(place / "var" / "postgres").sql("SELECT 1")["OperationalError"]
    assert "cannot use" in said
    assert "\n" not in said


def test_a_path_the_shell_would_expand_is_refused(new_user, place):
    assert "has none of" in new_user(place / "$HOME").sql("SELECT 1")["ImproperlyConfigured"]


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another account")
def test_a_missing_account_is_one_clear_line(new_user):
    said = new_user(environment={"YUANHANG_DB_ACCOUNT": "not-there"}).sql("SELECT 1")
    assert "no system account 'not-there'" in said["ImproperlyConfigured"]


@pytest.mark.skipif(not AS_ROOT, reason="only root may open files for another account")
def test_root_opens_no_more_than_the_way(place):
    account = Account(SERVER_ACCOUNT.pw_uid, SERVER_ACCOUNT.pw_gid, switch=True)
    program_file, private = place / "wheel/bin/postgres", place / "home"
    program_file.parent.mkdir(parents=True)
    program_file.write_text("")
    program_file.chmod(0o700)
    (place / "wheel").chmod(0o700)
    private.mkdir(mode=0o700)
    account.open_programs([place / "wheel"], program_file)
    account.open_way_to(private / "postgres")
    assert stat.S_IMODE(program_file.stat().st_mode) == 0o705
    assert stat.S_IMODE((place / "wheel").stat().st_mode) == 0o705
    assert stat.S_IMODE(private.stat().st_mode) == 0o701


def test_psql_comes_along(new_user, data_dir):
    script = f"""
from django.conf import settings
options = {{"data_dir": {str(data_dir)!r}, "durable": False}}
database = {{"ENGINE": "yuanhang.postgres", "NAME": "yuanhang", "OPTIONS": options}}
settings.configure(DATABASES={{"default": database}})
import django
django.setup()
from django.core.management import call_command
call_command("dbshell", "--", "-Atc", "SELECT current_database()")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("yuanhang\n", "")
    assert not runs(data_dir)
