"""The one door through which activities, sign-ups and records change."""

from .activities import (
    cancel,
    close,
    copy,
    edit_session,
    finish,
    publish,
    reopen,
    repeat_weekly,
    require_skill,
    tell_place,
)
from .covers import set_cover
from .feeds import end_feed, renew_feed
from .line import advance, lapse_offers, tell_offers
from .reminders import remind
from .signups import accept_offer, go_alone, join_pair, leave, pledge, pledged, sign_up

__all__ = [
    "accept_offer",
    "advance",
    "cancel",
    "close",
    "copy",
    "edit_session",
    "end_feed",
    "finish",
    "go_alone",
    "join_pair",
    "lapse_offers",
    "leave",
    "pledge",
    "pledged",
    "publish",
    "remind",
    "renew_feed",
    "reopen",
    "repeat_weekly",
    "require_skill",
    "set_cover",
    "sign_up",
    "tell_offers",
    "tell_place",
]
