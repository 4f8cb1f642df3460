"""An empty database beside the test's own, and commands run against it as an operator runs them."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from django.conf import settings
from django.db import connection

from yuanhang.postgres.cluster import PORT, SUPERUSER, program

ROOT = Path(__file__).resolve().parents[2]


class Place:
    """A database and a folder for files, both empty at first."""

    def __init__(self, name, folder, host=None, user=SUPERUSER):
        self.name, self.folder, self.user = name, folder, user
        self.host = host or connection.get_connection_params()["host"]
        self.url = f"postgres://{user}@{quote(str(self.host), safe='')}:{PORT}/{name}"

    def manage(self, *arguments, **environment):
        """`manage.py` with this place's settings."""
        own = {
            "YUANHANG_ENV": "test",
            "DATABASE_URL": self.url,
            "VAR_DIR": str(self.folder),
            "BACKUP_DIR": str(self.folder / "backups"),
            "DEMO": "0",
        }
        left_out = {"COVERAGE_PROCESS_CONFIG"}
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        return subprocess.run(
            [sys.executable, "manage.py", *(str(argument) for argument in arguments)],
            cwd=ROOT,
            env=kept | own | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def rows(self):
        """All rows, see `all_rows`."""
        with self.ask() as cursor:
            return all_rows(cursor)

    @contextmanager
    def ask(self):
        """A cursor of its own."""
        link = psycopg2.connect(host=str(self.host), port=PORT, user=self.user, dbname=self.name)
        link.autocommit = True
        try:
            yield link.cursor()
        finally:
            link.close()

    def files(self):
        """Content and mode of all stored files, by name."""
        return all_files(self.folder / "test-media")


def all_files(top):
    """Content and mode of all files below a folder, by name."""
    return {
        path.relative_to(top).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in Path(top).rglob("*")
        if path.is_file()
    }


def all_rows(cursor):
    """The rows of every table as text, sorted, by table."""
    cursor.execute("SET timezone = 'UTC'")
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = current_schema()::regnamespace"
    )
    found = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')  # noqa: S608 - ours
        found[table] = sorted(row for (row,) in cursor.fetchall())
    return found


def copy_schema(place):
    """What `migrate` makes, in a second: tables without rows, and the list of migrations."""
    own = connection.settings_dict["NAME"]
    where = ["-p", PORT, "-U", SUPERUSER, "-h"]
    here = connection.get_connection_params()["host"]
    dump = [program("pg_dump"), *where, here, "--schema-only", own]
    sql = subprocess.run(dump, capture_output=True, check=True).stdout
    # Not every version has it.
    sql = sql.replace(b"SET transaction_timeout = 0;\n", b"")
    load = [program("psql"), *where, place.host, "-q", "-v", "ON_ERROR_STOP=1", "-d", place.name]
    subprocess.run(load, input=sql, stdout=subprocess.DEVNULL, check=True)
    with connection.cursor() as here, place.ask() as there:
        here.execute("SELECT app, name, applied FROM django_migrations")
        for row in here.fetchall():
            there.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", row
            )


@contextmanager
def scratch(folder, name="yuanhang_scratch", *, migrated=True):
    """A Place whose database is dropped behind.

    Without `migrated` it has no tables at all, and its owner is an account without privileges, as
    a hosted server gives one.
    """
    name = f"{name}_{os.getpid()}"
    owner = SUPERUSER if migrated else name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        if owner != SUPERUSER:
            cursor.execute(f"DROP ROLE IF EXISTS {owner}")
            cursor.execute(f"CREATE ROLE {owner} LOGIN NOSUPERUSER NOCREATEDB")
        cursor.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        place = Place(name, folder, user=owner)
        if migrated:
            copy_schema(place)
        yield place
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            if owner != SUPERUSER:
                cursor.execute(f"DROP ROLE {owner}")


def list_of_ours():
    """The option that names the test's own list of erasures."""
    return "--erasures", Path(settings.BACKUP_DIR) / "erasures.jsonl"
