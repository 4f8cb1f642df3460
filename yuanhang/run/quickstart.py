"""What `make run` runs: from an installed checkout to a living portal in one command.

It stays as long as the portal, and only looks after others. So it loads the settings and not the
product: what has to be prepared, a process prepares that ends with it (`manage.py prepare`).
"""

import argparse
import contextlib
import fcntl
import http.client
import os
import socket
import sys
import tempfile
import time
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from yuanhang.postgres.base import hold_embedded
from yuanhang.run import lan
from yuanhang.run.lan import address, url_host
from yuanhang.run.supervisor import (
    STOP_SECONDS,
    Service,
    ServiceFailedError,
    StopSignals,
    Supervisor,
    end_with_parent,
)

READY_SECONDS = 60


def main(arguments):
    """Run the portal until it is told to stop; what is wrong with the set-up is one line."""
    parser = argparse.ArgumentParser(
        prog="manage.py quickstart",
        description="Starts the whole portal: database, web server and queue worker.",
    )
    parser.add_argument(
        "--end-with-parent",
        action="store_true",
        help="Stop when the parent process (make) dies, however it dies.",
    )
    options = parser.parse_args(arguments)
    try:
        run(ends_with_parent=options.end_with_parent)
    except (CommandError, ImproperlyConfigured) as error:
        print(f"CommandError: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def run(*, ends_with_parent):
    """Prepare, then keep web server and queues running. Raises CommandError."""
    stop = StopSignals()
    stop.install()
    if ends_with_parent:
        end_with_parent()
    # The log-ins are printed in Chinese also where the terminal cannot show it.
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(errors="replace")
    host, port = address()
    check_var()
    check_port(host, port)
    with one_at_a_time():
        prepare()
    # From here on a signal only asks; the supervisor ends its children before us.
    stop.interrupts = False
    try:
        Supervisor(services(host, port)).run(
            is_ready=lambda: answers(host, port),
            on_ready=lambda: greet(host, port),
            ready_seconds=READY_SECONDS,
            should_stop=stop,
        )
    except ServiceFailedError as error:
        raise CommandError(str(error)) from None
    say("Stopped. · 已停止。")


def say(text):
    """A line for the operator, at once."""
    print(text, flush=True)


def prepare():
    """Have everything prepared; while that process loads the product, we start its database."""
    process = Service("preparation", manage("prepare"))
    process.start()
    try:
        hold_embedded()
        code = process.process.wait()
    finally:
        process.ask_to_stop()
        process.wait(time.monotonic() + STOP_SECONDS)
    if code:
        # It has said why.
        raise SystemExit(1)


def manage(*arguments):
    """The command line of one of our commands."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def greet(host, port):
    """Where it is, and for the demo who can log in."""
    lines = ["", f"  庆小驿 · http://{url_host(host)}:{port}/", ""]
    if settings.DEBUG and (names := lan.addresses(host)):
        lines += for_phones([lan.url(name, port) for name in names])
    if settings.DEMO:
        demo = import_module("yuanhang.demo.log_ins")
        lines += [f"  Demo log-ins, password {demo.PASSWORD} · 演示账号（密码同上）", ""]
        lines += [f"    {phone}  {role}" for phone, role in demo.LOGINS]
        lines.append("")
    lines += ["  Ctrl-C stops everything. · 按 Ctrl-C 停止。", ""]
    say("\n".join(lines))


def for_phones(urls):
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
def one_at_a_time():
    """Two portals of one checkout share the data; only one of them prepares it at a time."""
    place = settings.VAR_DIR / "quickstart.lock"
    try:
        lock = open(place, "w")  # noqa: SIM115 - closed below
    except OSError as error:
        # Such as one that another account made.
        raise CommandError(f"Cannot go on under {settings.VAR_DIR}: {error}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def services(host, port):
    """The processes of a small portal on one machine."""
    # Posters are drawn by the one, messages are written by the other.
    shown = lan.environment(lan.addresses(host), port) | {"HOST": host, "PORT": str(port)}
    return [
        Service("web server", manage("web"), shown),
        Service("queue worker", manage("queues"), shown),
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
