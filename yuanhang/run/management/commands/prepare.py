"""What a start prepares: database and static files, and the demo in an empty database."""

import contextlib
import hashlib
import os
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections, transaction

from yuanhang.run.forked import ForkedService
from yuanhang.run.supervisor import StopSignals

STOP_SECONDS = 5


class Command(BaseCommand):
    """Bring database and static files up to date; quick when they are."""

    help = "Prepares what quickstart needs: database, demo, static files."
    # Within `one_line_errors` only, like all else.
    requires_system_checks = []

    def handle(self, *args, **options):
        StopSignals().install()
        with one_line_errors():
            self.check()
        # Beside the database, which leaves the other cores idle.
        static = ForkedService("collecting of static files", self.collect)
        static.start()
        try:
            with one_line_errors():
                self.prepare()
            code = static.process.wait()
        finally:
            static.ask_to_stop()
            static.wait(time.monotonic() + STOP_SECONDS)
        if code:
            raise SystemExit(code)

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()

    def collect(self):
        """The static files, in a process of its own."""
        try:
            with one_line_errors():
                collect_static(self.say)
        except CommandError as error:
            self.stderr.write(f"CommandError: {error}")
            raise SystemExit(1) from None

    def prepare(self):
        """The database, migrated, and with the demo in it where it was empty."""
        self.say("Preparing the database ... · 正在准备数据库……")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not get_user_model().objects.exists():
            self.fill()
        connections.close_all()

    def fill(self):
        if not settings.DEMO:
            self.say("No user yet: create the first with `manage.py createsuperuser`.")
            return
        self.say("Loading the demo community ... · 正在载入演示数据……")
        # All or nothing: a half-loaded demo would look like a database in use.
        with transaction.atomic():
            call_command("seed_demo")


@contextlib.contextmanager
def one_line_errors():
    """Show the operator what is wrong with the set-up, not where in our code it showed."""
    try:
        yield
    except (DatabaseError, ImproperlyConfigured) as error:
        raise CommandError(" ".join(str(error).split())) from error
    except OSError as error:
        # Such as files under var/ that another account made.
        raise CommandError(f"Cannot go on under {settings.VAR_DIR}: {error}") from error


def collect_static(say):
    """Collect the static files when one of them, or where they go, has changed."""
    note = settings.VAR_DIR / "static.fingerprint"
    now = fingerprint()
    if note.exists() and note.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return
    say("Collecting static files ... · 正在整理静态文件……")
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(now)


def fingerprint():
    """A digest of every static file's name, size and time; reading them would take too long."""
    digest = hashlib.sha256(f"{settings.STATIC_ROOT} {settings.STORAGES}".encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            found = os.stat(storage.path(name))
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
