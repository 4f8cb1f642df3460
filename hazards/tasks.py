"""Queue work of the hazard room."""

from . import watch


def watch_promises():
    """Scheduled every five minutes."""
    watch.watch()
