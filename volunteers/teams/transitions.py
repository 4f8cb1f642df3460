"""The transition table of a membership, from asking to leaving."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from volunteers.teams.models import Membership
from yuanhang.core.transitions import NOTHING, SAME, Transition, TransitionTable

# Who is told.
TO_LEADER, TO_PERSON, TO_STAFF = "leader", "person", "staff"


class Standing(TextChoices):
    """How somebody stands to a team; it follows from the columns of the membership."""

    ASKED = "asked", _("等队长答复")
    MEMBER = "member", _("队员")
    LEADER = "leader", _("队长")
    LEFT = "left", _("已离开")


def standing_of(member: Membership) -> str:
    """The standing of a membership."""
    if member.left_at:
        return Standing.LEFT
    if member.is_leader:
        return Standing.LEADER
    return Standing.MEMBER if member.joined_at else Standing.ASKED


MEMBERSHIPS = TransitionTable(
    "volunteers.",
    (
        Transition("ask_to_join", (NOTHING,), Standing.ASKED, notifies=(TO_LEADER,)),
        Transition("accept_asker", (Standing.ASKED,), Standing.MEMBER, notifies=(TO_PERSON,)),
        Transition("decline_asker", (Standing.ASKED,), Standing.LEFT, notifies=(TO_PERSON,)),
        Transition(
            "leave_team",
            (Standing.ASKED, Standing.MEMBER, Standing.LEADER),
            Standing.LEFT,
            notifies=(TO_LEADER,),
        ),
        Transition(
            "free_membership",
            (Standing.ASKED, Standing.MEMBER, Standing.LEADER),
            Standing.LEFT,
            notifies=(TO_STAFF,),
        ),
        Transition(
            "hand_over",
            (Standing.MEMBER, Standing.LEADER),
            Standing.LEADER,
            notifies=(TO_PERSON,),
        ),
        Transition(
            "appoint_leader",
            (Standing.ASKED, Standing.MEMBER, Standing.LEADER),
            Standing.LEADER,
            notifies=(TO_PERSON,),
        ),
        Transition("show_membership", (Standing.MEMBER, Standing.LEADER), SAME),
        Transition("hide_membership", (Standing.MEMBER, Standing.LEADER), SAME),
    ),
    state_of=standing_of,
    # The verbs write the columns from which the standing follows.
    set_state=lambda member, standing: None,
    label_of=lambda member: Standing(standing_of(member)).label,
)
