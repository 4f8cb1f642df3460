"""A backup is restored into an empty database, and every row and file is there again."""

import errno
import os
import subprocess
import sys
import threading
import tracemalloc
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardVoice
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.backup.scratch import ROOT, all_files, all_rows, list_of_ours, scratch
from tests.factories.hazards import advance, report, stored_photo, stored_voice
from tests.threads import at_once
from yuanhang.backup import archive, backups, schema, stored_files
from yuanhang.backup.archive import BackupError
from yuanhang.core.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True)


def full_report(town):
    """A report with a photo and a voice note."""
    attachments = Attachments(
        photos=[stored_photo(media.jpeg(64, 48))], voices=[stored_voice(media.wav(1.0))]
    )
    return report(town.six, by=town.rider, attachments=attachments)


@pytest.fixture
def place(tmp_path):
    with scratch(tmp_path / "there") as place:
        yield place


@pytest.fixture
def bare(tmp_path):
    """A database without tables: the restore makes them, which takes its time."""
    with scratch(tmp_path / "bare", "yuanhang_bare", migrated=False) as place:
        yield place


def nothing_but(place, table):
    """Whether no other table than this has rows."""
    return {name for name, rows in place.rows().items() if rows} <= {table}


def reports_until(stop, town, arrived):
    """Reports keep arriving, in a thread."""

    def run():
        try:
            while not stop.is_set():
                arrived.append(full_report(town).pk)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def made_under_reports(town, folder, monkeypatch):
    """A backup while reports keep arriving: (what was made, what stood in its instant)."""
    for _ in range(3):
        full_report(town)
    stop, arrived, instant = threading.Event(), [], {}
    tables, hold = schema.tables, stored_files.hold

    def seen(state):
        # In the transaction of the backup: what stands in its instant.
        with connection.cursor() as cursor:
            instant["rows"] = all_rows(cursor)
        before = len(arrived)
        while len(arrived) < before + 2:
            stop.wait(0.01)
        return tables(state)

    def held(names, folder):
        missing = hold(names, folder)
        instant["files"] = all_files(folder)
        return missing

    monkeypatch.setattr(schema, "tables", seen)
    monkeypatch.setattr(stored_files, "hold", held)
    thread = reports_until(stop, town, arrived)
    try:
        made = backups.make(folder, key="")
    finally:
        stop.set()
        thread.join()
    assert Hazard.objects.count() > len(instant["rows"]["hazards_hazard"]) >= 3
    return made, instant


def test_every_row_and_file_comes_back_while_reports_keep_arriving(
    town, bare, tmp_path, monkeypatch
):
    made, instant = made_under_reports(town, tmp_path / "kept", monkeypatch)
    done = bare.manage("restore", made.place)
    assert done.returncode == 0, done.stderr
    there = bare.rows()
    restored = [row for row in there["yuanhang_auditevent"] if '"backup.restore"' in row]
    assert len(restored) == 1
    there["yuanhang_auditevent"].remove(restored[0])
    assert there == instant["rows"]
    assert bare.files() == instant["files"]
    assert made.files == len(instant["files"]) >= 3 * 3


def test_without_one_snapshot_rows_of_several_instants_are_mixed(town, tmp_path, monkeypatch):
    """The control: each statement sees what has arrived by then."""

    @contextmanager
    def many_instants():
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text, now()")
            yield cursor.fetchone()

    monkeypatch.setattr(backups.rows, "one_instant", many_instants)
    made, instant = made_under_reports(town, tmp_path / "kept", monkeypatch)
    said = archive.read_manifest(made.place, "")["tables"]
    counts = {name: table["rows"] for name, table in said.items()}
    assert counts != {name: len(rows) for name, rows in instant["rows"].items()}


def test_people_work_on_in_what_was_restored(town, place, tmp_path):
    """Numbers go on behind all that were given, and the ledger's guards are awake."""
    last = full_report(town).pk
    made = backups.make(tmp_path / "kept", key="")
    assert place.manage("restore", made.place).returncode == 0
    with place.ask() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('hazards_hazard', 'id'))")
        assert cursor.fetchone()[0] > last + 1000
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
        names = {name for (name,) in cursor.fetchall()}
        assert {"record_stays", "confirmation_stays", "record_fits", "second_person"} <= names
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
        )
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT conname FROM pg_constraint")
        there = {name for (name,) in cursor.fetchall()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint")
        assert {name for (name,) in cursor.fetchall()} == there
    assert place.manage("check").returncode == 0


def test_a_database_in_use_is_not_overwritten_unless_told(town, place, tmp_path):
    made = backups.make(tmp_path / "kept", key="")
    assert place.manage("restore", made.place).returncode == 0
    again = place.manage("restore", made.place)
    assert again.returncode == 1
    assert "The database is not empty" in again.stderr


def test_a_backup_of_older_code_is_brought_up_to_date(town, place, tmp_path):
    """Restored at its own state, with the rows it has there, and migrated from there."""
    advance(full_report(town), "closed", reviewer=town.grid_worker)
    *_others, earlier, latest = [key for key in schema.applied() if key[0] == "hazards"]
    with scratch(tmp_path / "older", "yuanhang_older") as older:
        made = backups.make(tmp_path / "kept", key="")
        assert older.manage("restore", made.place).returncode == 0
        back = older.manage("migrate", *earlier, "--verbosity=0")
        assert back.returncode == 0, back.stderr
        done = older.manage("backup", tmp_path / "old")
        assert done.returncode == 0, done.stderr
        old = backups.of_folder(tmp_path / "old")[0].place
        # What is there is replaced: its tables are of a later state.
        done = place.manage("restore", old, "--replace")
        assert done.returncode == 0, done.stderr
    with place.ask() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'hazards'")
        assert latest[1] in {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM hazards_hazard")
        assert cursor.fetchone()[0] == 1


def test_a_backup_of_newer_code_is_refused(town, place, tmp_path, monkeypatch):
    applied = schema.applied()
    monkeypatch.setattr(schema, "applied", lambda: [*applied, ("hazards", "9999_later")])
    models_of = schema.models_of
    monkeypatch.setattr(schema, "models_of", lambda _keys: models_of(applied))
    made = backups.make(tmp_path / "kept", key="")
    done = place.manage("restore", made.place)
    assert done.returncode == 1
    assert "The backup is newer than this code: hazards.9999_later." in done.stderr
    assert nothing_but(place, "django_migrations")


def test_a_restore_that_fails_leaves_nothing(town, place, tmp_path, monkeypatch):
    """The last thing of all goes wrong: neither a table nor a file stays, and no row is told."""
    full_report(town)
    real = backups.rows.copy_out

    def one_less(table, writer):
        count = real(table, writer)
        return count + 1 if table.name == "yuanhang_user" else count

    monkeypatch.setattr(backups.rows, "copy_out", one_less)
    made = backups.make(tmp_path / "kept", key="")
    done = place.manage("restore", made.place)
    assert done.returncode == 1
    assert "The table yuanhang_user has" in done.stderr
    assert town.rider.phone not in done.stderr
    assert nothing_but(place, "django_migrations")
    assert place.files() == {}


def test_what_a_backup_says_is_kept_in_the_trail(town, tmp_path, capsys, settings):
    full_report(town)
    call_command("backup", str(tmp_path / "kept"))
    said = capsys.readouterr().out
    event = AuditEvent.objects.get(kind="backup.make")
    assert f"{event.changes['rows']} rows, 3 files" in said
    assert list_of_ours()[1].exists()


DIES = """
import os, sys
import django
django.setup()
from pathlib import Path
from yuanhang.backup import restores, rows
rows.set_sequences = lambda *_given: os._exit(9)
restores.restore(Path(sys.argv[1]), key="", lists=[])
"""


def test_a_restore_that_is_killed_leaves_an_empty_database_and_is_done_again(town, place, tmp_path):
    """Rows and files were written already; the files are taken for those of the next try."""
    full_report(town)
    made = backups.make(tmp_path / "kept", key="")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "yuanhang.settings",
        "DATABASE_URL": place.url,
        "VAR_DIR": str(place.folder),
    }
    command = [sys.executable, "-c", DIES, str(made.place)]
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 9
    assert nothing_but(place, "django_migrations")
    assert len(place.files()) == 3
    done = place.manage("restore", made.place)
    assert done.returncode == 0, done.stderr
    assert len(place.files()) == 3


def test_tables_of_strangers_are_neither_copied_nor_removed(town, place, tmp_path, capsys):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE strange (x int)")
    try:
        call_command("backup", str(tmp_path / "kept"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE strange")
    assert "no table of ours: strange" in capsys.readouterr().err
    with place.ask() as cursor:
        cursor.execute("CREATE TABLE strange (x int); INSERT INTO strange VALUES (7)")
    made = backups.of_folder(tmp_path / "kept")[0].place
    assert place.manage("restore", made).returncode == 0
    assert place.rows()["strange"] == ['{"x": 7}']


# --- files that go while they are read -------------------------------------------------------


def test_a_file_that_goes_between_snapshot_and_link_asks_for_another_snapshot(
    town, tmp_path, monkeypatch
):
    """Its row was erased meanwhile: the backup holds neither, and not the row without the file."""
    case = full_report(town)
    voice = case.voices.get()
    hold, tries = stored_files.hold, []

    def slow(names, folder):
        listed = list(names)
        if not tries:
            erase_voice(voice.pk)
        tries.append(len(listed))
        return hold(listed, folder)

    monkeypatch.setattr(stored_files, "hold", slow)
    made = backups.make(tmp_path / "kept", key="")
    assert tries == [3, 2]
    assert (made.files, made.missing) == (2, ())
    assert archive.read_manifest(made.place, "")["tables"]["hazards_hazardvoice"]["rows"] == 0


def erase_voice(pk):
    """By another process: the transaction of the backup reads only."""

    def erase():
        HazardVoice.objects.get(pk=pk).delete()

    assert at_once(erase, times=1) == [None]


def test_a_file_that_is_held_outlives_its_row(town, tmp_path, monkeypatch):
    case = full_report(town)
    pk = case.voices.get().pk
    copy_out, gone = backups.rows.copy_out, []

    def later(table, writer):
        if not gone:
            gone.append(erase_voice(pk))
        return copy_out(table, writer)

    monkeypatch.setattr(backups.rows, "copy_out", later)
    made = backups.make(tmp_path / "kept", key="")
    assert made.files == 3
    assert not HazardVoice.objects.exists()


def test_a_file_that_was_lost_long_before_is_named_and_stops_nothing(town, tmp_path, stored_files):
    full_report(town)
    lost = stored_files()[0]
    lost.unlink()
    made = backups.make(tmp_path / "kept", key="")
    assert [name.rpartition("/")[2] for name in made.missing] == [lost.name]
    assert made.files == 2


def test_where_files_cannot_be_linked_they_are_copied(town, tmp_path, monkeypatch):
    full_report(town)

    def refuse(_source, _target):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(stored_files.os, "link", refuse)
    assert backups.make(tmp_path / "kept", key="").files == 3


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a\0b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name):
    with pytest.raises(BackupError, match="leads out"):
        stored_files.safe(name)


def test_limits_for_pages_do_not_cut_a_backup_off(town, tmp_path):
    """A server that ends statements after an instant: a page's limit, not a backup's."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '100ms'")
        try:
            with backups.rows.one_instant():
                cursor.execute("SELECT pg_sleep(0.3)")
        finally:
            cursor.execute("SET statement_timeout = 0")


def test_rows_pass_through_bounded_memory(town, tmp_path):
    """Sixty megabytes of rows, in parts of four."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO yuanhang_auditevent (at, kind, target_type, target_id, parent_type,"
            " parent_id, actor_role, changes) SELECT now(), 'x.y', md5(n::text), n, '',"
            " '', 'system', jsonb_build_object('x', repeat(md5(n::text), 60))"
            " FROM generate_series(1, 30000) n"
        )
    tracemalloc.start()
    made = backups.make(tmp_path / "kept", key="a key of more than twenty characters")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made.rows > 30_000
    assert peak < 40e6, peak
