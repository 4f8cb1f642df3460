"""Whether everything works that a page or a notice needs, and if not, what does not.

For whoever watches the server: a line for each fault, without names of folders or people, because
anybody may read it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from yuanhang.core import jobs
from yuanhang.core.outbox.health import outbox_state

FREE_MIN = 200_000_000  # bytes; some 300 reports with photos
PROBE = b"x" * 4096
JOB_WAITS_MAX = timedelta(minutes=5)
LONG_JOB_WAITS_MAX = timedelta(minutes=30)  # behind an export or a night's erasing
SCHEDULE_LATE_MAX = timedelta(hours=1)
MESSAGE_WAITS_MAX = timedelta(minutes=30)  # beyond the pauses between the first tries

_migrated: list[bool] = []  # once so, always so: the next version is another process


def faults() -> list[str]:
    """What does not work, a line each; empty where all is well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        asked = list(_of_rows())
    except DatabaseError:
        connection.close()
        asked = ["no database"]
    return asked + [line for check in (_disk, _media) if (line := check())]


def _of_rows() -> Iterator[str]:
    checks: tuple[Callable[[], str], ...] = (_migrations, _queue, _gateway)
    for check in checks:
        if line := check():
            yield line


def _migrations() -> str:
    if not _migrated:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return f"migrations: {len(plan)} not applied"
        _migrated.append(True)
    return ""


def _disk() -> str:
    for folder in (_there(Path(default_storage.path(""))), _there(Path(settings.VAR_DIR))):
        free = shutil.disk_usage(folder).free
        if free < FREE_MIN:
            return f"disk: {free // 1_000_000} MB free"
    return ""


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _media() -> str:
    """The folders of photos and of notes about them take a file: not full, not read-only, ours."""
    for folder in (default_storage.path(""), str(settings.WRITING_NOTES)):
        try:
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(PROBE)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return f"media: {error.strerror or 'cannot be written'}"
    return ""


def _queue() -> str:
    """Jobs that nobody takes, or schedules that nobody starts."""
    for queue in jobs.queue_states():
        if queue.late > (LONG_JOB_WAITS_MAX if queue.queue == jobs.LONG else JOB_WAITS_MAX):
            return f"queue: a job has waited for {_minutes(queue.late)} min"
    late = jobs.clock_late()
    if late > SCHEDULE_LATE_MAX:
        return f"queue: a schedule is {_minutes(late)} min late"
    return ""


def _gateway() -> str:
    """The other sides that have not answered for long, and messages that nobody sends."""
    outbox = outbox_state()
    if outbox.failing_for > MESSAGE_WAITS_MAX:
        return f"gateway: no answer for {_minutes(outbox.failing_for)} min"
    if outbox.late > MESSAGE_WAITS_MAX:
        return f"gateway: a message has waited for {_minutes(outbox.late)} min"
    return ""


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
