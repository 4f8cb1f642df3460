"""The transition table: which verb leads from which states to which. Nothing else moves a case."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .models import State


@dataclass(frozen=True)
class Move:
    """One row of DESIGN 6: where from, where to, who may, and the words on its button."""

    verb: str
    sources: tuple
    target: str
    actors: tuple
    label: str

    @property
    def slug(self):
        """The verb in URLs."""
        return self.verb.replace("_", "-")


REPORTER, REVIEWER, CENTRE = "reporter", "reviewer", "centre"

MOVES = {
    move.verb: move
    for move in (
        Move("accept", (State.SUBMITTED,), State.ACCEPTED, (REVIEWER,), _("受理")),
        Move("ask_info", (State.SUBMITTED,), State.NEEDS_INFO, (REVIEWER,), _("请补充")),
        Move("supply_info", (State.NEEDS_INFO,), State.SUBMITTED, (REPORTER,), _("补充")),
        Move("dispatch", (State.ESCALATED,), State.DISPATCHED, (CENTRE,), _("派单")),
        Move(
            "fix",
            (State.ACCEPTED, State.DISPATCHED),
            State.FIXED,
            (REVIEWER, CENTRE),
            _("已修好"),
        ),
        Move("close", (State.FIXED,), State.CLOSED, (REVIEWER,), _("核查办结")),
        Move("escalate", (State.ACCEPTED,), State.ESCALATED, (REVIEWER,), _("上报街道")),
        Move(
            "reject",
            (State.SUBMITTED, State.NEEDS_INFO),
            State.REJECTED,
            (REVIEWER,),
            _("不受理"),
        ),
        Move(
            "withdraw",
            (State.SUBMITTED, State.NEEDS_INFO),
            State.WITHDRAWN,
            (REPORTER,),
            _("撤回"),
        ),
    )
}
BY_SLUG = {move.slug: move for move in MOVES.values()}

# The states in which the next step is an actor's: what "needs me" means in the queue.
WAITS_FOR_REVIEWER = (State.SUBMITTED, State.ACCEPTED, State.FIXED)
WAITS_FOR_CENTRE = (State.ESCALATED, State.DISPATCHED)
