"""The transition table of a confidential request."""

from workers.aid.models import AidRequest
from yuanhang.core.transitions import NOTHING, SAME, Transition, TransitionTable

ASKED, IN_HAND, REFERRING, REFERRED, DONE = (
    AidRequest.Stage.ASKED,
    AidRequest.Stage.IN_HAND,
    AidRequest.Stage.REFERRING,
    AidRequest.Stage.REFERRED,
    AidRequest.Stage.DONE,
)
# Capacities.
ASKER, HANDLER, SYSTEM = "asker", "handler", "system"
OPEN = (ASKED, IN_HAND, REFERRING, REFERRED)


def _stage(row):
    return row.stage


def _set_stage(row, stage):
    row.stage = stage


def _label(row):
    return row.get_stage_display()


REQUESTS = TransitionTable(
    "workers.",
    (
        Transition("ask_aid", (NOTHING,), ASKED, (ASKER,), notifies=(HANDLER,)),
        Transition(
            "answer_aid", (ASKED, IN_HAND, REFERRED), IN_HAND, (HANDLER,), notifies=(ASKER,)
        ),
        Transition("add_to_aid", OPEN, SAME, (ASKER,), notifies=(HANDLER,)),
        Transition("propose_referral", (ASKED, IN_HAND), REFERRING, (HANDLER,), notifies=(ASKER,)),
        Transition("agree_to_referral", (REFERRING,), REFERRED, (ASKER,), notifies=(HANDLER,)),
        Transition("decline_referral", (REFERRING,), IN_HAND, (ASKER,), notifies=(HANDLER,)),
        Transition("end_aid", OPEN, DONE, (HANDLER,), notifies=(ASKER,)),
        # A year without a word: it ends, and goes with the others that have ended.
        Transition("lapse_aid", OPEN, DONE, (SYSTEM,), notifies=(ASKER,)),
        Transition("hand_over_aid", OPEN, SAME, (SYSTEM,), notifies=(HANDLER, ASKER)),
    ),
    state_of=_stage,
    set_state=_set_stage,
    label_of=_label,
)
