"""Two people at the same instant: real threads, each with a connection of its own."""

import contextlib
import threading

from django.db import connection
from django.db.models import QuerySet

PATIENCE = 20  # seconds; a thread that waits longer is stuck


def at_once(function, times=2):
    """Call `function` in threads that start together; its results and errors, in no order."""
    start, results = threading.Barrier(times), []

    def run():
        try:
            start.wait(timeout=PATIENCE)
            results.append(function())
        except Exception as error:  # a thread's error would pass unseen
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return results


def together(*functions):
    """Call each function in a thread of its own; results and errors in the functions' order."""
    found, turn, lock = {}, iter(range(len(functions))), threading.Lock()

    def run():
        with lock:
            index = next(turn)
        try:
            found[index] = functions[index]()
        except Exception as error:
            found[index] = error

    at_once(run, times=len(functions))
    return [found[index] for index in range(len(functions))]


def meet(monkeypatch, module, name, times=2, *, after=True):
    """Threads wait for each other at a function, if they can both get there."""
    real, barrier = getattr(module, name), threading.Barrier(times)

    def wait():
        # A lock keeps the other one out, and then nobody comes.
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=1)

    def meeting(*args, **kwargs):
        if not after:
            wait()
        result = real(*args, **kwargs)
        if after:
            wait()
        return result

    monkeypatch.setattr(module, name, meeting)


def without_row_locks(monkeypatch):
    """Every FOR UPDATE becomes a plain read."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
