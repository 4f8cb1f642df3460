"""Queue work of the volunteering room."""

from . import workflow


def move_lines():
    """Scheduled every minute: offers nobody confirmed go on; tellings put off are told."""
    workflow.lapse_offers()
    workflow.tell_offers()


def remind():
    """Scheduled every ten minutes: a word before each session."""
    workflow.remind()


def settle_sessions():
    """Scheduled hourly: leaders are asked to look at the list; untouched sessions settle."""
    workflow.ask_leaders()
    workflow.settle_due()


def warn_expiries():
    """Scheduled daily: skills that end in 60 days, in 14, or today."""
    workflow.warn_expiries()


def move_errands():
    """Scheduled every minute: leases that ran out."""
    workflow.expire_leases()


def keep_errands():
    """Scheduled hourly: next week's errands, and what is to be forgotten."""
    workflow.make_next()
    workflow.erase_errands()


def tell_search(notice_id):
    """Queued when a search begins."""
    workflow.tell_search(notice_id)


def tell_found(notice_id):
    """Queued when somebody was found."""
    workflow.tell_found(notice_id)


def erase_searches():
    """Scheduled every hour: what tells of a person goes from searches that are over."""
    workflow.erase_searches()
