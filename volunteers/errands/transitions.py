"""The transition table of an errand."""

from volunteers.errands.models import Errand
from yuanhang.core.transitions import SAME, Transition, TransitionTable

State = Errand.State
# In which capacity somebody acts, and who is told.
HELPER, STAFF, CLOCK, DEACTIVATION = "helper", "staff", "clock", "deactivation"

ERRANDS = TransitionTable(
    "volunteers.errand_",
    (
        Transition("claim", (State.OPEN,), State.CLAIMED, (HELPER,)),
        Transition("extend_lease", (State.CLAIMED,), SAME, (HELPER,)),
        Transition("release", (State.CLAIMED,), State.OPEN, (HELPER,)),
        Transition("free", (State.CLAIMED,), State.OPEN, (DEACTIVATION,)),
        Transition("finish", (State.CLAIMED,), State.DONE, (HELPER,), notifies=(STAFF,)),
        Transition("expire", (State.CLAIMED,), State.OPEN, (CLOCK,), notifies=(HELPER,)),
        Transition("confirm", (State.DONE,), State.CONFIRMED, (STAFF,), notifies=(HELPER,)),
        Transition("reject_done", (State.DONE,), State.OPEN, (STAFF,), notifies=(HELPER,)),
        Transition(
            "cancel", (State.OPEN, State.CLAIMED), State.CANCELLED, (STAFF,), notifies=(HELPER,)
        ),
    ),
)
