"""A bench city: its database, filled once a day, and its server."""

import json
import time
from pathlib import Path

import psycopg2
from django.utils import timezone

from tests.bench import serve
from yuanhang.postgres.cluster import PORT


class City:
    """So many cases and what goes with them, and who is logged in there."""

    def __init__(self, server, size):
        self.size, self.name = size, f"bench_{size}"
        name = self.name
        self.env = serve.environment(server, name)
        note = serve.VAR / f"{name}.json"
        made = json.loads(note.read_text()) if note.exists() else {}
        if made.get("day") != timezone.localdate().isoformat():
            note.unlink(missing_ok=True)
            self._fill(server, name, note)
            made = json.loads(note.read_text())
        serve.manage(self.env, "manage.py", "migrate", "-v0")
        self.sessions = {who: key for who, (_pk, key) in made["cast"].items()} | {"guest": ""}

    def _fill(self, server, name, note):
        began = time.perf_counter()
        print(f"Filling {self.size} cases ...", flush=True)
        _anew(server, name)
        serve.manage(self.env, "manage.py", "migrate", "-v0")
        serve.manage(self.env, "manage.py", "createcachetable", "-v0")
        if not Path(serve.VAR / "static").is_dir():
            serve.manage(self.env, "manage.py", "collectstatic", "--noinput", "-v0")
        serve.manage(self.env, "-m", "tests.bench.fill", str(self.size), str(note))
        print(f"  made in {time.perf_counter() - began:.0f} s", flush=True)

    def web(self):
        """The shipped server in front of it, for a `with` block."""
        return serve.web(self.env)


def _connected(server, name):
    return psycopg2.connect(host=server.socket_dir(), port=PORT, user="postgres", dbname=name)


def asked(server, name, query):
    """The one row that answers a question to a city's database."""
    connection = _connected(server, name)
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def _anew(server, name):
    connection = _connected(server, "postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
