"""The transition tables of activities and of sign-ups."""

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import ACTIVE, SignUp
from yuanhang.core.transitions import NOTHING, SAME, Transition, TransitionTable

DRAFT, PUBLISHED, CLOSED, FINISHED, CANCELLED = (
    Activity.State.DRAFT,
    Activity.State.PUBLISHED,
    Activity.State.CLOSED,
    Activity.State.FINISHED,
    Activity.State.CANCELLED,
)
# Who is told: everybody signed up, or nobody.
TO_SIGNED_UP = "signed_up"

ACTIVITIES = TransitionTable(
    "volunteers.",
    (
        Transition("publish", (DRAFT,), PUBLISHED),
        Transition("close", (PUBLISHED,), CLOSED),
        Transition("reopen", (CLOSED,), PUBLISHED),
        Transition("finish", (PUBLISHED, CLOSED), FINISHED),
        Transition("copy", tuple(Activity.State), SAME),
        Transition("repeat_weekly", (DRAFT, PUBLISHED, CLOSED), SAME),
        Transition("cancel", (DRAFT, PUBLISHED, CLOSED), CANCELLED, notifies=(TO_SIGNED_UP,)),
    ),
)

_PLACED = (SignUp.State.CONFIRMED, SignUp.State.WAITING)
# The person of the sign-up, their companion, and who looks after the session.
TO_PERSON, TO_COMPANION, TO_LEADER = "person", "companion", "leader"

SIGNUPS = TransitionTable(
    "volunteers.",
    (
        Transition("sign_up", (NOTHING,), (*_PLACED, SignUp.State.PAIRING), notifies=(TO_PERSON,)),
        Transition("join_pair", (SignUp.State.PAIRING, NOTHING), _PLACED, notifies=(TO_PERSON,)),
        Transition("go_alone", (SignUp.State.PAIRING,), _PLACED, notifies=(TO_PERSON,)),
        Transition("offer", (SignUp.State.WAITING,), SignUp.State.OFFERED, notifies=(TO_PERSON,)),
        Transition(
            "accept_offer", (SignUp.State.OFFERED,), SignUp.State.CONFIRMED, notifies=(TO_PERSON,)
        ),
        Transition("lapse", (SignUp.State.OFFERED,), SignUp.State.LAPSED, notifies=(TO_PERSON,)),
        Transition(
            "end_line",
            (SignUp.State.WAITING, SignUp.State.PAIRING),
            SignUp.State.CANCELLED,
            notifies=(TO_PERSON,),
        ),
        Transition("leave", ACTIVE, SignUp.State.CANCELLED, notifies=(TO_COMPANION, TO_LEADER)),
        Transition("free", ACTIVE, SignUp.State.CANCELLED, notifies=(TO_COMPANION, TO_LEADER)),
        Transition("call_off", ACTIVE, SignUp.State.CANCELLED, notifies=(TO_PERSON,)),
    ),
)
