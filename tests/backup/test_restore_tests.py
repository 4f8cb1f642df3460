"""The monthly trial: a real restore in a scratch database, which administrators hear of."""

import os

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.backup.scratch import scratch
from tests.backup.test_round_trip import full_report
from yuanhang.backup import backups
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

# One at a time: a trial sweeps away scratch databases that nobody is in.
pytestmark = [pytest.mark.xdist_group("restore_test"), pytest.mark.django_db(transaction=True)]
KEY = "a key of more than twenty characters"


@pytest.fixture
def _child(monkeypatch, settings, tmp_path):
    """What the child process needs to know of a test's own settings."""
    monkeypatch.setenv("YUANHANG_ENV", "test")
    monkeypatch.setenv("DEMO", "0")
    settings.VAR_DIR = tmp_path
    settings.BACKUP_KEY = KEY


def scratch_databases():
    """Those of this process: others may be at work on the same server."""
    with connection.cursor() as cursor:
        own = f"restore_test_{os.getpid()}$"
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [own])
        return cursor.fetchall()


@pytest.mark.usefixtures("_child")
def test_the_newest_backup_is_restored_and_everything_thrown_away(town, settings, tmp_path):
    full_report(town)
    made = backups.make(settings.BACKUP_DIR, key=KEY)
    list_before = (settings.BACKUP_DIR / "erasures.jsonl").read_bytes()
    call_command("restore_test")
    notice = Notice.objects.get(kind="backup.restore_tried")
    assert notice.recipient == town.admin
    assert "恢复演练成功" in notice.title
    assert f"{made.rows}行、{made.files}个文件" in "".join(notice.body.split())
    assert AuditEvent.objects.get(kind="backup.try_restore").changes["good"] is True
    assert scratch_databases() == []
    assert not list(tmp_path.glob("restore-test-*"))
    assert (settings.BACKUP_DIR / "erasures.jsonl").read_bytes() == list_before


@pytest.mark.usefixtures("_child")
def test_a_backup_that_cannot_be_restored_is_told_without_what_rows_say(
    town, settings, monkeypatch
):
    """A report that points at nobody: the database refuses it, and repeats the row."""
    with scratch(settings.VAR_DIR / "x") as place:
        monkeypatch.setattr(settings, "RESTORE_TEST_DATABASE_URL", place.url)
        full_report(town)
        real = backups.rows.copy_out
        monkeypatch.setattr(
            backups.rows,
            "copy_out",
            lambda table, writer: 0 if table.name == "yuanhang_user" else real(table, writer),
        )
        backups.make(settings.BACKUP_DIR, key=KEY)
        # Tables are there and empty; without this they would be made anew, which takes its time.
        monkeypatch.setattr("yuanhang.backup.restore_tests.REPLACE", [])
        with pytest.raises(CommandError, match="refused something of the backup"):
            call_command("restore_test")
    notice = Notice.objects.get(kind="backup.restore_failed")
    assert notice.recipient == town.admin
    assert "23503" in notice.body
    assert str(town.rider.pk) not in notice.body.replace("23503", "")


def test_without_a_backup_it_says_so(town):
    with pytest.raises(CommandError, match="There is no backup"):
        call_command("restore_test")


@pytest.mark.usefixtures("_child")
def test_a_damaged_backup_is_told(town, settings):
    made = backups.make(settings.BACKUP_DIR, key=KEY)
    data = bytearray(made.place.read_bytes())
    data[len(data) // 2] ^= 1
    made.place.write_bytes(data)
    with pytest.raises(CommandError, match="cannot be restored"):
        call_command("restore_test")
    assert Notice.objects.get(kind="backup.restore_failed").recipient == town.admin
    assert scratch_databases() == []
