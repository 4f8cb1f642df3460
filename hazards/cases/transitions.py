"""The transition table: which verb leads from which states to which. Nothing else moves a case."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from hazards.cases.states import OPEN_STATES, State

EXTENSIONS_MAX = 2  # as the 数字城管 platforms allow
REPORTER, REVIEWER, CENTRE = "reporter", "reviewer", "centre"
# Targets that depend on the case, resolved under the lock.
SAME, BEFORE_FIX, BEFORE_MERGE = "<same>", "<before fix>", "<before merge>"


@dataclass(frozen=True)
class Transition:
    """One row of DESIGN 6: where from, where to, who may, and the words on its button.

    `target` is a state, one of the markers above, or a state for each source.
    """

    verb: str
    sources: tuple
    target: str | dict
    actors: tuple
    label: str
    # Where only some of the actors may, by source state.
    only: dict = field(default_factory=dict)

    @property
    def slug(self):
        """The verb in URLs."""
        return self.verb.replace("_", "-")

    def actors_from(self, state):
        """Who may make this move from a state."""
        return self.only.get(state, self.actors)

    def target_from(self, hazard):
        """Where this move leads the case from its present state."""
        if isinstance(self.target, dict):
            return self.target[State(hazard.state)]
        return {
            SAME: hazard.state,
            BEFORE_FIX: hazard.fixed_from,
            BEFORE_MERGE: hazard.merged_from,
        }.get(self.target, self.target)


TRANSITIONS = {
    move.verb: move
    for move in (
        Transition("accept", (State.SUBMITTED,), State.ACCEPTED, (REVIEWER,), _("受理")),
        Transition("ask_info", (State.SUBMITTED,), State.NEEDS_INFO, (REVIEWER,), _("请补充")),
        Transition("supply_info", (State.NEEDS_INFO,), State.SUBMITTED, (REPORTER,), _("补充")),
        Transition("dispatch", (State.ESCALATED,), State.DISPATCHED, (CENTRE,), _("派单")),
        Transition("resume", (State.SUSPENDED,), State.DISPATCHED, (CENTRE,), _("恢复处理")),
        Transition("close", (State.FIXED,), State.CLOSED, (REVIEWER,), _("核查办结")),
        Transition("redo", (State.FIXED,), BEFORE_FIX, (REVIEWER,), _("没修好，退回")),
        Transition("secure", OPEN_STATES, SAME, (REVIEWER, CENTRE), _("现场已围护")),
        Transition(
            "fix",
            (State.ACCEPTED, State.DISPATCHED),
            State.FIXED,
            (REVIEWER, CENTRE),
            _("已修好"),
        ),
        Transition("escalate", (State.ACCEPTED,), State.ESCALATED, (REVIEWER,), _("上报街道")),
        Transition(
            "extend",
            (State.ACCEPTED, State.ESCALATED, State.DISPATCHED),
            SAME,
            (REVIEWER, CENTRE),
            _("延期"),
            # Whoever holds the case may ask for more time, and nobody else for them.
            only={
                State.ACCEPTED: (REVIEWER,),
                State.ESCALATED: (CENTRE,),
                State.DISPATCHED: (CENTRE,),
            },
        ),
        Transition("suspend", (State.DISPATCHED,), State.SUSPENDED, (CENTRE,), _("挂起")),
        Transition(
            "return_case",
            (State.ESCALATED, State.DISPATCHED),
            {State.ESCALATED: State.ACCEPTED, State.DISPATCHED: State.ESCALATED},
            (CENTRE,),
            _("退回一步"),
        ),
        Transition(
            "merge",
            (State.SUBMITTED, State.ACCEPTED),
            State.MERGED,
            (REVIEWER, REPORTER),
            _("并案"),
            # A reporter may say "this is the one" before anybody has taken the case on.
            only={State.ACCEPTED: (REVIEWER,)},
        ),
        Transition("unmerge", (State.MERGED,), BEFORE_MERGE, (REVIEWER,), _("拆开")),
        Transition(
            "reject",
            (State.SUBMITTED, State.NEEDS_INFO),
            State.REJECTED,
            (REVIEWER,),
            _("不受理"),
        ),
        Transition("rate", (State.CLOSED,), SAME, (REPORTER,), _("评价")),
        Transition("reopen", (State.CLOSED,), State.ACCEPTED, (REPORTER, REVIEWER), _("还没修好")),
        Transition(
            "withdraw",
            (State.SUBMITTED, State.NEEDS_INFO),
            State.WITHDRAWN,
            (REPORTER,),
            _("撤回"),
        ),
    )
}
BY_SLUG = {move.slug: move for move in TRANSITIONS.values()}

# The states in which the next step is an actor's: what "needs me" means in the queue.
WAITS_FOR_REVIEWER = (State.SUBMITTED, State.ACCEPTED, State.FIXED)
WAITS_FOR_CENTRE = (State.ESCALATED, State.DISPATCHED)
