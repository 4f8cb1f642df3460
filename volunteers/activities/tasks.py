"""Queue work: waiting lists and reminders."""

from volunteers.activities import announcing, offers, organisers, reminders
from yuanhang.core.jobs import LONG, job, on


@job
def advance_waitlists():
    """Offers nobody confirmed go on; those whose notice waited for the quiet hours are told.

    So are those who wait in vain when a session begins.
    """
    return {
        "lapsed": offers.lapse_offers(),
        "notified": offers.notify_offers(),
        "ended": offers.end_lines(),
    }


@job
def remind():
    """A word before each session."""
    return reminders.remind()


@job
@on(LONG)
def announce():
    """New activities, to those who asked to hear of them."""
    return announcing.announce()


@job
@on(LONG)
def look_for_organisers():
    """Confidential activities that nobody can look after any more."""
    return organisers.notify_of_gone()
