"""The states of a case, and the one place that says how each looks."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a case stands; hazards/README.md draws what leads where."""

    SUBMITTED = "submitted", _("待受理")
    NEEDS_INFO = "needs_info", _("待补充")
    ACCEPTED = "accepted", _("已受理")
    ESCALATED = "escalated", _("已上报街道")
    DISPATCHED = "dispatched", _("已派单")
    SUSPENDED = "suspended", _("挂起")
    FIXED = "fixed", _("待核查")
    CLOSED = "closed", _("已办结")
    UNREPAIRED = "unrepaired", _("已了结·未修")
    REJECTED = "rejected", _("不受理")
    MERGED = "merged", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤回")


OPEN_STATES = (
    State.SUBMITTED,
    State.NEEDS_INFO,
    State.ACCEPTED,
    State.ESCALATED,
    State.DISPATCHED,
    State.SUSPENDED,
    State.FIXED,
)


# Ends after which a reporter may say that it is not over: repaired, and openly not repaired.
REOPENABLE_STATES = (State.CLOSED, State.UNREPAIRED)


@dataclass(frozen=True)
class Sign:
    """Shape and colour of a state; the word is the state's label. Never colour alone."""

    shape: str
    tone: str


SIGNS = {
    State.SUBMITTED: Sign("○", "slate"),
    State.NEEDS_INFO: Sign("◌", "slate"),
    State.ACCEPTED: Sign("◔", "teal"),
    State.ESCALATED: Sign("△", "indigo"),
    State.DISPATCHED: Sign("◐", "amber"),
    State.SUSPENDED: Sign("‖", "slate"),
    State.FIXED: Sign("◑", "amber"),
    State.CLOSED: Sign("●", "green"),
    State.UNREPAIRED: Sign("◍", "slate"),
    State.REJECTED: Sign("✕", "slate"),
    State.MERGED: Sign("⇉", "slate"),
    State.WITHDRAWN: Sign("↩", "slate"),
}
