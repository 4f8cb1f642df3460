"""Which tables belong to us at a state of the migrations, and what of them is copied.

Asked of the migrations that were applied and not of today's models: a backup made just before an
update holds the tables of before.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState, StateApps

from yuanhang.backup.archive import BackupError

Key = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """A table, its columns without those that the database computes, and its sequences."""

    name: str
    columns: tuple[str, ...]
    sequences: tuple[str, ...]


def applied() -> list[Key]:
    """The migrations of this database, in the order of the graph.

    Raises BackupError when this code does not know all of them.
    """
    executor = MigrationExecutor(connection)
    done = set(executor.loader.applied_migrations)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    known = [(one.app_label, one.name) for one, _backwards in plan]
    if strange := sorted(done - set(known)):
        raise BackupError(f"The database is newer than this code: {'.'.join(strange[0])}.")
    return [key for key in known if key in done]


def models_of(migrations: list[Key]) -> StateApps:
    """The models as they were at this state."""
    loader = MigrationLoader(connection)
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for key in migrations:
        loader.graph.nodes[key].mutate_state(state, preserve=False)
    return state.apps


def tables(state: StateApps) -> list[Table]:
    """Our tables at a state, those that are there; by name."""
    models = state.get_models(include_auto_created=True, include_swapped=True)
    names = {
        model._meta.db_table
        for model in models
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped
    }
    names |= {MigrationRecorder.Migration._meta.db_table, *_cache_tables()}
    return [_described(name) for name in sorted(names & set(present()))]


def _cache_tables() -> list[str]:
    # Made by a migration, and no model's.
    return [
        one["LOCATION"] for one in settings.CACHES.values() if "DatabaseCache" in one["BACKEND"]
    ]


def present() -> list[str]:
    """All tables of the database, whosever they are."""
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _described(name: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, pg_get_serial_sequence(quote_ident(%s), attname)"
            " FROM pg_attribute WHERE attrelid = quote_ident(%s)::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
            " ORDER BY attname",
            [name, name],
        )
        rows = cursor.fetchall()
    return Table(
        name,
        columns=tuple(column for column, _sequence in rows),
        sequences=tuple(sequence for _column, sequence in rows if sequence),
    )


def is_at(migrations: list[Key]) -> bool:
    """Whether the database is at exactly this state of the migrations already."""
    return set(MigrationLoader(connection).applied_migrations) == set(migrations)


def make(migrations: list[Key]) -> None:
    """Bring an empty database to exactly this state of the migrations.

    Raises BackupError when this code is older than the backup.
    """
    executor = MigrationExecutor(connection, _settled)
    wanted = set(migrations)
    if strange := sorted(wanted - set(executor.loader.graph.nodes)):
        raise BackupError(f"The backup is newer than this code: {'.'.join(strange[0])}.")
    followed = {
        parent.key
        for key in wanted
        for parent in executor.loader.graph.node_map[key].parents
        if key[0] == parent.key[0]
    }
    executor.migrate(sorted(wanted - followed))
    if set(MigrationLoader(connection).applied_migrations) != wanted:
        raise BackupError("The backup's migrations do not fit those of this code.")


def _settled(action: str, *_rest: Any) -> None:
    """Check what a migration left to the commit: the next one may alter the same table."""
    if action in {"apply_success", "render_success"}:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def ours() -> set[str]:
    """The tables of this database that belong to our apps, of whatever version, by their names."""
    return {name for name in present() if _is_ours(name)}


def _is_ours(name: str) -> bool:
    # Django's own say so: django_session, django_migrations.
    labels = ("django", *(app.label for app in apps.get_app_configs()))
    return name in _cache_tables() or name.startswith(tuple(f"{label}_" for label in labels))


def is_empty() -> bool:
    """Whether nobody has worked with the database yet.

    What `migrate` loads does not count: as long as there is neither an account nor an event in the
    trail, nobody changed it.
    """
    there = ours()
    if not there:
        return True
    if not {"yuanhang_user", "yuanhang_auditevent"} <= there:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM yuanhang_user)"
            " AND NOT EXISTS (SELECT FROM yuanhang_auditevent)"
        )
        return cursor.fetchone()[0]


def drop() -> None:
    """Remove our tables with what hangs on them, and our functions; strangers' are left alone."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for name in sorted(ours()):
            cursor.execute(f"DROP TABLE IF EXISTS {quote(name)} CASCADE")
        cursor.execute(
            "SELECT proname, oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
        )
        for name, function in cursor.fetchall():
            if _is_ours(name):
                cursor.execute(f"DROP ROUTINE {function} CASCADE")
