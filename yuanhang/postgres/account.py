"""The system account PostgreSQL runs as.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root hands it to an
unprivileged account, and makes sure that this account can reach the data and the programs.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

READABLE = stat.S_IROTH
PASSABLE = stat.S_IXOTH


@dataclass(frozen=True)
class Account:
    """Who runs the server; `switch` is true when we are root and must step down first."""

    uid: int
    gid: int
    switch: bool

    @property
    def process_options(self):
        """Arguments that make `subprocess` run a program as this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_private_folder(self, path):
        """Make `path` a folder that only this account (and root) can enter."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.switch:
            os.chown(path, self.uid, self.gid)
            # Only root needs this: an ordinary user's mkdir already made it so.
            path.chmod(0o700)

    def own_tree(self, top):
        """Hand over a data folder that root copied here, as after restoring a backup."""
        for folder, _, files in os.walk(top):
            os.chown(folder, self.uid, self.gid)
            for name in files:
                os.chown(Path(folder, name), self.uid, self.gid, follow_symlinks=False)

    def open_way_to(self, path):
        """As root, let the account walk through the folders above `path`.

        Only the right to pass is added (o+x), never to list or to read: a checkout under a
        private home folder works, and what else lies there stays as hidden as its own mode.
        """
        if not self.switch:
            return
        for folder in Path(path).resolve().parents:
            mode = folder.stat()
            if not self._may_pass(mode):
                folder.chmod(stat.S_IMODE(mode.st_mode) | PASSABLE)

    def open_programs(self, trees, landmark):
        """As root, make installed programs readable; `umask 077` installs them for root alone.

        `landmark` is the file looked at to know whether there is anything to do, and is
        opened last, so that an interrupted run is done again.
        """
        if not self.switch:
            return
        wanted = READABLE | PASSABLE
        if landmark.stat().st_mode & wanted == wanted:
            return
        for tree in trees:
            for folder, _, files in os.walk(tree):
                _add_mode(Path(folder), wanted)
                for name in files:
                    path = Path(folder, name)
                    runs = path.stat().st_mode & stat.S_IXUSR
                    if path != landmark:
                        _add_mode(path, wanted if runs else READABLE)
        _add_mode(landmark, wanted)

    def _may_pass(self, mode):
        if mode.st_uid == self.uid:
            return mode.st_mode & stat.S_IXUSR
        if mode.st_gid == self.gid:
            return mode.st_mode & stat.S_IXGRP
        return mode.st_mode & PASSABLE


def _add_mode(path, bits):
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)


def choose_account(data_dir, wanted):
    """Return the account for the server of `data_dir`.

    An existing data folder decides for root: whoever owns it runs it, so that root may look
    after an ordinary user's checkout without taking it away from them.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    if (data_dir / "PG_VERSION").exists():
        owner = data_dir.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid, switch=True)
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError:
        raise ImproperlyConfigured(
            f"PostgreSQL does not run as root, and there is no system account {wanted!r} to run "
            "it as. Set YUANHANG_DB_ACCOUNT to an existing unprivileged account."
        ) from None
    if entry.pw_uid == 0:
        raise ImproperlyConfigured(
            "PostgreSQL does not run as root. Set YUANHANG_DB_ACCOUNT to another account."
        )
    return Account(entry.pw_uid, entry.pw_gid, switch=True)
