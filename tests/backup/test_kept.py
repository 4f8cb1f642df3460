"""Which backups are kept, and that the schedule makes, deletes and reports."""

import os
from datetime import datetime, timedelta

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.backup.scratch import Place
from yuanhang.backup import archive, backups, tasks
from yuanhang.backup.backups import Backup
from yuanhang.core import audit
from yuanhang.core.erasures import erasure_list
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


def days(count, end=datetime(2026, 12, 31, 4, 0)):
    """One backup a night, oldest first."""
    nights = [timezone.make_aware(end) - timedelta(days=back) for back in range(count)]
    return [Backup(f"{night:%Y-%m-%d}", night) for night in reversed(nights)]


def kept(found, keep):
    gone = backups.outdated(found, keep)
    return [backup.place for backup in found if backup not in gone]


def test_days_weeks_and_months_are_kept():
    found = days(400)
    assert kept(found, (7, 0, 0)) == [f"2026-12-{day}" for day in range(25, 32)]
    # Sundays, and the week that has not ended.
    assert kept(found, (1, 4, 0)) == ["2026-12-13", "2026-12-20", "2026-12-27", "2026-12-31"]
    assert kept(found, (1, 0, 3)) == ["2026-10-31", "2026-11-30", "2026-12-31"]
    assert len(kept(found, (7, 4, 12))) == 7 + 2 + 11
    assert kept(found[:5], (7, 4, 12)) == [backup.place for backup in found[:5]]
    assert kept([], (7, 4, 12)) == []


def test_a_gap_makes_nothing_go_that_would_have_stayed():
    """Spans without a backup do not count: after a month of failures the older ones are there."""
    found = days(30, end=datetime(2026, 6, 1, 4, 0)) + days(1)
    assert len(kept(found, (7, 0, 0))) == 7
    assert found[-1].place in kept(found, (1, 0, 0))


def test_days_are_those_of_the_local_calendar():
    """Seven in the morning by Shanghai's clock is the day before by UTC."""
    early, late = (timezone.make_aware(datetime(2026, 5, 2, hour)) for hour in (1, 23))
    found = [Backup("early", early), Backup("late", late)]
    assert kept(found, (7, 0, 0)) == ["late"]


def test_only_our_own_files_are_counted_and_deleted(tmp_path):
    names = ["yuanhang-20260101T040000Z.backup", "yuanhang-20260102T040000Z.backup"]
    others = ["erasures.jsonl", "yuanhang-mine.backup", "yuanhang-20260101T040000Z.backup.copy"]
    for name in names + others:
        (tmp_path / name).write_text("")
    assert backups.prune(tmp_path, (1, 0, 0)) == 1
    assert {path.name for path in tmp_path.iterdir()} == {names[1], *others}


@pytest.fixture
def started(monkeypatch):
    commands = []
    monkeypatch.setattr(tasks, "start", lambda *arguments: commands.append(arguments))
    return commands


def test_the_schedule_is_off_until_a_folder_is_set(town, settings, started):
    settings.BACKUP_DAILY = False
    assert (tasks.back_up_daily(), tasks.try_restore_monthly()) == (0, 0)
    settings.BACKUP_DAILY = True
    assert tasks.back_up_daily() == 1
    assert started == [("backup", "--daily")]


def test_a_restore_is_tried_once_a_month_when_there_is_a_backup(town, settings, started):
    settings.BACKUP_DAILY = True
    assert tasks.try_restore_monthly() == 0
    settings.BACKUP_DIR.mkdir()
    (settings.BACKUP_DIR / f"yuanhang-{timezone.now():%Y%m%dT%H%M%SZ}.backup").write_text("")
    assert tasks.try_restore_monthly() == 1
    event = audit.record("backup.try_restore", None)
    assert tasks.try_restore_monthly() == 0
    type(event).objects.filter(pk=event.pk).update(at=timezone.now() - timedelta(days=28))
    assert tasks.try_restore_monthly() == 1
    assert started == [("restore_test",)] * 2


def test_administrators_hear_when_there_was_no_backup_for_two_days(town, settings, started):
    settings.BACKUP_DAILY = True
    settings.BACKUP_DIR.mkdir()
    old = timezone.now() - timedelta(days=3)
    (settings.BACKUP_DIR / f"yuanhang-{old:%Y%m%dT%H%M%SZ}.backup").write_text("")
    tasks.back_up_daily()
    tasks.back_up_daily()
    notice = Notice.objects.get()
    assert notice.recipient == town.admin
    assert notice.title.endswith("以后没有新备份")
    assert len(started) == 2


@pytest.mark.django_db(transaction=True)
def test_a_daily_backup_that_fails_is_told_and_one_by_hand_is_not(town, settings):
    settings.BACKUP_DIR.mkdir()
    with backups.one_at_a_time(settings.BACKUP_DIR):
        for arguments in ([], ["--daily"]):
            with pytest.raises(CommandError, match="is under way"):
                call_command("backup", *arguments)
    notice = Notice.objects.get()
    assert notice.recipient == town.admin
    assert "备份没做成" in notice.title
    assert "under way" in notice.body


@pytest.mark.django_db(transaction=True)
def test_a_killed_run_is_swept_away_by_the_next(town, settings, tmp_path):
    """Its half a file, and its links to stored files."""
    settings.BACKUP_DIR.mkdir()
    (settings.BACKUP_DIR / ".yuanhang-20260101T040000Z.backup.partial").write_text("half")
    left = settings.MEDIA_ROOT / ".backup-0123"
    left.mkdir(parents=True)
    (left / "x.jpg").write_text("x")
    made = backups.make(settings.BACKUP_DIR, key="")
    names = {path.name for path in settings.BACKUP_DIR.iterdir()}
    assert names == {".lock", "erasures.jsonl", made.place.name}
    assert list(settings.MEDIA_ROOT.iterdir()) == []


@pytest.mark.parametrize("text", ["7,4", "0,4,12", "7,-1,2", "a,b,c", ""])
def test_how_long_is_asked_in_three_numbers(settings, text):
    settings.BACKUP_KEEP, settings.BACKUP_KEY = text, "short"
    found = {error.id for error in run_checks() if error.id.startswith("backup.")}
    assert found == {"backup.E001", "backup.E002"}
    settings.BACKUP_KEEP, settings.BACKUP_KEY = "7,0,0", "k" * 20
    assert [error for error in run_checks() if error.id.startswith("backup.")] == []


@pytest.mark.django_db(transaction=True)
def test_the_days_job_leaves_a_backup_behind(town, settings, tmp_path, monkeypatch):
    """The process that the queue starts, with a key from its environment."""
    key = "a key of more than twenty characters"
    own = Place(connection.settings_dict["NAME"], tmp_path)
    environment = {
        "YUANHANG_ENV": "test",
        "DATABASE_URL": own.url,
        "VAR_DIR": str(tmp_path),
        "BACKUP_DIR": str(settings.BACKUP_DIR),
        "BACKUP_KEY": key,
        "DEMO": "0",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.BACKUP_DAILY = True
    assert tasks.back_up_daily() == 1
    assert tasks._started[-1].wait(60) == 0
    (backup,) = backups.of_folder(settings.BACKUP_DIR)
    assert archive.read_manifest(backup.place, key)["tables"]["yuanhang_user"]["rows"] == 8
    assert AuditEvent.objects.filter(kind="backup.make").count() == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand something over")
def test_what_root_makes_belongs_to_the_account_of_the_site(settings, tmp_path):
    """An operator's backup by root must not keep the site from writing its list."""
    settings.VAR_DIR, settings.BACKUP_DIR = tmp_path / "var", tmp_path / "backups"
    settings.VAR_DIR.mkdir()
    os.chown(settings.VAR_DIR, 65534, 65534)
    erasure_list.begin()
    with backups.one_at_a_time(settings.BACKUP_DIR):
        made = [settings.BACKUP_DIR, *settings.BACKUP_DIR.iterdir()]
    assert len(made) == 3
    assert {path.stat().st_uid for path in made} == {65534}
