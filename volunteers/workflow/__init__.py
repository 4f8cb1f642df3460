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

__all__ = [
    "accept_offer",
    "advance",
    "cancel",
    "close",
    "copy",
    "edit_session",
    "finish",
    "go_alone",
    "join_pair",
    "lapse_offers",
    "leave",
    "pledge",
    "publish",
    "repeat_weekly",
    "require_skill",
    "sign_up",
    "tell_offers",
]
