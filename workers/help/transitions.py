"""The transition table of a request for help."""

from workers.help.models import HelpRequest
from yuanhang.core.transitions import NOTHING, SAME, Transition, TransitionTable

State = HelpRequest.State
# In which capacity somebody acts, and who is told.
ASKER, HELPER, KEEPER, CLOCK = "asker", "helper", "keeper", "clock"
DEACTIVATION = "deactivation"
UNENDED = (State.OPEN, State.TAKEN, State.HELPED)

HELP = TransitionTable(
    "workers.help_",
    (
        Transition("ask", (NOTHING,), State.OPEN, (ASKER,), notifies=(KEEPER, HELPER)),
        Transition("take", (State.OPEN,), State.TAKEN, (HELPER, KEEPER), notifies=(ASKER,)),
        Transition("release", (State.TAKEN,), State.OPEN, (HELPER, KEEPER), notifies=(ASKER,)),
        Transition("free", (State.TAKEN,), State.OPEN, (DEACTIVATION,), notifies=(ASKER,)),
        Transition(
            "expire", (State.TAKEN,), State.OPEN, (CLOCK,), notifies=(ASKER, HELPER, KEEPER)
        ),
        Transition("finish", (State.TAKEN,), State.HELPED, (HELPER,), notifies=(ASKER,)),
        Transition("refuse", (State.TAKEN,), State.OPEN, (ASKER,), notifies=(HELPER,)),
        Transition("keep_private", (State.OPEN, State.TAKEN), SAME, (ASKER,)),
        Transition("question", UNENDED, SAME, (CLOCK,), notifies=(ASKER,)),
        Transition(
            "still_needed",
            UNENDED,
            {State.OPEN: State.OPEN, State.TAKEN: State.TAKEN, State.HELPED: State.OPEN},
            (ASKER,),
            notifies=(KEEPER,),
        ),
        Transition("answer", UNENDED, SAME, (KEEPER,), notifies=(ASKER,)),
        Transition("close", UNENDED, State.CLOSED, (ASKER, KEEPER), notifies=(ASKER, HELPER)),
        Transition("lapse", UNENDED, State.CLOSED, (CLOCK,), notifies=(ASKER, HELPER)),
    ),
)
