"""Trying a backup as an operator would: `manage.py restore` into a scratch database, then away.

In a process of its own, whose settings name another database and another folder for files; what it
restores is seen by nobody and never sent.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import DatabaseError, connection

from yuanhang.backup import archive, notifications
from yuanhang.backup.archive import BackupError
from yuanhang.backup.backups import Backup
from yuanhang.core import audit
from yuanhang.core.erasures import erasure_list

SCRATCH = "yuanhang_restore_test"
REASON_MAX = 300
# A database that an operator named holds what the last trial left.
REPLACE = ["--replace"]


def run(backup: Backup) -> str:
    """Restore a backup into a scratch database and tell the administrators how it went.

    Returns why it failed, empty when all of it was restored.
    """
    started = time.monotonic()
    try:
        said = archive.read_manifest(backup.place, settings.BACKUP_KEY)
        with _scratch_database() as url, _scratch_folder() as folder:
            reason = _restore(backup.place, url, folder)
    except (BackupError, OSError) as error:
        reason = str(error)
    except DatabaseError:
        reason = "No scratch database could be made; RESTORE_TEST_DATABASE_URL may name one."
    audit.record("backup.try_restore", None, changes={"at": str(backup.at), "good": not reason})
    if reason:
        notifications.notify_not_restored(backup.at, reason[:REASON_MAX])
    else:
        notifications.notify_tried(
            backup.at,
            rows=sum(table["rows"] for table in said["tables"].values()),
            files=said["files"],
            minutes=max(1, round((time.monotonic() - started) / 60)),
        )
    return reason


def _restore(place: Path, url: str, folder: Path) -> str:
    """Run the command; returns its last line of error, empty when it succeeded."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(place)]
    command += [*REPLACE, "--erasures", str(erasure_list.path())]
    own = {
        "DATABASE_URL": url,
        "VAR_DIR": str(folder),
        # Its own list: this restore is none that anybody goes on from.
        "BACKUP_DIR": str(folder / "backups"),
        "BACKUP_KEY": settings.BACKUP_KEY,
    }
    done = subprocess.run(
        command, env=os.environ | own, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    # Of a traceback nothing is passed on: it may repeat what a row says.
    clear = [line for line in lines if line.startswith("CommandError: ")]
    return clear[-1].removeprefix("CommandError: ") if clear else "The command broke off."


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="restore-test-", dir=settings.VAR_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _scratch_database() -> Iterator[str]:
    """The address of an empty database, which is dropped behind; or the one that is set."""
    if settings.RESTORE_TEST_DATABASE_URL:
        yield settings.RESTORE_TEST_DATABASE_URL
        return
    name = f"{SCRATCH}_{os.getpid()}"
    connection.ensure_connection()
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - what Django's tests are made with
        _drop_left(cursor)
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield _address(name)
    finally:
        with connection._nodb_cursor() as cursor:  # noqa: SLF001
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")


def _drop_left(cursor) -> None:
    """Drop what trials that were killed left behind, unless somebody is in it or at it."""
    cursor.execute(
        "SELECT datname FROM pg_database d WHERE datname ~ %s AND NOT EXISTS"
        " (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [f"^{SCRATCH}_[0-9]+$"],
    )
    for (name,) in cursor.fetchall():
        if not _lives(int(name.rpartition("_")[2])):
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another account's
    return True


def _address(name: str) -> str:
    """DATABASE_URL of another database on our server."""
    given = os.environ.get("DATABASE_URL", "").strip()
    if given:
        return urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    params = connection.get_connection_params()
    where = f"{quote(params['host'], safe='')}:{params['port']}"
    return f"postgres://{quote(params['user'])}@{where}/{name}"
