"""Two people at the same instant: real threads, each with a connection of its own."""

import threading

from django.db import connection

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
