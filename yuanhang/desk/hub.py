"""「我」: one's own things as rows, from every room that has any."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from stations.complaints.access import can_read_complaints
from stations.complaints.models import Complaint
from stations.postings.access import has_post
from volunteers.activities.cards import held_by
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.errands.presenter import claim_in_hand
from volunteers.record.models.certificates import Certificate
from volunteers.record.models.service_records import ServiceRecord
from volunteers.record.models.training_records import TrainingRecord
from volunteers.record.words import hours
from volunteers.teams.models import Membership
from workers.aid.access import handles_aid, has_news
from workers.help.access import can_keep_help
from yuanhang.core.models import User
from yuanhang.core.words import until

NAMES_SHOWN = 2


@dataclass(frozen=True, kw_only=True)
class HubRow:
    """One row: `seal` is a character, `text` a fact; `asks` a chip where something waits."""

    seal: str
    title: str
    url: str
    text: str = ""
    asks: str = ""
    shape: str = "●"
    tone: str = "brand"
    seal_tone: str = ""


def hub_of(user: User) -> list[list[HubRow]]:
    """The groups of rows: what they started, what comes to them, their data, their work."""
    groups = [
        [_reports(user), _sign_ups(user), _errands(user)],
        [_notices(user), _teams(user), _record(user), _help(), _proofs(), _aid(user)],
        _account(user),
        _work(user),
    ]
    return [group for group in groups if group]


def _reports(user):
    rows = Hazard.objects.filter(reporter=user)
    counts = rows.aggregate(n=Count("pk"), asked=Count("pk", filter=Q(state=State.NEEDS_INFO)))
    title = _("我报的 %(n)d 件") % counts if counts["n"] else _("我报的")
    return HubRow(
        seal=_("报"),
        title=title,
        url=reverse("hazards:mine"),
        text="" if counts["n"] else _("还没报过"),
        asks=_("%(asked)d 件等你补一句") % counts if counts["asked"] else "",
        shape="？",
        tone="amber",
    )


def _sign_ups(user):
    coming = SignUp.objects.active().filter(user=user, session__in=ActivitySession.objects.coming())
    n, offers = coming.count(), held_by(user).offers
    asks = ""
    if offers:
        facts = {"n": len(offers), "until": until(offers[0].due)}
        asks = _("%(n)d 场等你确认，到 %(until)s") % facts
    return HubRow(
        seal=_("名"),
        title=_("我报名的 %(n)d 场") % {"n": n} if n else _("我报名的"),
        url=reverse("volunteers:mine"),
        text="" if n else _("还没有报名"),
        asks=asks,
    )


def _errands(user):
    claim = claim_in_hand(user)
    text = _("顺路帮一把")
    if claim:
        facts = {"what": claim.errand, "until": until(claim.lease_until)}
        text = _("%(what)s，%(until)s 前") % facts
    return HubRow(
        seal=_("顺"),
        seal_tone="teal",
        title=_("顺路任务"),
        url=reverse("volunteers:errands"),
        text=text,
        asks=_("手上 1 件") if claim else "",
        shape="◔",
        tone="teal",
    )


def _help():
    return HubRow(
        seal=_("助"),
        seal_tone="teal",
        title=_("附近的求助"),
        url=reverse("workers:help-near"),
        text=_("有人车坏、没电、陷住"),
    )


def _proofs():
    return HubRow(
        seal=_("帮"),
        title=_("我在帮忙"),
        url=reverse("workers:proofs-mine"),
        text=_("停下来帮忙，当场记下"),
    )


def _notices(user):
    n = user.notices.unread()[:100].count()
    words = _("99 条以上没看") if n > 99 else _("%(n)d 条没看") % {"n": n}
    return HubRow(
        seal=_("信"),
        seal_tone="teal",
        title=_("通知"),
        url=reverse("core:inbox"),
        text=words if n else _("都看过了"),
    )


def _teams(user):
    mine = Membership.objects.current().filter(user=user).order_by("team__name")
    names = list(mine.values_list("team__name", flat=True)[: NAMES_SHOWN + 1])
    words = "、".join(names[:NAMES_SHOWN]) + (_("等") if len(names) > NAMES_SHOWN else "")
    return HubRow(
        seal=_("队"),
        title=_("队伍"),
        url=reverse("volunteers:teams"),
        text=words or _("还没加入"),
    )


def _record(user):
    entries = ServiceRecord.objects.filter(user=user)
    minutes = entries.aggregate(n=Sum("minutes", filter=ServiceRecord.COUNTS))["n"] or 0
    courses = TrainingRecord.objects.filter(user=user).count()
    papers = Certificate.objects.filter(holder__user=user, state=Certificate.State.VALID).count()
    parts = [
        _("志愿 %(hours)s") % {"hours": hours(minutes)} if minutes else "",
        _("培训 %(n)d 次") % {"n": courses} if courses else "",
        _("证明 %(n)d 张") % {"n": papers} if papers else "",
    ]
    return HubRow(
        seal=_("证"),
        title=_("记录和证明"),
        url=reverse("volunteers:record"),
        text=" · ".join(filter(None, parts)) or _("还没有记录"),
    )


def _aid(user):
    """Neutral where something was answered: others look over one's shoulder."""
    if has_news(user):
        title, text = _("你的一件事有回音了"), _("点开看")
    else:
        title, text = _("遇到难处"), _("说给一个人听")
    return HubRow(
        seal=_("话"), seal_tone="teal", title=title, url=reverse("aid:requests"), text=text
    )


def _account(user):
    facts = HubRow(
        seal=_("资"),
        seal_tone="teal",
        title=_("我的信息"),
        url=reverse("workers:me"),
        text=_("看、改、撤回同意"),
    )
    password = HubRow(
        seal=_("密"), seal_tone="teal", title=_("改密码"), url=reverse("account_change_password")
    )
    rows = [facts, password]
    if user.is_staff or has_post(user):
        url = reverse("mfa_index")
        rows.append(HubRow(seal=_("锁"), seal_tone="teal", title=_("两步验证"), url=url))
    return rows


def _complaints(user):
    n = Complaint.objects.visible_to(user).waiting()[:100].count()
    words = _("99 件以上没答复") if n > 99 else _("%(n)d 件没答复") % {"n": n}
    return HubRow(
        seal=_("诉"),
        title=_("投诉建议"),
        url=reverse("complaints:inbox"),
        text=words if n else _("都答复了"),
    )


def _work(user):
    rows = []
    if can_review_queue(user):
        rows.append(HubRow(seal=_("案"), title=_("隐患队列"), url=reverse("hazards:queue")))
        rows.append(HubRow(seal=_("录"), title=_("代录一件"), url=reverse("hazards:entry")))
    if can_read_complaints(user):
        rows.append(_complaints(user))
    if can_keep_help(user):
        rows.append(HubRow(seal=_("助"), title=_("谁在求助"), url=reverse("workers:help-open")))
    if handles_aid(user):
        rows.append(HubRow(seal=_("难"), title=_("救助"), url=reverse("aid:handled")))
    if user.is_staff:
        rows.append(HubRow(seal=_("管"), title=_("管理后台"), url=reverse("admin:index")))
    return rows
