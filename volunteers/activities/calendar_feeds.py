"""A person's calendar address: made on request, replaced or ended at will."""

from django.db import transaction

from volunteers.activities.models.calendar_feeds import CalendarFeed
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.models import User


@transaction.atomic
def renew_feed(*, by: User) -> CalendarFeed:
    """A fresh address for the person's calendar; an older one stops working. Returns the feed."""
    end_feed(by=by)
    feed, is_new = CalendarFeed.objects.get_or_create(user=by)
    if is_new:
        audit.record("volunteers.renew_feed", feed, by=by)
    return feed


@transaction.atomic
def end_feed(*, by: User) -> None:
    """End the person's address: no calendar may read on."""
    for feed in CalendarFeed.objects.select_for_update().filter(user=by):
        audit.record("volunteers.end_feed", feed, by=by)
        erasures.delete(feed)
