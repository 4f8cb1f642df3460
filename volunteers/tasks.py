"""Queue work of the volunteering room."""

from . import workflow


def move_lines():
    """Scheduled every minute: offers nobody confirmed go on; tellings put off are told."""
    workflow.lapse_offers()
    workflow.tell_offers()


def remind():
    """Scheduled every ten minutes: a word before each session."""
    workflow.remind()
