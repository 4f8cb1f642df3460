"""What a case's states and steps are called, for the reporter and for staff."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hazards.cases.states import SIGNS, State
from hazards.catalogue.models import StandardCase
from yuanhang.core.words import clock, length_words, near_day, spoken, spoken_day

# What the button of a transition says.
LABELS = {
    "accept": gettext_lazy("受理"),
    "ask_info": gettext_lazy("请补充"),
    "supply_info": gettext_lazy("补充"),
    "dispatch": gettext_lazy("派单"),
    "resume": gettext_lazy("恢复处理"),
    "close": gettext_lazy("核查办结"),
    "redo": gettext_lazy("没修好，退回"),
    "secure": gettext_lazy("现场已围护"),
    "fix": gettext_lazy("已修好"),
    "escalate": gettext_lazy("上报街道"),
    "extend": gettext_lazy("延期"),
    "suspend": gettext_lazy("挂起"),
    "return_case": gettext_lazy("退回一步"),
    "merge": gettext_lazy("并案"),
    "unmerge": gettext_lazy("拆开"),
    "reject": gettext_lazy("不受理"),
    "rate": gettext_lazy("评价"),
    "reopen": gettext_lazy("还没修好"),
    "withdraw": gettext_lazy("撤回"),
}


def transition_label(verb):
    """What the button of a verb says."""
    return str(LABELS[verb])


def transition_done(verb):
    """What the page says once a verb was carried out: 「受理，记下了。」."""
    return _("%(verb)s，记下了。") % {"verb": transition_label(verb)}


def state_chip(state):
    """A state as shape, word and colour."""
    state = State(state)
    return {"sign": SIGNS[state], "label": state.label}


def _grid_worker(hazard):
    """「第六网格员」, or plainly 「网格员」 outside every grid."""
    name = str(hazard.grid) if hazard.grid_id else ""
    return name + "员" if name.endswith("网格") else _("网格员")


def _by(moment, unit):
    """「今天 16:00 前」; one in workdays ends with its day: 「11 月 27 日前」, 「明天内」."""
    due, today = timezone.localtime(moment).date(), timezone.localdate()
    if unit == StandardCase.Unit.WORK_DAYS:
        near = near_day(due, today) if due >= today else ""
        # 「今天前」 would be heard as yesterday.
        words = _("%(day)s内") if near else _("%(day)s前")
        return words % {"day": near or spoken_day(due, today)}
    return _("%(moment)s 前") % {"moment": spoken(moment)}


def make_safe_deadline(hazard):
    """「今天 16:00 前围护」, or nothing once it is kept or was never given."""
    if hazard.secured_at or not hazard.secure_due_at:
        return ""
    return _("%(when)s围护") % {"when": _by(hazard.secure_due_at, None)}


def repair_deadline(hazard):
    """「11 月 27 日前修好」, or nothing once it is kept or was never given."""
    if hazard.fixed_at or not hazard.fix_due_at:
        return ""
    return _("%(when)s修好") % {"when": _by(hazard.fix_due_at, hazard.standard_case.unit)}


def both_deadlines(hazard):
    """Both deadlines in one sentence, for the reporter."""
    parts = [text for text in (make_safe_deadline(hazard), repair_deadline(hazard)) if text]
    return _("%(deadlines)s。") % {"deadlines": "，".join(parts)} if parts else ""


def kept_in(hazard, stamp):
    """「✓ 9:41（29 分钟）」: when a deadline was met, and how long after the report."""
    moment = getattr(hazard, stamp)
    day = timezone.localtime(moment).date()
    length = (moment - hazard.submitted_at).total_seconds()
    when = clock(moment) if day == timezone.localdate() else spoken(moment)
    return f"{when}（{length_words(length)}）"


def time_left(hazard):
    """「剩 2 小时」 or 「超 1 小时」 until the deadline that runs now; nothing where none does."""
    due = hazard.due_at
    if due is None:
        return ""
    seconds = (due - timezone.now()).total_seconds()
    words = _("剩 %(length)s") if seconds > 0 else _("超 %(length)s")
    return words % {"length": length_words(abs(seconds))}


def step_title(step, hazard, *, is_mine=False):
    """One line of the timeline of a case; in the second person where the report is the reader's."""
    who = _("你") if is_mine else _("上报人")
    organisation = step.organisation or hazard.organisation or _("责任单位")
    titles = {
        "submit": _("%(who)s来反映，工作人员代录")
        if step.by_role == "on_behalf"
        else _("%(who)s报了上来"),
        "accept": _("%(worker)s已受理"),
        "ask_info": _("请你补充一下") if is_mine else _("请上报人补充"),
        "supply_info": _("%(who)s做了补充"),
        "reject": _("这次没有受理"),
        "escalate": _("已上报街道综治中心"),
        "dispatch": _("已派给%(organisation)s"),
        "fix": _("修好了，等核查"),
        "close": _("网格员核查，办结"),
        "withdraw": _("%(who)s撤回了"),
        "secure": _("现场已围护"),
        "extend": _("修复延期"),
        "suspend": _("挂起，暂时修不了"),
        "resume": _("接着处理"),
        "return_case": _("街道退回一步"),
        "redo": _("没修好，再去修"),
        "reopen": _("%(who)s说还没修好") if step.by_role == "reporter" else _("重新打开"),
        "rate": _("%(who)s评价：%(rating)s"),
        "merge": _("和另一件是同一处，并到一起"),
        "unmerge": _("不是同一处，分开处理"),
    }
    return titles.get(step.verb, step.verb) % {
        "who": who,
        "worker": _grid_worker(hazard),
        "organisation": organisation,
        "rating": step.get_rating_display() or "",
    }


def step_extras(step):
    """「照片 1 张，语音 8 秒」, or nothing."""
    parts = []
    photos, voices = len(step.photos.all()), step.voices.all()
    if photos:
        parts.append(_("照片 %(n)d 张") % {"n": photos})
    parts += [_("语音 %(n)d 秒") % {"n": max(round(voice.seconds), 1)} for voice in voices]
    return "，".join(parts)


def what_next(hazard):
    """What the reporter may expect now, in one sentence."""
    worker = _grid_worker(hazard)
    sentences = {
        State.SUBMITTED: _("已送到%(worker)s手里，看过就回你。"),
        State.NEEDS_INFO: _("还差一点信息，看看下面的问题，补一句就行。"),
        State.ACCEPTED: _("%(worker)s正在处理。"),
        State.ESCALATED: _("街道综治中心会派单位来修。"),
        State.DISPATCHED: _("%(organisation)s已接单，修好了告诉你。"),
        State.SUSPENDED: _("暂时修不了，原因写在下面。"),
        State.FIXED: _("修好了，网格员再去看一眼。"),
        State.CLOSED: _("办结了。谢谢你顺手的一报。"),
        State.REJECTED: _("这次没有受理，原因写在下面。"),
        State.MERGED: _("和另一件是同一处，一起处理。"),
        State.WITHDRAWN: _("你已经撤回，不再处理。"),
    }
    return sentences[State(hazard.state)] % {
        "worker": worker,
        "organisation": hazard.organisation or _("责任单位"),
    }


def first_photo(hazard):
    """The first picture of the hazard itself, from what was prefetched."""
    return next((photo for photo in hazard.photos.all() if not photo.is_repair), None)


def snippet(hazard):
    """「8 秒语音 · 「井盖翘起来了」」 for a list."""
    parts = [
        _("%(n)d 秒语音") % {"n": max(round(voice.seconds), 1)} for voice in hazard.voices.all()
    ][:1]
    if hazard.description:
        text = hazard.description.replace("\n", " ")
        parts.append(f"「{text[:24]}…」" if len(text) > 24 else f"「{text}」")
    photos = len(hazard.photos.all())
    if not parts and photos:
        parts.append(_("照片 %(n)d 张") % {"n": photos})
    return " · ".join(parts)
