"""The one door through which activities, sign-ups and records change."""

from .activities import (
    cancel,
    close,
    copy,
    edit_session,
    finish,
    publish,
    repeat_weekly,
    require_skill,
)
from .line import advance, lapse_offers, tell_offers
from .signups import accept_offer, go_alone, join_pair, leave, pledge, sign_up
from .teams import (
    answer_asker,
    appoint_leader,
    ask_to_join,
    hand_over,
    hide_membership,
    leave_team,
    show_membership,
)

__all__ = [
    "accept_offer",
    "advance",
    "answer_asker",
    "appoint_leader",
    "ask_to_join",
    "cancel",
    "close",
    "copy",
    "edit_session",
    "finish",
    "go_alone",
    "hand_over",
    "hide_membership",
    "join_pair",
    "lapse_offers",
    "leave",
    "leave_team",
    "pledge",
    "publish",
    "repeat_weekly",
    "require_skill",
    "show_membership",
    "sign_up",
    "tell_offers",
]
