"""The shipped web server in front of a bench city, and its memory."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import psutil
from django.conf import settings

from yuanhang.postgres.cluster import PORT
from yuanhang.postgres.server import get_server

VAR = settings.VAR_DIR / "bench"
START_SECONDS = 60


def database_server():
    """The embedded PostgreSQL of the bench: it stops with this process."""
    VAR.mkdir(parents=True, exist_ok=True)
    server = get_server(VAR / "postgres")
    server.hold()
    return server


def environment(server, database):
    """What a command of production needs to work on a bench city."""
    socket_dir = quote(server.socket_dir(), safe="")
    kept = {name: value for name, value in os.environ.items() if name != "YUANHANG_ENV"}
    return kept | {
        "DEBUG": "0",
        "DEMO": "0",
        "HTTPS": "0",
        "SECRET_KEY": "only-for-measuring-" + "abcdefgh" * 5,
        "ALLOWED_HOSTS": "localhost",
        "SITE_URL": "https://yuanhang.example",
        "VAR_DIR": str(VAR),
        "DATABASE_URL": f"postgresql://postgres@{socket_dir}:{PORT}/{database}",
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
    }


@contextlib.contextmanager
def web(env):
    """The port of a running server; it ends with the block."""
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    env = env | {"HOST": "localhost", "PORT": str(port)}
    command = [sys.executable, "manage.py", "web"]
    process = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR)
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port, process):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("localhost", port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.1)
    raise RuntimeError("the web server did not begin to answer")


def manage(env, *arguments):
    """Run a command of `manage.py`, or of a module, to its end."""
    subprocess.run([sys.executable, *arguments], env=env, cwd=settings.BASE_DIR, check=True)


def memory(pid):
    """MB that each process of a server holds: the parent first."""
    parent = psutil.Process(pid)
    return [p.memory_info().rss / 1e6 for p in (parent, *parent.children(recursive=True))]
