"""Rows by COPY, out of one snapshot and into empty tables.

Text that every version of PostgreSQL writes and reads alike: no tool has to fit the server.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from yuanhang.backup.archive import BackupError, RowParts, Writer
from yuanhang.backup.schema import Table

# How values are written and read, whatever the server or the account prefers.
FORMS = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "timezone": "UTC",
}
# Limits meant for pages; not every version has all of them.
LIMITS = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_timeout",
)
# Numbers that were given after the backup are not given again: they may stand in links, messages
# and the list of erasures. More rows than that no table gets between a backup and its restore.
SEQUENCE_JUMP = 1_000_000


@contextmanager
def one_instant() -> Iterator[tuple[str, Any]]:
    """A read-only transaction that sees one instant: (the snapshot as PostgreSQL writes it, time).

    The time is the server's, before the snapshot was taken.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        prepare()
        cursor.execute("SELECT pg_current_snapshot()::text, transaction_timestamp()")
        yield cursor.fetchone()


def prepare() -> None:
    """Set the forms of values and lift the limits, for this transaction."""
    with connection.cursor() as cursor:
        for name, value in FORMS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(
            "SELECT set_config(name, '0', true) FROM pg_settings WHERE name = ANY(%s)",
            [list(LIMITS)],
        )


def _named(table: Table) -> str:
    quote = connection.ops.quote_name
    return f"{quote(table.name)} ({', '.join(quote(name) for name in table.columns)})"


def copy_out(table: Table, writer: Writer) -> int:
    """Add a table's rows to an archive; returns how many."""
    parts = RowParts(writer, table.name)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {_named(table)} TO STDOUT", parts)
    parts.flush_part()
    return parts.rows


def sequences(tables: Iterable[Table]) -> dict[str, int]:
    """How far the numbers of all tables have gone; never behind the rows of the snapshot."""
    found = {}
    with connection.cursor() as cursor:
        for name in (name for table in tables for name in table.sequences):
            # pg_get_serial_sequence has quoted the name.
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")  # noqa: S608
            found[name] = cursor.fetchone()[0]
    return found


def set_sequences(tables: Iterable[Table], reached: dict[str, int]) -> None:
    """Let the numbers go on well behind those that were ever given."""
    with connection.cursor() as cursor:
        for name in (name for table in tables for name in table.sequences):
            cursor.execute(
                "SELECT setval(%s::regclass, %s)", [name, reached.get(name, 0) + SEQUENCE_JUMP]
            )


class _Incoming:
    """What COPY reads from: parts of rows one after the other."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._ready = parts, b""

    def read(self, size: int = -1) -> bytes:
        while not self._ready:
            try:
                self._ready = next(self._parts)
            except StopIteration:
                return b""
        size = len(self._ready) if size < 0 else size
        data, self._ready = self._ready[:size], self._ready[size:]
        return data


def copy_in(table: Table, parts: Iterator[bytes]) -> int:
    """Copy rows into an empty table; returns how many."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {_named(table)} FROM STDIN", _Incoming(parts))
        return cursor.rowcount


@contextmanager
def unguarded(tables: Iterable[Table]) -> Iterator[None]:
    """While rows are copied: no triggers of ours, and no keys between tables.

    The ledger's guards ask about other rows, and what they guard was written under them. Keys are
    made again at the end, which checks every row at once; rows in any order and in circles will do.
    """
    quote, names = connection.ops.quote_name, [table.name for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype = 'f'"
            " AND connamespace = current_schema()::regnamespace"
        )
        keys = cursor.fetchall()
        for table, key, _said in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quote(key)}")
        guarded = _with_triggers(cursor)
        for name in guarded:
            cursor.execute(f"ALTER TABLE {quote(name)} DISABLE TRIGGER USER")
        # What migrations put there, all at once: no key holds them any more.
        cursor.execute(f"TRUNCATE {', '.join(quote(name) for name in names)}")
        yield
        for name in guarded:
            cursor.execute(f"ALTER TABLE {quote(name)} ENABLE TRIGGER USER")
        for table, key, said in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {quote(key)} {said}")
        for name in names:
            cursor.execute(f"ANALYZE {quote(name)}")


def _with_triggers(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT DISTINCT relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        " AND t.tgenabled <> 'D'"
    )
    return [name for (name,) in cursor.fetchall()]


def compare(table: Table, columns: list[str]) -> None:
    """Raises BackupError when a table here has other columns than in the backup."""
    if list(table.columns) != columns:
        other = sorted(set(table.columns) ^ set(columns))
        raise BackupError(f"The table {table.name} is not that of the backup: {', '.join(other)}.")
