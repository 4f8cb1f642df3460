"""The transition table of a proof."""

from workers.proofs.models import Proof
from yuanhang.core.transitions import NOTHING, Transition, TransitionTable

State = Proof.State
# In which capacity somebody acts, and who is told.
RIDER, STAFF = "rider", "staff"

PROOFS = TransitionTable(
    "workers.proof_",
    (
        Transition("register", (NOTHING,), State.REGISTERED, (RIDER,), notifies=(STAFF,)),
        # What was declined may turn out to be so: a witness comes later.
        Transition(
            "confirm",
            (State.REGISTERED, State.DECLINED),
            State.CONFIRMED,
            (STAFF,),
            notifies=(RIDER,),
        ),
        Transition("decline", (State.REGISTERED,), State.DECLINED, (STAFF,), notifies=(RIDER,)),
    ),
)
