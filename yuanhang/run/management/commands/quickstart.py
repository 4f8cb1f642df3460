"""What `make run` runs: from an installed checkout to a living portal in one command."""

import contextlib
import fcntl
import hashlib
import http.client
import os
import socket
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections, transaction

from yuanhang.run import lan
from yuanhang.run.lan import address, url_host
from yuanhang.run.supervisor import (
    Service,
    ServiceFailedError,
    StopSignals,
    Supervisor,
    end_with_parent,
)

READY_SECONDS = 60


class Command(BaseCommand):
    """Prepare the database and the static files, then run web server and queue worker."""

    help = "Starts the whole portal: database, web server and queue worker."
    # Checks wait until we know that var/ can be written; its error is the clearer one.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--end-with-parent",
            action="store_true",
            help="Stop when the parent process (make) dies, however it dies.",
        )

    def handle(self, *args, **options):
        stop = StopSignals()
        stop.install()
        if options["end_with_parent"]:
            end_with_parent()
        # The log-ins are printed in Chinese also where the terminal cannot show it.
        with contextlib.suppress(AttributeError):
            sys.stdout.reconfigure(errors="replace")
        host, port = address()
        check_var()
        check_port(host, port)
        with one_line_errors(), one_at_a_time():
            self.check()
            self.prepare()
        # From here on a signal only asks; the supervisor ends its children before us.
        stop.interrupts = False
        try:
            Supervisor(services(host, port)).run(
                is_ready=lambda: answers(host, port),
                on_ready=lambda: self.greet(host, port),
                ready_seconds=READY_SECONDS,
                should_stop=stop,
            )
        except ServiceFailedError as error:
            raise CommandError(str(error)) from None
        self.say("Stopped. · 已停止。")

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()

    def prepare(self):
        """Bring database and static files up to date; quick when they are."""
        self.say("Preparing the database ... · 正在准备数据库……")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not get_user_model().objects.exists():
            self.fill()
        connections.close_all()
        collect_static(self.say)

    def fill(self):
        if not settings.DEMO:
            self.say("No user yet: create the first with `manage.py createsuperuser`.")
            return
        self.say("Loading the demo community ... · 正在载入演示数据……")
        # All or nothing: a half-loaded demo would look like a database in use.
        with transaction.atomic():
            call_command("seed_demo")

    def greet(self, host, port):
        lines = ["", f"  庆小驿 · http://{url_host(host)}:{port}/", ""]
        if settings.DEBUG and (names := lan.addresses(host)):
            lines += self.for_phones([lan.url(name, port) for name in names])
        if settings.DEMO:
            demo = import_module("yuanhang.demo.log_ins")
            lines += [f"  Demo log-ins, password {demo.PASSWORD} · 演示账号（密码同上）", ""]
            lines += [f"    {phone}  {role}" for phone, role in demo.LOGINS]
            lines.append("")
        lines += ["  Ctrl-C stops everything. · 按 Ctrl-C 停止。", ""]
        self.say("\n".join(lines))

    def for_phones(self, urls):
        """What a phone in the same network opens: as text, and the first as a QR code."""
        code = lan.qr(urls[0], encoding=sys.stdout.encoding, colours=sys.stdout.isatty())
        return [
            "  On a phone in the same network · 同一网络里的手机扫码或打开：",
            *(f"    {found}" for found in urls),
            "",
            *code.splitlines(),
            "",
            "  Without https phones give no position and no microphone: choose a place, attach a",
            "  recording. · 没有 https，手机不给定位和录音：手选地点、传录音文件。",
            "",
        ]


def check_var():
    """Refuse to begin where we cannot write."""
    try:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.VAR_DIR):
            pass
    except OSError as error:
        raise CommandError(
            f"Cannot write to {settings.VAR_DIR} ({reason(error)}). Make it writable, or set "
            "VAR_DIR to another folder."
        ) from None


def check_port(host, port):
    """Refuse to begin when somebody else answers at our address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host} port {port} ({reason(error)}). Choose another port: "
            "PORT=9000 make run"
        ) from None


def reason(error):
    """The system's own words, without what Python adds to them."""
    return error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno)


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


@contextlib.contextmanager
def one_at_a_time():
    """Two portals of one checkout share the data; only one of them prepares it at a time."""
    with open(settings.VAR_DIR / "quickstart.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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


def services(host, port):
    """The processes of a small portal on one machine."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    # Posters are drawn by the one, messages are written by the other.
    shown = lan.environment(lan.addresses(host), port) | {"HOST": host, "PORT": str(port)}
    return [
        Service("web server", [*manage, "web"], shown),
        Service("queue worker", [*manage, "queues"], shown),
    ]


def answers(host, port):
    """Say whether the web server answers /healthz."""
    allowed = [name for name in settings.ALLOWED_HOSTS if not name.startswith(("*", "."))]
    connection = http.client.HTTPConnection(url_host(host).strip("[]"), port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": (allowed or ["localhost"])[0]})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
