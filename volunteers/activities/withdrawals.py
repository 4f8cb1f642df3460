"""Who looks after a session hears who cannot come, and when too few are left for it."""

from volunteers.activities.access import responsible_for
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from yuanhang.core.models import User
from yuanhang.core.outbox import notices


def notify(signup: SignUp, session: ActivitySession, *, by: User) -> None:
    """Tell them of a confirmed person who gave the place back; the session is locked.

    Only the newest word of a session stays unread: it says how many come now. Of a confidential
    activity the notice names nobody, for it lies on a screen.
    """
    confirmed = session.signups.confirmed().count()
    is_below = confirmed < session.minimum
    notices.send(
        [person for person in responsible_for(session) if person.pk not in (by.pk, signup.user_id)],
        "volunteers.too_few" if is_below else "volunteers.withdrawn",
        key=f"signup:{signup.pk}:withdrawn",
        context={
            "activity": session.activity,
            "session": session,
            "name": "" if session.activity.is_confidential else str(signup.user),
            "confirmed": confirmed,
            "missing": session.minimum - confirmed,
        },
        url=session.get_roster_url(),
        supersedes=True,
    )
