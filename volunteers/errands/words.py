"""What errands are called: where one stands, and until which day it is wanted."""

from datetime import date

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from volunteers.activities.words import chip
from volunteers.errands.models import Errand
from yuanhang.core.words import spoken_day

State = Errand.State
# The shape and colour of each state, written once.
STATES = {
    State.OPEN: ("○", "slate"),
    State.CLAIMED: ("◔", "teal"),
    State.DONE: ("◑", "amber"),
    State.CONFIRMED: ("●", "green"),
    State.CANCELLED: ("✕", "slate"),
}


# What the page says once a verb of the table was carried out.
DONE = {
    "claim": _lazy("接下了，半小时内办。"),
    "extend_lease": _lazy("又有半小时。"),
    "release": _lazy("还回去了，谢谢你。"),
    "finish": _lazy("办好了，谢谢你。社区看过就记时长。"),
    "confirm": _lazy("确认了，时长记上了。"),
    "reject_done": _lazy("放回去了，已经告诉接的人。"),
    "cancel": _lazy("取消了。"),
}


def errand_chip(errand: Errand, is_free: bool) -> SafeString:
    """Where it stands; a lease that ran out is over also before the job wrote it down."""
    state = State.OPEN if is_free else State(errand.state)
    if state == State.OPEN and errand.due_on < timezone.localdate():
        return chip("✕", "slate", _("过了日子"))
    return chip(*STATES[state], state.label)


def by_day(day: date) -> str:
    """「今天」, 「11 月 27 日」."""
    return spoken_day(day, timezone.localdate())
