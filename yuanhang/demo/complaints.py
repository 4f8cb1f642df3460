"""投诉建议 of the demo: waiting, late, answered, and two that everybody reads."""

import uuid
from datetime import timedelta

from django.utils import timezone

from stations.areas.models import Community
from stations.complaints import complaints
from stations.complaints.complaints import Content
from stations.complaints.models import Complaint
from yuanhang.core.holidays import CHINA

# (days ago, for whom, words, signature, answer, public question, public answer)
SAID = (
    (
        24,
        "community",
        "驿站十点前没热水，跑早班的喝不上。",
        "",
        "从下周一起，早上七点开门就烧水。",
        "早班骑手十点前喝不上热水",
        "从下周一起，早上七点开门就烧水。",
    ),
    (
        15,
        "community",
        "能不能把充电口换成带灯的，晚上摸黑插不准。",
        "骑手乙（演示）",
        "这周换两个带灯的插座，先看好不好用。",
        "晚上看不清充电口",
        "换了两个带灯的插座，在一楼进门右手。",
    ),
    (
        12,
        "subdistrict",
        "登记的时候排了半个小时，窗口只开一个。",
        "",
        "中午加开一个窗口，十一点到一点。",
        "",
        "",
    ),
    (9, "community", "打气筒坏了两个星期，报过没人换。", "", "", "", ""),
    (1, "community", "门口台阶结冰，撒点盐吧。", "骑手丙（演示）", "", "", ""),
    (0, "subdistrict", "社区有人说话不耐烦，希望好好说。", "", "", "", ""),
)


def make_complaints(staff, officer):
    """Written by guests, as far as anybody knows; returns how many."""
    home = Community.objects.home()
    for days, reader, text, name, answer, question, public in SAID:
        content = Content(text, reader, home, name=name)
        one = complaints.submit(content, submission_key=uuid.uuid4())[0].complaint
        by = staff if reader == Complaint.Reader.COMMUNITY else officer
        if answer:
            one = complaints.answer(one, text=answer, by=by)
        if question:
            complaints.publish(one, text=question, answer=public, by=by)
        _set_back(one, days)
    return len(SAID)


def _set_back(one, days):
    """Let it have been written so many days ago, and answered two days later."""
    at = timezone.now() - timedelta(days=days)
    one.slips.update(at=at)
    row = Complaint.objects.get(pk=one.pk)
    times = {"due_on": CHINA.workday_after(timezone.localdate(at), complaints.WORKDAYS)}
    for field in ("answered_at", "published_at"):
        if getattr(row, field):
            times[field] = at + timedelta(days=2)
    Complaint.objects.filter(pk=one.pk).update(created_at=at, **times)
