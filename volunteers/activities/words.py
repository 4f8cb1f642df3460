"""What sessions and sign-ups are called: times, places left, and where somebody stands."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from yuanhang.core.words import clock, for_keeps, spoken, spoken_day

WEEKDAYS = "一二三四五六日"
# The shape, colour and word of each state of a sign-up, written once.
OWN = {
    SignUp.State.CONFIRMED: ("●", "green", gettext_lazy("已报上")),
    SignUp.State.OFFERED: ("◔", "amber", gettext_lazy("有名额了，等你确认")),
    SignUp.State.WAITING: ("○", "slate", gettext_lazy("候补")),
    SignUp.State.PAIRING: ("◔", "teal", gettext_lazy("等同伴加入")),
}


def chip(sign: str, tone: str, words: str) -> SafeString:
    """A state as shape, word and colour."""
    return format_html(
        '<span class="chip chip-{}"><span aria-hidden="true">{}</span>{}</span>', tone, sign, words
    )


def day_words(moment: datetime) -> str:
    """「今天 · 周三」, 「12 月 3 日 · 周四」."""
    local = timezone.localtime(moment)
    day = spoken_day(local.date(), timezone.localdate())
    return f"{day} · {_('周')}{WEEKDAYS[local.weekday()]}"


def poster_day(moment: datetime) -> str:
    """「12 月 3 日 周四」: paper hangs longer than a day, so never 今天."""
    with for_keeps():
        return day_words(moment).replace(" · ", " ")


def hours_words(session: ActivitySession) -> str:
    """「14:00–15:30」; the next day is named: 「22:00–次日 1:00」."""
    first, last = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    is_midnight = (last.hour, last.minute) == (0, 0) and (last.date() - first.date()).days == 1
    if is_midnight:
        end = "24:00"
    elif last.date() > first.date():
        end = _("次日 %(time)s") % {"time": clock(last)}
    else:
        end = clock(last)
    return f"{clock(first)}–{end}"


def session_words(session: ActivitySession) -> str:
    """「明天 周四 14:00–15:30」."""
    return f"{day_words(session.starts_at).replace(' · ', ' ')} {hours_words(session)}"


def joinable(session: ActivitySession) -> bool:
    """Whether somebody may sign up now, for a place or for the line."""
    return session.activity.is_open and not session.has_started


def places_chip(session: ActivitySession) -> SafeString:
    """What somebody who is not in finds: places left, the line, or why not."""
    activity = session.activity
    if activity.state == Activity.State.CANCELLED:
        return chip("✕", "red", _("已取消"))
    if session.is_over or activity.state == Activity.State.FINISHED:
        return chip("●", "slate", _("已结束"))
    if session.has_started:
        return chip("◑", "teal", _("进行中"))
    if activity.opens_at > timezone.now():
        return chip("○", "slate", _("%(when)s 开始报名") % {"when": spoken(activity.opens_at)})
    if not activity.is_open:
        return chip("○", "slate", _("报名截止"))
    if activity.is_confidential:
        return chip("○", "teal", _("可以报名"))
    if session.left:
        return chip("○", "teal", _("还有 %(n)d 个名额") % {"n": session.left})
    return chip("◑", "amber", _("满了，可候补"))


def own_chip(signup: SignUp) -> SafeString:
    """Where this person stands; a place in the line is said with its number."""
    sign, tone, words = OWN[signup.state]
    if signup.state == SignUp.State.WAITING and not signup.session.activity.is_confidential:
        words = _("候补第 %(n)d 位") % {"n": signup.ahead + 1}
    return chip(sign, tone, words)


def why_waiting(signup: SignUp) -> str:
    """「前面还有 2 人，满 20 人」; of a confidential activity no number is told."""
    session = signup.session
    if session.activity.is_confidential:
        return _("现在满了，轮到你会通知你。")
    full = {"n": signup.ahead, "most": session.maximum}
    if signup.ahead:
        return _("前面还有 %(n)d 人，满 %(most)d 人。") % full
    if signup.pair and session.left:
        return _("你们排第一，等两个名额一起空出来。")
    return _("你排第一，满 %(most)d 人。") % full


def what_coming_takes(activity: Activity, own: Collection[SignUp]) -> str:
    """What somebody does who comes, as true for this person now; `own` are their sign-ups.

    Nothing where nobody comes any more, and nothing to who has no place yet: they would come for
    nothing.
    """
    announced = (Activity.State.PUBLISHED, Activity.State.CLOSED)
    if activity.state not in announced:
        return ""
    if any(signup.state == SignUp.State.CONFIRMED for signup in own):
        return _("不用打卡，来了就行；结束后由负责人登记。")
    if own or not activity.is_open:
        return ""
    return _("先报名；来了不用打卡，结束后由负责人登记。")


def by_when(moment: datetime) -> str:
    """「今天 16:00 前」."""
    return _("%(when)s 前") % {"when": spoken(moment)}


def people_counted(session: ActivitySession) -> str:
    """「12 / 20 人 · 1 个名额正在问下一位」: who is only being asked does not count as coming."""
    words = _("%(coming)d / %(most)d 人") % {"coming": session.confirmed, "most": session.maximum}
    if session.offered:
        words += " · " + _("%(n)d 个名额正在问下一位") % {"n": session.offered}
    return words


def counted(session: ActivitySession) -> str:
    """「12 / 20 人」, and how many are missing for it to take place."""
    words = people_counted(session)
    missing = session.minimum - session.confirmed
    if missing > 0 and joinable(session):
        words += " · " + _("再来 %(n)d 人就能成行") % {"n": missing}
    return words
