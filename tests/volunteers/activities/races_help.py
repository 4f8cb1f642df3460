"""What the tests of races share."""

from volunteers.activities import activities as acts
from volunteers.activities import (
    offers,
    reminders,
    signups,
)
from volunteers.activities.models.sessions import ActivitySession


def without_the_sessions_lock(monkeypatch):
    """The same reads without FOR UPDATE."""

    def unlocked(session_id):
        return ActivitySession.objects.select_related("activity").get(pk=session_id)

    for module in (offers, signups, acts, reminders):
        monkeypatch.setattr(module, "locked", unlocked)
