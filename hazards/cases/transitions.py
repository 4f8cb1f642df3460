"""The transition table of a case. Nothing else moves one."""

from yuanhang.core.transitions import SAME, Transition, TransitionTable

from .states import OPEN_STATES, REOPENABLE_STATES, State

EXTENSIONS_MAX = 2  # as the 数字城管 (digital city management) platforms allow

# Capacities in which somebody meets a case.
REPORTER, FOLLOWER, REVIEWER, CENTRE = "reporter", "follower", "reviewer", "centre"
# The community's staff put a record right, whoever holds the grid.
STAFF = "staff"
CORRECTORS = (REVIEWER, CENTRE, STAFF)
# The foreman of the unit a case was dispatched to: no account, but the slip's link and its code.
UNIT = "unit"
# Nobody's hand: what follows by itself from another move, or from time.
SYSTEM = "system"
# Who is told of a step: the case's reporter, those of the cases merged into it, its reviewers,
# the governance centre.
TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS, TO_CENTRE = "reporter", "followers", "reviewers", "centre"
# The centre again, of what others than its own officers and the reviewers did.
TO_CENTRE_BY_UNIT = "centre where the unit did it"


def _before_fix(case) -> str:
    return case.fixed_from


def _before_merge(case) -> str:
    return case.merged_from


# From acceptance to the repair: what may also end without one.
TAKEN_ON = (State.ACCEPTED, State.ESCALATED, State.DISPATCHED, State.SUSPENDED)


# The unit works on what it was sent to, and on nothing else.
NOT_BY_UNIT = {state: (REVIEWER, CENTRE) for state in OPEN_STATES if state != State.DISPATCHED}


TRANSITIONS = TransitionTable(
    "hazards.",
    (
        Transition(
            "accept",
            # What was missing may also come by telephone; then a note says so.
            (State.SUBMITTED, State.NEEDS_INFO),
            State.ACCEPTED,
            (REVIEWER,),
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "ask_info",
            (State.SUBMITTED,),
            State.NEEDS_INFO,
            (REVIEWER,),
            notifies=(TO_REPORTER,),
        ),
        Transition(
            "supply_info",
            (State.NEEDS_INFO,),
            State.SUBMITTED,
            (REPORTER,),
            notifies=(TO_REVIEWERS,),
        ),
        Transition(
            "supplement",
            # Until somebody has taken it on, the reporter adds to it, and corrects the place.
            (State.SUBMITTED,),
            SAME,
            (REPORTER,),
            notifies=(TO_REVIEWERS,),
        ),
        Transition(
            "dispatch",
            (State.ESCALATED,),
            State.DISPATCHED,
            (CENTRE,),
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS),
        ),
        Transition(
            "resume",
            (State.SUSPENDED,),
            State.DISPATCHED,
            (CENTRE,),
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "close",
            (State.FIXED,),
            State.CLOSED,
            (REVIEWER,),
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "redo",
            (State.FIXED,),
            _before_fix,
            (REVIEWER,),
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "secure",
            OPEN_STATES,
            SAME,
            (REVIEWER, CENTRE, UNIT),
            only=NOT_BY_UNIT,
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_CENTRE_BY_UNIT),
        ),
        Transition(
            "fix",
            (State.ACCEPTED, State.DISPATCHED),
            State.FIXED,
            (REVIEWER, CENTRE, UNIT),
            only={State.ACCEPTED: (REVIEWER, CENTRE)},
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS, TO_CENTRE_BY_UNIT),
        ),
        # What only the unit says, by its slip; and the centre's No to what it asked.
        Transition("arrive", (State.DISPATCHED,), SAME, (UNIT,), notifies=(TO_CENTRE_BY_UNIT,)),
        Transition(
            "refuse",
            (State.DISPATCHED,),
            State.ESCALATED,
            (UNIT,),
            notifies=(TO_CENTRE_BY_UNIT, TO_REVIEWERS),
        ),
        Transition("ask_time", (State.DISPATCHED,), SAME, (UNIT,), notifies=(TO_CENTRE_BY_UNIT,)),
        Transition("deny_time", (State.DISPATCHED,), SAME, (CENTRE,)),
        Transition(
            "escalate",
            (State.ACCEPTED,),
            State.ESCALATED,
            (REVIEWER,),
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_CENTRE),
        ),
        Transition(
            "extend",
            (State.ACCEPTED, State.ESCALATED, State.DISPATCHED),
            SAME,
            (REVIEWER, CENTRE),
            # Whoever holds the case may ask for more time, and nobody else for them.
            only={
                State.ACCEPTED: (REVIEWER,),
                State.ESCALATED: (CENTRE,),
                State.DISPATCHED: (CENTRE,),
            },
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS),
        ),
        Transition(
            "suspend",
            (State.DISPATCHED,),
            State.SUSPENDED,
            (CENTRE,),
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS),
        ),
        Transition(
            "return_case",
            (State.ESCALATED, State.DISPATCHED),
            {State.ESCALATED: State.ACCEPTED, State.DISPATCHED: State.ESCALATED},
            (CENTRE,),
            notifies=(TO_REVIEWERS,),
        ),
        Transition(
            "merge",
            (State.SUBMITTED, State.ACCEPTED),
            State.MERGED,
            (REVIEWER, REPORTER),
            # A reporter may say "this is the one" before anybody has taken the case on.
            only={State.ACCEPTED: (REVIEWER,)},
            notifies=(TO_REPORTER,),
        ),
        Transition(
            "unmerge",
            (State.MERGED,),
            _before_merge,
            (REVIEWER,),
            notifies=(TO_REPORTER,),
        ),
        Transition(
            "reject",
            (State.SUBMITTED, State.NEEDS_INFO),
            State.REJECTED,
            (REVIEWER,),
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "unreject",
            (State.REJECTED,),
            State.SUBMITTED,
            (REVIEWER,),
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "end_unrepaired",
            TAKEN_ON,
            State.UNREPAIRED,
            (REVIEWER, CENTRE),
            # Whoever holds the case ends it.
            only={
                State.ACCEPTED: (REVIEWER,),
                State.ESCALATED: (CENTRE,),
                State.DISPATCHED: (CENTRE,),
                State.SUSPENDED: (CENTRE,),
            },
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS),
        ),
        # Corrections: the case stays where it is, and its deadlines follow by a rule.
        Transition("reassign", OPEN_STATES, SAME, CORRECTORS, notifies=(TO_REVIEWERS,)),
        Transition(
            "recategorise",
            OPEN_STATES,
            SAME,
            CORRECTORS,
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "restandard",
            (*TAKEN_ON, State.FIXED),
            SAME,
            CORRECTORS,
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        Transition(
            "reprioritise",
            OPEN_STATES,
            SAME,
            CORRECTORS,
            notifies=(TO_REPORTER, TO_FOLLOWERS),
        ),
        # Who is at it: a word to the colleagues, no step of the case.
        Transition("take", OPEN_STATES, SAME, (REVIEWER, CENTRE)),
        Transition("release", OPEN_STATES, SAME, (REVIEWER, CENTRE)),
        Transition("split", OPEN_STATES, SAME, (REVIEWER,), notifies=(TO_REPORTER,)),
        # What follows by itself: the case that others were merged into ended without a repair.
        Transition(
            "lead",
            (State.MERGED,),
            _before_merge,
            (SYSTEM,),
            notifies=(TO_REPORTER, TO_REVIEWERS),
        ),
        Transition("follow", (State.MERGED,), SAME, (SYSTEM,), notifies=(TO_REPORTER,)),
        # Its reporter can no longer answer.
        Transition(
            "stop_asking",
            (State.NEEDS_INFO,),
            State.SUBMITTED,
            (SYSTEM,),
            notifies=(TO_REVIEWERS,),
        ),
        # Of a merged case its reporter speaks for themselves: the case it follows is over.
        Transition(
            "rate", (State.CLOSED, State.MERGED), SAME, (REPORTER,), notifies=(TO_REVIEWERS,)
        ),
        Transition(
            "reopen",
            REOPENABLE_STATES,
            State.ACCEPTED,
            (REPORTER, FOLLOWER, REVIEWER),
            notifies=(TO_REPORTER, TO_FOLLOWERS, TO_REVIEWERS),
        ),
        Transition(
            "withdraw",
            (State.SUBMITTED, State.NEEDS_INFO),
            State.WITHDRAWN,
            (REPORTER,),
            notifies=(TO_REVIEWERS,),
        ),
    ),
    lasting=("taken_by",),
)
BY_SLUG = TRANSITIONS.by_slug

# The states in which the next step is an actor's: what "needs me" means in the queue. Two more
# come with time (`access.waiting_for`): a question that was never answered, a standstill's end.
WAITS_FOR_REVIEWER = (State.SUBMITTED, State.ACCEPTED, State.FIXED)
WAITS_FOR_CENTRE = (State.ESCALATED, State.DISPATCHED)
