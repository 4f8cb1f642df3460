"""A backup of one version of PostgreSQL restored into another, and back."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.backup.scratch import Place, copy_schema, list_of_ours, scratch
from tests.backup.test_round_trip import full_report
from yuanhang.backup import backups
from yuanhang.postgres.cluster import PORT, SUPERUSER, VERSION

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = [
    Path(found).parent
    for found in sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if Path(found).parts[-3] != VERSION
]
HERE = "yuanhang_other_version"


@pytest.fixture
def other_server():
    """The socket's folder of a running server of another version."""
    programs = OTHERS[0]
    top = Path(tempfile.mkdtemp(prefix="yh-pg-"))
    account = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(top, nobody.pw_uid, nobody.pw_gid)
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(name, *arguments):
        subprocess.run(
            [programs / name, *arguments], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, **account,
        )  # fmt: skip

    run("initdb", f"--pgdata={top}/data", f"--username={SUPERUSER}", "--auth=trust",
        "--encoding=UTF8", "--locale=C", "--no-sync")  # fmt: skip
    options = f"-c listen_addresses= -c port={PORT} -c unix_socket_directories={top} -c fsync=off"
    run("pg_ctl", "start", "--wait", f"--pgdata={top}/data", f"--log={top}/log", f"-o{options}")
    try:
        yield top
    finally:
        run("pg_ctl", "stop", "--mode=immediate", f"--pgdata={top}/data")
        shutil.rmtree(top)


@pytest.mark.skipif(not OTHERS, reason="no other version of PostgreSQL is installed here")
def test_a_backup_fits_a_server_of_another_version(town, tmp_path, other_server):
    """No tool of either version takes part."""
    full_report(town)
    made = backups.make(tmp_path / "kept", key="")
    with Place("postgres", tmp_path, other_server).ask() as cursor:
        cursor.execute(f"CREATE DATABASE {HERE} TEMPLATE template0 ENCODING 'UTF8'")
    other = Place(HERE, tmp_path / "other", other_server)
    other.folder.mkdir()
    copy_schema(other)
    done = other.manage("restore", made.place, *list_of_ours())
    assert done.returncode == 0, done.stderr
    done = other.manage("backup", tmp_path / "back")
    assert done.returncode == 0, done.stderr
    with scratch(tmp_path / "here") as place:
        done = place.manage("restore", backups.of_folder(tmp_path / "back")[0].place)
        assert done.returncode == 0, done.stderr
        first, second = other.rows(), place.rows()
        for table in ("yuanhang_auditevent",):  # of the backup, and of the second restore
            assert len(second.pop(table)) + 1 == len(first.pop(table)) + 1
        assert first == second
        assert place.files() == other.files()
