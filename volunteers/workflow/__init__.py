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
from .attendance import Extra, Mark, ask_leaders, correct_attendance, settle_due, settle_session
from .certificates import decline, entries_of, issue, request_certificate, revoke
from .covers import set_cover
from .errands import (
    cancel_errand,
    claim_errand,
    confirm_errand,
    erase_errands,
    expire_leases,
    extend_lease,
    finish_errand,
    give_back,
    make_next,
)
from .feeds import end_feed, renew_feed
from .ledger import answer_entry, commend, enter_by_hand, enter_errand, take_back, volunteer_number
from .line import advance, lapse_offers, tell_offers
from .reminders import remind
from .signups import accept_offer, go_alone, join_pair, leave, pledge, pledged, sign_up
from .training import register_certificate, warn_expiries

__all__ = [
    "cancel_errand",
    "claim_errand",
    "confirm_errand",
    "erase_errands",
    "expire_leases",
    "extend_lease",
    "finish_errand",
    "give_back",
    "make_next",
    "Extra",
    "Mark",
    "accept_offer",
    "advance",
    "answer_entry",
    "ask_leaders",
    "cancel",
    "close",
    "commend",
    "copy",
    "correct_attendance",
    "decline",
    "edit_session",
    "end_feed",
    "enter_by_hand",
    "enter_errand",
    "entries_of",
    "finish",
    "go_alone",
    "issue",
    "join_pair",
    "lapse_offers",
    "leave",
    "pledge",
    "pledged",
    "publish",
    "register_certificate",
    "remind",
    "renew_feed",
    "reopen",
    "repeat_weekly",
    "request_certificate",
    "require_skill",
    "revoke",
    "set_cover",
    "settle_due",
    "settle_session",
    "sign_up",
    "take_back",
    "tell_offers",
    "tell_place",
    "volunteer_number",
    "warn_expiries",
]
