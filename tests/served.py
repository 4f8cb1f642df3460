"""The shipped web server in front of a test's data, and the environment of production."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from yuanhang.postgres.cluster import PORT, SUPERUSER, program

PATIENCE_SECONDS = 60


def database_url():
    """Where another process finds the test's database."""
    params = connection.get_connection_params()
    host, port = quote(str(params.get("host") or "localhost"), safe=""), params.get("port") or 5432
    login = quote(params.get("user") or "postgres", safe="")
    if params.get("password"):
        login += ":" + quote(params["password"], safe="")
    return f"postgresql://{login}@{host}:{port}/{params['dbname']}"


def copy_tables(server):
    """Make the tables of the tests' own database in another embedded server, with what they hold.

    That costs a second or two; to migrate costs many.
    """
    port = str(PORT)
    here = ["-h", connection.server.socket_dir(), "-p", port, "-U", SUPERUSER]
    there = ["-h", server.socket_dir(), "-p", port, "-U", SUPERUSER]
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.sql")
        for command in (
            [program("createdb"), *there, "yuanhang"],
            [program("pg_dump"), *here, "-f", copy, connection.settings_dict["NAME"]],
            [program("psql"), "-q1", *there, "-f", copy, "-o", os.devnull, "yuanhang"],
        ):
            subprocess.run(command, check=True)


def production(var):
    """The environment of a real server that serves the test's database."""
    kept = {name: value for name, value in os.environ.items() if name != "YUANHANG_ENV"}
    return kept | {
        "DEBUG": "0",
        "DEMO": "0",
        "HTTPS": "0",
        "SECRET_KEY": "only-for-weighing-" + "abcdefgh" * 5,
        "ALLOWED_HOSTS": "localhost",
        "SITE_URL": "https://yuanhang.example",
        "VAR_DIR": str(var),
        "DATABASE_URL": database_url(),
    }


def unweighed(var):
    """The same for tests that load no style sheet: nothing has to be collected."""
    return os.environ | {
        "YUANHANG_ENV": "test",
        "DEMO": "0",
        "VAR_DIR": str(var),
        "DATABASE_URL": database_url(),
    }


@contextlib.contextmanager
def web(environment, processes=1):
    """(port, process) of a running server, for a `with` block."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    own = {"HOST": "localhost", "PORT": str(port), "WEB_PROCESSES": str(processes)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "web"], cwd=settings.BASE_DIR, env=environment | own
    )
    try:
        _wait(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port, process):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        knock = http.client.HTTPConnection("localhost", port, timeout=5)
        with contextlib.closing(knock), contextlib.suppress(OSError):
            knock.request("GET", "/healthz")
            knock.getresponse().read()
            return
        time.sleep(0.1)
    pytest.fail("the web server did not start")
