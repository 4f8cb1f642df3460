"""A real PgBouncer in front of the test's database: a connection is lent for one transaction."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from django.db import connection

from yuanhang.postgres.cluster import PORT, SUPERUSER

HOW = "needs PgBouncer (Debian: apt-get install pgbouncer)"
CONFIG = """
[databases]
* = host={socket_dir} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
min_pool_size = 3
; Each transaction meets another connection of the server, as it does by chance under load.
server_round_robin = 1
"""


def program():
    """Its path, or None; in sbin, where an ordinary account does not look."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


def require():
    """Skip without it, aloud; or fail, where it has to be there."""
    if program() is None:
        (pytest.fail if os.environ.get("REQUIRE_PGBOUNCER") == "1" else pytest.skip)(HOW)


@contextlib.contextmanager
def running():
    """The address of the test's database behind a PgBouncer of our own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen_port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="yh-bouncer-"))
    folder.chmod(0o755)  # read by another account
    config, log = folder / "pgbouncer.ini", folder / "log"
    config.write_text(
        CONFIG.format(
            socket_dir=connection.server.socket_dir(),
            port=PORT,
            user=SUPERUSER,
            listen_port=listen_port,
        )
    )
    # It refuses to be root; the server's own account may enter the socket's folder.
    account = os.environ.get("YUANHANG_DB_ACCOUNT") or "nobody"
    with log.open("w") as output:
        process = subprocess.Popen(
            [program(), str(config)],
            user=account if os.getuid() == 0 else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(listen_port, process, log)
        name = connection.settings_dict["NAME"]
        yield f"postgres://{SUPERUSER}@127.0.0.1:{listen_port}/{name}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder)


def _wait_for(port, process, log):
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail(f"PgBouncer does not answer: {log.read_text()}")
