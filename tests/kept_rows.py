"""Rows that migrations load, put back after a test with real commits: copied, not saved anew.

Django serialises them as JSON and saves each row again before every such test, with two questions a
row: two thirds of the time of such tests. PostgreSQL's COPY does the same in a few milliseconds.
"""

import io

from django.db import transaction
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations

VERSIONS = "yuanhang_tableversion"


def keep(creation):
    """The rows of all tables that have any, as COPY writes them, by table."""
    connection = creation.connection
    kept = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "django_migrations":
                continue
            rows = io.StringIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', rows)
            if rows.getvalue():
                kept[table] = rows.getvalue()
    return kept


def put_back(creation, kept):
    """Copy the kept rows into their tables, where a flush has emptied them.

    Keys to other rows are checked at the commit, so any order will do.
    """
    connection = creation.connection
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM django_content_type)")
        if cursor.fetchone()[0]:
            return  # nothing was flushed yet
        for table, rows in sorted(kept.items(), key=lambda found: found[0] == VERSIONS):
            if table == VERSIONS:
                # Triggers have written some of them meanwhile.
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name of ours
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.StringIO(rows))


def flushed(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
    """The statements that empty the tables: a few rows are sooner deleted than a file made anew.

    Triggers that guard the ledger sleep meanwhile, which takes a superuser; without one, and where
    sequences begin anew, Django's own statements do.
    """
    with operations.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        is_superuser = cursor.fetchone()[0]
    if reset_sequences or not is_superuser:
        return _truncated(
            operations, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
        )
    # As TRUNCATE does: a request that a live server has not yet ended is waited for, or its rows
    # would outlive the test.
    names = ", ".join(f'"{table}"' for table in tables)
    return [
        f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE",
        "SET LOCAL session_replication_role = replica",
        # Names of tables are ours.
        *(f'DELETE FROM "{table}"' for table in tables),  # noqa: S608
    ]


_truncated = DatabaseOperations.sql_flush


def install():
    """Let Django's test cases keep, put back and empty in this way."""
    DatabaseOperations.sql_flush = flushed
    DatabaseCreation.serialize_db_to_string = keep
    DatabaseCreation.deserialize_db_from_string = put_back
