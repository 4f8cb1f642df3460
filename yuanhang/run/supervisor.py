"""Keeps processes running under one command: web server and queues, and the queues' clusters."""

import ctypes
import os
import signal
import subprocess
import sys
import time

POLL_SECONDS = 0.2
STOP_SECONDS = 10
SWEEP_SECONDS = 0.5
SWEEP_POLL_SECONDS = 0.02
# A process that dies more often than this within the window is broken, not unlucky.
MOST_DEATHS = 4
DEATHS_WINDOW_SECONDS = 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG = 1


class ServiceFailedError(Exception):
    """A process cannot be kept running; the message is meant for the operator."""


def end_with_parent():
    """Ask the kernel for SIGTERM when the parent dies, also by `kill -9`.

    Linux only; elsewhere a killed parent leaves its children running.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Service:
    """One child process that is started again when it dies."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.command = command
        self.environment = os.environ | (environment or {})
        self.process = None
        self.deaths = []
        self.start_at = 0.0

    def start(self):
        """Begin the process, which ends with us."""
        parent = os.getpid()

        def before_exec():
            end_with_parent()
            # The parent may have died before the kernel knew our wish.
            if os.getppid() != parent:
                os._exit(1)

        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            # Its own session: Ctrl-C reaches only us, and we end the child in good order.
            start_new_session=True,
            preexec_fn=before_exec,
        )

    def tend(self, now):
        """Notice a death and start again, a little later each time."""
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.sweep()
        self.process = None
        self.deaths = [at for at in self.deaths if now - at < DEATHS_WINDOW_SECONDS] + [now]
        if len(self.deaths) > MOST_DEATHS:
            raise ServiceFailedError(
                f"The {self.name} keeps ending (last exit code {code}); giving up."
            )
        delay = 2 ** (len(self.deaths) - 1)
        print(f"The {self.name} ended ({code}); starting it again in {delay} s.", file=sys.stderr)
        self.start_at = now + delay

    def ask_to_stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline):
        """Wait until the deadline, then leave nothing of it behind."""
        if not self.process:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"The {self.name} does not stop; killing it.", file=sys.stderr)
            self.process.kill()
            self.process.wait()
        self.sweep()

    def sweep(self):
        """Kill what a dead child left of its own children, and see them gone.

        What they hold, such as the lock that keeps the embedded database running, is held until
        the kernel is done with them. Zombies count as there, so the wait is bounded.
        """
        deadline = time.monotonic() + SWEEP_SECONDS
        try:
            while time.monotonic() < deadline:
                os.killpg(self.process.pid, signal.SIGKILL)
                time.sleep(SWEEP_POLL_SECONDS)
        except (ProcessLookupError, PermissionError):
            # Nobody is left. (macOS says "not permitted" of a group of zombies.)
            return


class Supervisor:
    """Runs services until it is told to stop, or one of them cannot be kept running."""

    def __init__(self, services, stop_seconds=None):
        self.services = services
        self.stop_seconds = stop_seconds

    def run(self, is_ready, on_ready, ready_seconds, should_stop):
        """Start everything, call `on_ready` once `is_ready` says so, and stay."""
        ready_by = time.monotonic() + ready_seconds
        ready = False
        try:
            while not should_stop():
                now = time.monotonic()
                for service in self.services:
                    service.tend(now)
                if not ready and is_ready():
                    ready = True
                    on_ready()
                if not ready and now > ready_by:
                    raise ServiceFailedError(
                        f"The web server has not answered within {ready_seconds} s."
                    )
                time.sleep(POLL_SECONDS)
        finally:
            self.stop()

    def stop(self):
        for service in self.services:
            service.ask_to_stop()
        deadline = time.monotonic() + (self.stop_seconds or STOP_SECONDS)
        for service in self.services:
            service.wait(deadline)


class StopSignals:
    """Turns the stop signals into a plain answer to "should we stop?".

    While `interrupts` is set, during the preparations, the first signal ends them by
    SystemExit. Later signals do nothing: everything we do at the end is bounded in time, and
    an impatient second Ctrl-C must not break off the database's shutdown.
    """

    def __init__(self):
        self.asked = False
        self.interrupts = True

    def install(self):
        for number in STOP_SIGNALS:
            signal.signal(number, self._note)

    def __call__(self):
        return self.asked

    def _note(self, _number, _frame):
        first, self.asked = not self.asked, True
        if first and self.interrupts:
            raise SystemExit(0)
