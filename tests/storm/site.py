"""`manage.py quickstart` as a machine keeps it: started again whenever it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.run.test_quickstart import ROOT, children_of, descendants

RESTART_SECONDS = 0.5
PATIENCE_SECONDS = 180


class Site:
    """A portal in the environment of production, with a database and files of its own."""

    def __init__(self, folder, port, **environment):
        self.var, self.port = folder / "var", port
        self.log = folder / "site.log"
        left_out = {"DATABASE_URL", "COVERAGE_PROCESS_CONFIG", "YUANHANG_ENV"}
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        self.environment = kept | {
            "DEBUG": "0",
            "HTTPS": "0",
            "SECRET_KEY": "only-for-storms-" + "abcdefgh" * 5,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "SITE_URL": "https://yuanhang.example",
            "VAR_DIR": str(self.var),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "yuanhang.settings",
            **environment,
        }
        self.starts, self.process = 0, None
        self._over, self._keeper = threading.Event(), None

    def begin(self):
        """Start it, and again whenever it has ended."""
        self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self):
        self.starts += 1
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "quickstart"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _keep(self):
        while not self._over.wait(RESTART_SECONDS):
            if self.process.poll() is not None:
                self._start()

    def wait_until_up(self):
        """Until it answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def answers(self, path="/healthz"):
        """Whether a page is there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as page:
                return page.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def said(self):
        """The end of its log."""
        return self.log.read_text(errors="replace")[-6000:]

    def do(self, *module, given=None, **environment):
        """The output of a module that is run in the site's environment."""
        done = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=self.environment | environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self):
        """Stop it for good."""
        self._over.set()
        if self._keeper is None:
            return None
        self._keeper.join()
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(60)

    # --- who could be killed ------------------------------------------------------------------

    def postmaster(self):
        """Its process number; None while there is none."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.var / "postgres" / "postmaster.pid").read_text().split()[0])
        return None

    def victims(self, kind):
        """Process numbers of a kind, at this moment."""
        top = self.process.pid
        parents = {word: pid for pid in children_of(top) if (word := _command(pid))}
        web, queues = parents.get("web"), parents.get("queues")
        postmaster = self.postmaster()
        backends = children_of(postmaster) if postmaster else []
        web_children = children_of(web) if web else []
        return {
            "supervisor": lambda: [top],
            "web parent": lambda: [web],
            "web child": lambda: web_children,
            "helper": lambda: [pid for child in web_children for pid in _begun_by_threads(child)],
            "queue process": lambda: sorted(descendants(queues)) if queues else [],
            "postmaster": lambda: [postmaster],
            "backend": lambda: [pid for pid in backends if "[local]" in _title(pid)],
        }[kind]()

    def kill(self, kind, rng):
        """`kill -9` one of a kind; False where there is none."""
        found = [pid for pid in self.victims(kind) if pid]
        if not found:
            return False
        try:
            os.kill(rng.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def _begun_by_threads(pid):
    with contextlib.suppress(OSError):
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(number) for text in lists for number in text.split()]
    return []


def _title(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    return ""


def _command(pid):
    """The word after manage.py."""
    return _title(pid).rpartition("manage.py ")[2].split(" ")[0]
