"""Who uses the embedded PostgreSQL: the first one in starts it, the last one out stops it.

Three files in the run folder, each held with `flock`, which the kernel drops when a process
ends in whatever way; a list of process numbers would go stale after `kill -9`:

gate     exclusive, while somebody looks, starts or stops
users    shared, by every process that uses the server, for as long as it lives
alive    exclusive, inherited by the server and all its children: whoever gets it knows that
         nothing of the server is left, even if postmaster.pid names a living process
"""

import atexit
import contextlib
import fcntl
import os
import threading
import time
from multiprocessing import process as multiprocessing_process
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from yuanhang.postgres.account import choose_account
from yuanhang.postgres.cluster import START_SECONDS, Cluster

POLL_SECONDS = 0.1

_servers = {}
_servers_guard = threading.Lock()


class Server:
    """This process's view of the server of one data folder."""

    def __init__(self, data_dir, *, durable, account):
        self.data_dir = data_dir
        self._durable = durable
        self._account_name = account
        self._cluster = None
        self._closing = False
        self.forget()

    def forget(self):
        """Begin anew, as a forked child must: what the parent holds is the parent's."""
        self._guard = threading.RLock()
        self._users_fd = None
        self._gate_fd = None
        self._ready = False

    @property
    def cluster(self):
        if self._cluster is None:
            account = choose_account(self.data_dir, self._account_name)
            self._cluster = Cluster(self.data_dir, account, durable=self._durable)
        return self._cluster

    def socket_dir(self):
        """Where the server's socket is or will be."""
        return str(self.cluster.socket_dir())

    def hold(self):
        """Make sure the server runs and stays for as long as this process lives."""
        if not self._ready:
            self.revive()

    def revive(self):
        """Start the server if it is not there, wait for it if it is not ready."""
        with self._guard, _clear_errors(self.data_dir):
            if self._closing:
                raise OperationalError("The process is ending; it opens no more connections.")
            self.cluster.prepare_folders()
            with self._gate():
                self._join()
                self._ensure_running()
            self._ready = True

    def release(self):
        """Leave; the last one out stops the server."""
        with self._guard:
            self._closing = True
            self._ready = False
            if self._users_fd is None:
                return
            with self._gate():
                os.close(self._users_fd)
                self._users_fd = None
                last = self._try_lock("users")
                if last is not None:
                    self._stop()
                    os.close(last)

    def close_inherited(self):
        """In a forked child, close what was the parent's, without unlocking it for them."""
        for descriptor in (self._users_fd, self._gate_fd):
            if descriptor is not None:
                os.close(descriptor)
        self.forget()

    @contextlib.contextmanager
    def _gate(self):
        self._gate_fd = self._open("gate")
        try:
            fcntl.flock(self._gate_fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(self._gate_fd)
            self._gate_fd = None

    def _join(self):
        if self._users_fd is not None:
            return
        self._users_fd = self._open("users")
        fcntl.flock(self._users_fd, fcntl.LOCK_SH)
        _leave_at_exit()

    def _ensure_running(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            alive = self._try_lock("alive")
            if alive is not None:
                try:
                    self.cluster.start(alive)
                finally:
                    os.close(alive)
                return
            # It runs, or it is recovering, or the children of a killed one are still leaving.
            if self.cluster.is_ready():
                return
            if time.monotonic() > deadline:
                raise OperationalError(
                    f"PostgreSQL in {self.data_dir} has not been ready for {START_SECONDS} "
                    f"seconds. See {self.cluster.log_dir}."
                )
            time.sleep(POLL_SECONDS)

    def _stop(self):
        # More than once: a server whose start was interrupted has no number to signal yet.
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            alive = self._try_lock("alive")
            if alive is not None:
                os.close(alive)
                return
            if not self.cluster.stop():
                time.sleep(POLL_SECONDS)

    def _try_lock(self, name):
        descriptor = self._open(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _open(self, name):
        path = self.cluster.run_dir / name
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        account = self.cluster.account
        if account.switch and os.fstat(descriptor).st_uid != account.uid:
            # Root was here first; the owner of the data must be able to take part.
            os.fchown(descriptor, account.uid, account.gid)
        return descriptor


@contextlib.contextmanager
def _clear_errors(data_dir):
    """Turn what the system says about files and accounts into one line for the operator."""
    try:
        yield
    except OSError as error:
        place = error.filename or data_dir
        raise OperationalError(
            f"The embedded PostgreSQL cannot use {place}: {error.strerror}. Its folder must be "
            "writable for this account and hold some free space; or set DATABASE_URL."
        ) from error


def get_server(data_dir=None, *, durable=True, account=None):
    """Return this process's one `Server` for a data folder."""
    if os.name != "posix":
        raise ImproperlyConfigured(
            "The embedded PostgreSQL needs Linux or macOS. Set DATABASE_URL to another server."
        )
    if not data_dir:
        raise ImproperlyConfigured("The embedded PostgreSQL needs OPTIONS['data_dir'].")
    path = Path(data_dir).resolve()
    account = account or os.environ.get("YUANHANG_DB_ACCOUNT") or "nobody"
    with _servers_guard:
        if path not in _servers:
            _servers[path] = Server(path, durable=durable, account=account)
        return _servers[path]


def _release_all():
    for server in list(_servers.values()):
        server.release()


def _leave_at_exit():
    # Children of multiprocessing (the task queue's workers) skip atexit but run finalizers,
    # which their start has emptied of the parent's.
    if multiprocessing_process.parent_process() is not None:
        # Its import costs what most processes never need.
        from multiprocessing.util import Finalize  # noqa: PLC0415

        Finalize(None, _release_all, exitpriority=0)


def _after_fork_in_child():
    # Another thread of the parent may have held this at the moment of the fork.
    global _servers_guard
    _servers_guard = threading.Lock()
    for server in _servers.values():
        server.close_inherited()


atexit.register(_release_all)
os.register_at_fork(after_in_child=_after_fork_in_child)
