"""Answers to the floor's questions."""

from django.conf import settings
from django.dispatch import receiver

from stations.postings.access import has_post
from yuanhang.core.signals import session_hours_wanted


@receiver(session_hours_wanted)
def short_sessions_for_posts(sender, user, **kwargs):
    """People who see other people's reports stay logged in for a shift, not for a season."""
    return settings.STAFF_SESSION_HOURS if has_post(user) else None
