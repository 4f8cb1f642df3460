"""What a case's states and steps are called, for the reporter and for staff."""

from functools import lru_cache

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hazards.cases.access import grid_has_holder
from hazards.cases.kind_words import SENTENCES, says
from hazards.cases.states import SIGNS, Sign, State
from hazards.catalogue.models import StandardCase, Urgency
from hazards.deadlines import deadlines
from yuanhang.core.words import (
    ago,
    clock,
    length_words,
    minutes_of,
    near_day,
    spaced,
    spoken,
    spoken_day,
    waited,
)

# What the button of a transition says.
LABELS = {
    "accept": gettext_lazy("受理"),
    "unreject": gettext_lazy("收回不受理"),
    "reassign": gettext_lazy("转网格"),
    "recategorise": gettext_lazy("改类别"),
    "restandard": gettext_lazy("改标准"),
    "reprioritise": gettext_lazy("改紧急程度"),
    "take": gettext_lazy("我来办"),
    "release": gettext_lazy("先放下"),
    "split": gettext_lazy("拆出一件"),
    "ask_info": gettext_lazy("请补充"),
    "supply_info": gettext_lazy("补充"),
    "supplement": gettext_lazy("再补一点、改地点"),
    "dispatch": gettext_lazy("派单"),
    "resume": gettext_lazy("恢复处理"),
    "close": gettext_lazy("核查办结"),
    "secure": gettext_lazy("现场已围护"),
    "escalate": gettext_lazy("上报街道"),
    "extend": gettext_lazy("延期"),
    "suspend": gettext_lazy("挂起"),
    "return_case": gettext_lazy("退回一步"),
    "merge": gettext_lazy("并案"),
    "unmerge": gettext_lazy("拆开"),
    "reject": gettext_lazy("不受理"),
    "rate": gettext_lazy("评价"),
    "withdraw": gettext_lazy("撤回"),
    "arrive": gettext_lazy("到了"),
    "refuse": gettext_lazy("不归我们"),
    "ask_time": gettext_lazy("要延期"),
    "deny_time": gettext_lazy("不同意延期"),
}


def transition_label(verb, hazard):
    """What the button of a verb says on the page of this case."""
    return says(hazard, verb) if verb in SENTENCES else str(LABELS[verb])


# What the page says once a verb was carried out, where the button's words do not say it well.
DONE = {
    "rate": gettext_lazy("谢谢你告诉我们。"),
    "supply_info": gettext_lazy("补充收到了，谢谢。"),
    "supplement": gettext_lazy("补充收到了，谢谢。"),
    "take": gettext_lazy("这 30 分钟归你办，别人看得到。"),
    "release": gettext_lazy("放下了，别人可以接。"),
    "split": gettext_lazy("拆出来了，新的一件在下面。"),
    "withdraw": gettext_lazy("撤回了，不再处理。"),
    "secure": gettext_lazy("记下了：现场已围护。"),
    "deny_time": gettext_lazy("不同意延期，对方在接力单上看得到。"),
}


def transition_done(verb, hazard):
    """What the page says once a verb was carried out: where the case stands now."""
    if verb in DONE:
        return str(DONE[verb])
    if verb == "reassign":
        return _("已转给%(place)s。") % {"place": hazard.grid or hazard.community}
    return _("好了，现在是「%(state)s」。") % {"state": state_label(hazard)}


def state_label(hazard):
    """The word of a case's state: an end without a repair is called by what the case is about."""
    if hazard.state == State.UNREPAIRED:
        return says(hazard, "unrepaired")
    return _label_of(hazard.state)


@lru_cache(len(State))
def _label_of(state):
    return str(State(state).label)


def state_chip(state):
    """A state, or that of a case, as shape, word and colour."""
    if not isinstance(state, str):
        return {"sign": SIGNS[State(state.state)], "label": state_label(state)}
    state = State(state)
    return {"sign": SIGNS[state], "label": state.label}


def asked_by(hazard):
    """「第六网格员问的，今天 16:20」: who asked the open question, and when."""
    facts = {"who": grid_worker(hazard), "when": spoken(hazard.question_step.at)}
    return _("%(who)s问的，%(when)s") % facts


def own_state_chip(hazard):
    """The chip that a reporter reads: what waits for them is said as a request."""
    if hazard.state == State.NEEDS_INFO:
        return {"sign": Sign("？", "amber"), "label": _("等你补一句")}
    return state_chip(hazard)


def own_row_fact(hazard):
    """One short fact beside a reporter's chip: what is promised next, else since when it is so."""
    running = (State.ACCEPTED, State.ESCALATED, State.DISPATCHED)
    if hazard.state in running:
        due = make_safe_deadline(hazard) or repair_deadline(hazard)
        if due and not (is_secure_late(hazard) or is_fix_late(hazard)):
            return due
    if hazard.state == State.SUSPENDED and hazard.suspended_until:
        day = spoken_day(hazard.suspended_until, timezone.localdate())
        return spaced(_("到%(day)s") % {"day": day})
    return ago(hazard.waiting_since or hazard.submitted_at)


def grid_worker(hazard):
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
    """「11 月 27 日前修好」, 「今天 16:00 前联系上」; nothing once kept or where never given."""
    if hazard.fixed_at or not hazard.fix_due_at:
        return ""
    when = _by(hazard.fix_due_at, deadlines.limit_of(hazard).unit)
    return says(hazard, "due", when=when)


def both_deadlines(hazard):
    """What is promised in one sentence, for the reporter: both deadlines of a thing, or who."""
    parts = [text for text in (make_safe_deadline(hazard), repair_deadline(hazard)) if text]
    if parts and not deadlines.has_make_safe(hazard):
        parts = [f"{holder(hazard)}{repair_deadline(hazard)}"]
    return _("%(deadlines)s。") % {"deadlines": "，".join(parts)} if parts else ""


def promise(hazard):
    """「第六网格员今天 16:00 前联系上」: who keeps the one promise about a person or an agreement.

    Nothing for things, and where nothing is promised now.
    """
    is_running = hazard.state in (State.ACCEPTED, State.ESCALATED, State.DISPATCHED)
    if deadlines.has_make_safe(hazard) or not is_running:
        return ""
    when = repair_deadline(hazard)
    return f"{holder(hazard)}{when}" if when else ""


def task_due(hazard, due):
    """What is to be done by the deadline `due`: 「受理」, 「围护」, 「修好」, 「联系上」."""
    if hazard.state == State.SUBMITTED:
        return _("受理")
    is_first = hazard.secured_at is None and due == hazard.secure_due_at != hazard.fix_due_at
    return _("围护") if is_first else says(hazard, "task")


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
    return _left(minutes_of(abs(seconds)), seconds > 0)


# A list says it of each row, and there is one language.
@lru_cache(2000)
def _left(minutes, is_left):
    words = _("剩 %(length)s") if is_left else _("超 %(length)s")
    return words % {"length": length_words(60 * minutes)}


def is_secure_late(hazard):
    """Whether the place should be safe by now, and nobody said it is."""
    return _is_late(hazard, None if hazard.secured_at else hazard.secure_due_at)


def is_fix_late(hazard):
    """Whether the repair, or the one promise of another kind, should be kept by now."""
    return _is_late(hazard, hazard.fix_due_at)


def _is_late(hazard, due):
    running = (State.ACCEPTED, State.ESCALATED, State.DISPATCHED)
    return bool(due) and hazard.state in running and due <= timezone.now()


def over_by(due):
    """「超 3 小时」."""
    length = length_words((timezone.now() - due).total_seconds())
    return _("超 %(length)s") % {"length": length}


def holder(hazard):
    """Who has the case now, in the words of its reporter: 「第六网格员」, 「远航社区」, a unit."""
    if hazard.state == State.ESCALATED:
        return _("街道综治中心")
    if hazard.state in (State.DISPATCHED, State.SUSPENDED) and hazard.organisation:
        return str(hazard.organisation)
    # A grid that nobody holds falls to the community's staff; so it is said.
    return grid_worker(hazard) if grid_has_holder(hazard) else str(hazard.community)


def what_next(hazard):
    """What the reporter may expect now, in one sentence."""
    sentences = {
        State.SUBMITTED: _("已送到%(holder)s，看过就回你。"),
        State.NEEDS_INFO: _("还差一点信息，补一句就行。"),
        State.ACCEPTED: _("%(holder)s正在处理。"),
        State.CLOSED: _("办结了。谢谢你顺手的一报。"),
        State.REJECTED: _("这次没有受理，原因在经过里。"),
        State.WITHDRAWN: _("你已经撤回，不再处理。"),
    }
    state = State(hazard.state)
    values = {
        "holder": holder(hazard),
        "organisation": hazard.organisation or _("责任单位"),
        "reason": hazard.end_words,
    }
    if state == State.MERGED:
        return _following(hazard)
    key = "ended" if state == State.UNREPAIRED else state.value
    return sentences[state] % values if state in sentences else says(hazard, key, **values)


def _following(hazard):
    """Of a report that follows another one: the sentence of the one that leads."""
    main = hazard.main
    if main.is_open:
        return _("和另一件是同一处，一起处理。")
    if main.state == State.CLOSED:
        return _("和另一件是同一处，那一件办结了。")
    if main.state == State.UNREPAIRED:
        return _("和另一件是同一处。%(sentence)s") % {"sentence": what_next(main)}
    return _("和另一件是同一处，那一件没有受理，原因在经过里。")


def row_fact(hazard):
    """「▲ 超 1 小时」, 「剩 22 分钟」, 「等了 8 分钟」: the one fact beside the state in a row."""
    if not hazard.is_open:
        return spoken(hazard.submitted_at)
    if hazard.is_overdue:
        return f"▲ {time_left(hazard)}"
    urgent = hazard.urgency == Urgency.URGENT
    left = time_left(hazard) if hazard.due_at and (urgent or hazard.accepted_at) else ""
    fact = left or waited(hazard.waiting_since)
    return _("紧急，%(fact)s") % {"fact": fact} if urgent else fact


def is_pressing(hazard):
    """Whether that fact is one to look at first."""
    return hazard.is_open and (hazard.is_overdue or hazard.urgency == Urgency.URGENT)


def snippet(hazard):
    """「「井盖翘起来了」 · 8 秒语音」 for a list; where the note's gist was written, its words.

    The row comes with `with_row_facts`.
    """
    texts = [text for text in (hazard.heard, hazard.description) if text]
    parts = [_short(text) for text in texts]
    if hazard.voice_seconds and not hazard.heard:
        parts.append(_("%(n)d 秒语音") % {"n": max(round(hazard.voice_seconds), 1)})
    if not parts and hazard.photo_count:
        parts.append(_("照片 %(n)d 张") % {"n": hazard.photo_count})
    return " · ".join(parts)


def _short(text, most=24):
    text = text.replace("\n", " ")
    return f"「{text[:most]}…」" if len(text) > most else f"「{text}」"
