"""A service that is a copy of this process, so that what it has loaded lies in memory once."""

import os
import signal
import subprocess
import sys
import time
import traceback

from yuanhang.run.supervisor import STOP_SIGNALS, Service, end_with_parent

POLL_SECONDS = 0.05


class ForkedService(Service):
    """One child process that runs a function, and is started again when it dies."""

    def __init__(self, name, function):
        super().__init__(name, command=None)
        self.function = function

    def start(self):
        """Begin the copy, which ends with us."""
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self.process = ForkedProcess(pid)
            return
        code = 1
        try:
            # A group of its own, so that Ctrl-C reaches only us, and nothing of it stays behind.
            os.setsid()
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            end_with_parent()
            # The parent may have died before the kernel knew our wish.
            if os.getppid() == parent:
                self.function()
                code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            # Past the end that the parent has prepared for itself.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


class ForkedProcess:
    """What `Service` asks of a process, by the number of a child of ours."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        """How it ended, or None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=None):
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(POLL_SECONDS)
        return self.returncode

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
