"""What a search kept of a person goes when it is over, also when two act at once."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from tests.threads import PATIENCE, at_once
from tests.volunteers.searches.test_searches import (
    ADD,
    TELLTALES,
    form,
    known,
    lost,
    mark,
    over,
    page,
)
from volunteers.searches import searches, tasks
from volunteers.searches.models import SearchedArea, SearchNotice, SearchPhoto, SearchQuerySet
from yuanhang.core import retention
from yuanhang.core import tasks as core_tasks
from yuanhang.core.models import AuditEvent
from yuanhang.core.stored_files import sweep


@pytest.fixture
def notice(town):
    known(town.rider)
    return lost(town)


# --- erased for good ------------------------------------------------------------------------


def dump():
    """Every text, JSON and binary column of every table, as one text; what is packed, unpacked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type NOT LIKE '%int%'"
            " AND data_type NOT LIKE 'timestamp%' AND data_type NOT IN ('boolean', 'date')"
        )
        columns = cursor.fetchall()
        parts = []
        for table, column in columns:
            cursor.execute(f'SELECT "{column}"::text FROM "{table}"')  # noqa: S608 - our own
            parts += [value for (value,) in cursor.fetchall() if value]
    parts += [json.dumps(row.get_decoded(), default=str) for row in BrowserSession.objects.all()]
    parts += [str(item.task) for item in OrmQ.objects.all()]
    assert {"volunteers_searchnotice", "yuanhang_notice", "django_admin_log"} <= {
        table for table, _column in columns
    }
    return "\n".join(parts)


def traces():
    """Which words about the person the database holds, also as JSON writes them."""
    text = dump()
    return {w for w in TELLTALES if w in text or json.dumps(w)[1:-1] in text}


def disk(settings):
    """The bytes of every file below the media folder."""
    root = Path(settings.MEDIA_ROOT)
    return [path.read_bytes() for path in root.rglob("*") if path.is_file()]


def lived_through(town, visit, commit):
    """A search with everything that may leave a trace: admin, notices, marks, looks, changes."""
    values = form(town, text="戴紫貂皮帽", last_seen_place="三棵杨树底下")
    visit(town.staff).post(ADD, values, follow=True)
    notice = SearchNotice.objects.get()
    url = f"/admin/volunteers/searchnotice/{notice.pk}/change/"
    visit(town.staff).get(url)
    with commit():
        changed = form(town, text="戴紫貂皮帽", last_seen_place="三棵杨树底下", latitude="46.5")
        visit(town.staff).post(url, changed | {"longitude": "124.9"}, follow=True)
    tasks.notify_begun(notice.pk)
    mark(visit, town.rider, notice, town.six)
    page(visit, town.rider, notice)
    return notice


@pytest.mark.parametrize("end", ["found", "over"])
def test_nothing_of_the_person_is_left_on_disk_or_in_the_database(
    town, visit, commit, settings, end
):
    notice = lived_through(town, visit, commit)
    assert traces() == set(TELLTALES)  # so the search below finds what is there
    assert len(disk(settings)) == 2
    if end == "found":
        visit(town.staff).post(notice.get_absolute_url(), {"act": "found"}, follow=True)
    else:
        over(notice)
    with commit():
        core_tasks.erase("volunteers.search")
    tasks.notify_found(notice.pk)
    visit(town.staff).get("/admin/volunteers/searchnotice/")
    assert traces() == set()
    assert disk(settings) == []
    assert not SearchPhoto.objects.exists()
    assert not SearchedArea.objects.exists()
    notice.refresh_from_db()
    assert notice.erased_at
    assert (notice.latitude, notice.last_seen_at) == (None, None)
    assert AuditEvent.objects.filter(kind="volunteers.search_erase").count() == 1


def test_a_running_search_is_left_alone(town, notice, stored_files):
    assert searches.erase_old() == 0
    assert traces() == set(TELLTALES)
    assert len(stored_files()) == 2


def test_the_job_runs_every_hour_and_a_second_run_does_nothing(town, notice, commit):
    job = Schedule.objects.get(func="yuanhang.core.tasks.erase_hourly")
    assert (job.schedule_type, job.minutes, job.repeats) == (Schedule.MINUTES, 60, -1)
    assert retention.rule("volunteers.search").hourly
    searches.end(notice, by=town.staff)
    with commit():
        assert searches.erase_old() == 1
    assert searches.erase_old() == 0


def test_a_file_that_no_row_knows_is_swept_but_not_while_it_may_be_coming(notice, settings):
    folder = Path(settings.MEDIA_ROOT) / "volunteers" / "searches" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    old, fresh = folder / "old.jpg", folder / "fresh.jpg"
    for path in (old, fresh):
        path.write_bytes(b"\xff\xd8")
    sweep.sweep(timezone.now() + timedelta(hours=23))
    assert fresh.exists()
    sweep.sweep(timezone.now() + timedelta(hours=25))
    assert not old.exists()
    assert not fresh.exists()
    assert len(disk(settings)) == 2  # the running search's own


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"ends_at": timedelta(days=14, seconds=1)}, "search_ends_within_14_days"),
        ({"ends_at": timedelta(0)}, "search_ends_within_14_days"),
        ({"erased_at": timedelta(days=1)}, "search_ended_before_erased"),
        (
            {"erased_at": timedelta(days=1), "ended_at": timedelta(days=1)},
            "search_erased_to_the_last_word",
        ),
    ],
)
def test_the_database_itself_keeps_the_limits(notice, change, constraint):
    values = {name: notice.activated_at + after for name, after in change.items()}
    with pytest.raises(IntegrityError, match=constraint):
        SearchNotice.objects.filter(pk=notice.pk).update(**values)


# --- at the same instant --------------------------------------------------------------------


@pytest.fixture
def race(transactional_db, notice):
    """For real threads with real commits."""
    return notice


def unlock(monkeypatch):
    """No lock, and both have read the search before either goes on."""
    both_read = threading.Barrier(2)

    class Rows:
        def __init__(self, rows):
            self.rows = rows

        def values_list(self, *names, **how):
            return self.rows.values_list(*names, **how)

        def get(self, **which):
            row = self.rows.get(**which)
            both_read.wait(timeout=PATIENCE)
            return row

    monkeypatch.setattr(SearchQuerySet, "select_for_update", lambda rows, **_how: Rows(rows))


def ended_at_once(notice, by):
    results = at_once(lambda: searches.end(notice, by=by))
    return sorted(type(result).__name__ for result in results)


def test_two_who_found_at_once_are_one_end(race, town):
    assert ended_at_once(race, town.staff) == ["NotAllowedNowError", "SearchNotice"]
    assert AuditEvent.objects.filter(kind="volunteers.search_end").count() == 1


def test_without_the_lock_it_ends_twice(race, town, monkeypatch):
    unlock(monkeypatch)
    assert ended_at_once(race, town.staff) == ["SearchNotice", "SearchNotice"]


def tapped_at_once(notice, grid, user):
    def tap():
        client = Client()
        client.force_login(user)
        data = {"act": "seen", "grid": grid.pk}
        return client.post(notice.get_absolute_url(), data).status_code

    return at_once(tap)


def test_two_taps_at_once_are_one_look(race, town):
    assert tapped_at_once(race, town.six, town.rider) == [302, 302]
    assert SearchedArea.objects.count() == 1


def test_without_the_lock_two_taps_are_two_looks(race, town, monkeypatch):
    unlock(monkeypatch)
    real = SearchedArea.objects.create
    both_asked = threading.Barrier(2)

    def together(**values):
        both_asked.wait(timeout=PATIENCE)
        return real(**values)

    monkeypatch.setattr(SearchedArea.objects, "create", together)
    tapped_at_once(race, town.six, town.rider)
    assert SearchedArea.objects.count() == 2


def tapped_while_erased(notice, grid, user):
    """A tap on a running search while the job erases it: how many looks are left behind."""
    workflow_now = timezone.now() + timedelta(days=14)
    acts = iter(
        [
            lambda: searches.mark_area(notice, grid, by=user),
            lambda: searches.erase_old(now=workflow_now),
        ]
    )
    choosing = threading.Lock()

    def act():
        with choosing:
            chosen = next(acts)
        return chosen()

    at_once(act)
    return SearchedArea.objects.count()


def test_no_look_outlives_the_search(race, town):
    assert tapped_while_erased(race, town.six, town.rider) == 0


def test_without_the_lock_a_look_stays_behind(race, town, monkeypatch):
    """The control: the tap read a running search, and wrote after the job had erased it."""
    unlock(monkeypatch)
    real, erased = SearchedArea.objects.create, threading.Event()
    monkeypatch.setattr(
        SearchedArea.objects,
        "create",
        lambda **values: (erased.wait(timeout=PATIENCE), real(**values))[1],
    )
    record = retention.audit.record

    def recorded(*args, **kwargs):
        record(*args, **kwargs)
        if args[0] == "core.retention":
            erased.set()

    monkeypatch.setattr(retention.audit, "record", recorded)
    assert tapped_while_erased(race, town.six, town.rider) == 1


def test_two_jobs_at_once_erase_once(race, town):
    searches.end(race, by=town.staff)
    assert sorted(at_once(searches.erase_old)) == [0, 1]
    assert AuditEvent.objects.filter(kind="volunteers.search_erase").count() == 1
