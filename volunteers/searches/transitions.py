"""The transition table of a search for a missing person."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from volunteers.searches.models import SearchNotice
from yuanhang.core.transitions import NOTHING, SAME, Transition, TransitionTable

# Who is told: the people of the community.
TO_COMMUNITY = "community"


class Stage(TextChoices):
    """Where a search stands; it follows from its times."""

    RUNNING = "running", _("正在找")
    OVER = "over", _("已结束")
    ERASED = "erased", _("已删除")


def stage_of(notice: SearchNotice) -> str:
    """The stage of a search at this moment."""
    if notice.erased_at:
        return Stage.ERASED
    return Stage.RUNNING if notice.is_running else Stage.OVER


SEARCHES = TransitionTable(
    "volunteers.search_",
    (
        Transition("activate", (NOTHING,), Stage.RUNNING, notifies=(TO_COMMUNITY,)),
        Transition("edit", (Stage.RUNNING,), SAME),
        Transition("mark_area", (Stage.RUNNING,), SAME),
        Transition("unmark_area", (Stage.RUNNING,), SAME),
        Transition("end", (Stage.RUNNING,), Stage.OVER, notifies=(TO_COMMUNITY,)),
        Transition("erase", (Stage.RUNNING, Stage.OVER), Stage.ERASED),
    ),
    state_of=stage_of,
    # The verbs write the times from which the stage follows.
    set_state=lambda notice, stage: None,
    label_of=lambda notice: Stage(stage_of(notice)).label,
)
