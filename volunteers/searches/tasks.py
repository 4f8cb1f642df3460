"""Queue work: telling a community, and erasing what is over."""

from volunteers.searches import searches
from yuanhang.core.jobs import LONG, job, on


@job
@on(LONG)
def notify_begun(notice_id):
    """Queued when a search begins."""
    return searches.notify_begun(notice_id)


@job
@on(LONG)
def notify_found(notice_id):
    """Queued when somebody was found."""
    return searches.notify_found(notice_id)
