"""Answers to the floor's questions."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from stations.postings import postings
from stations.postings.access import has_post
from stations.postings.models import Posting
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated, session_hours_wanted


@receiver(session_hours_wanted)
def short_sessions_for_posts(sender: Any, user: User, **kwargs: Any) -> int | datetime | None:
    """People who see other people's reports stay logged in for a shift, not for a season.

    Where a post begins on a later day, the session ends a shift after that at the latest.
    """
    if has_post(user):
        return settings.STAFF_SESSION_HOURS
    begins_at = Posting.objects.next_beginning(user)
    return begins_at and begins_at + timedelta(hours=settings.STAFF_SESSION_HOURS)


@receiver(account_deactivated)
def end_posts(sender: Any, user: User, by: User, **kwargs: Any) -> None:
    """Nobody holds a post who cannot log in."""
    postings.end_all(user, by=by)
