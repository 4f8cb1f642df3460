"""The demo's courses, service records and one certificate; stands on its own activities.

Everything goes through the workflow at made-up moments of the last months.
"""

from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.utils import timezone

from stations.areas.models import Community
from volunteers.activities import activities, signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record import attendance, certificates, commendations, service_records
from volunteers.record.attendance import Mark
from volunteers.skills import skills
from volunteers.skills.models import Course, Skill
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.demo.cases import at

# title, skill, valid for days, parts
COURSES = (
    ("应急救援", "应急救援", 365, 2),
    ("灭火器使用", "灭火", 365, 1),
    ("反诈宣传", "反诈宣传", None, 1),
    ("排查安全隐患", "看隐患", None, 1),
)
# Which course the trainings among the activities teach.
TAUGHT = {
    "反诈课：到付快递和假客服": 2,
    "灭火器实操": 1,
    "应急救援课（两次）": 0,
    "排查安全隐患": 3,
}
# kind, title, place, course, part, days ago, hour, minutes, how many of the riders
PAST = (
    ("volunteering", "大集东口交通疏导", "大集东口", None, 1, 96, 8, 120, 6),
    ("volunteering", "平房区消防入户提醒", "平房区二巷", None, 1, 61, 14, 90, 5),
    ("training", "应急救援（上）", "庆小驿温暖站二楼", 0, 1, 48, 14, 30, 7),
    ("training", "应急救援（下）", "庆小驿温暖站二楼", 0, 2, 41, 14, 30, 5),
    ("training", "灭火器怎么用", "庆小驿温暖站门前", 1, 1, 320, 15, 20, 8),
    ("training", "反诈二十分钟", "庆小驿温暖站二楼", 2, 1, 20, 15, 20, 6),
    ("volunteering", "大集西口交通疏导", "大集西口", None, 1, 12, 8, 120, 5),
    ("volunteering", "站点周边清雪", "庆小驿温暖站", None, 1, 1, 9, 60, 4),
)


@contextmanager
def happening(moment):
    """As `at`, and what people were told then is old news."""
    last_notice = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    last_event = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with at(moment):
        yield
    Notice.objects.filter(pk__gt=last_notice).update(created_at=moment, read_at=moment)
    AuditEvent.objects.filter(pk__gt=last_event).update(at=moment)


def make_records(riders, people):
    """Courses, past sessions with their lists, hours by hand, a certificate; returns it."""
    staff, admin = people["10000000021"], people["10000000041"]
    home = Community.objects.home()
    courses = [_course(*facts) for facts in COURSES]
    skills.require_skill(
        Skill.objects.get(name="应急救援"), Skill.objects.get(name="灭火"), by=staff
    )
    _teach(courses)
    for facts in sorted(PAST, key=lambda row: -row[5]):
        _hold(facts, courses, home, staff, riders)
    _settle_the_others()
    return _papers(riders[0], home, staff, admin)


def _teach(courses):
    """The trainings of the demo, held and to come, each teach one of the courses."""
    for title, index in TAUGHT.items():
        activity = Activity.objects.get(title=title)
        activity.course = courses[index]
        activity.save(update_fields=["course"])
        for part, session in enumerate(activity.sessions.order_by("starts_at"), start=1):
            session.part = min(part, courses[index].parts)
            session.save(update_fields=["part"])


def _settle_the_others():
    """What was held long ago was written down then, and is no work for whoever tries the demo."""
    long_ago = timezone.now() - timedelta(days=3)
    for session in ActivitySession.objects.unsettled().filter(ends_at__lte=long_ago):
        with happening(session.ends_at + timedelta(days=3)):
            attendance.settle_session(session)


def _course(title, skill, days, parts):
    made = Skill.objects.create(name=skill, valid_days=days)
    return Course.objects.create(title=title, skill=made, parts=parts)


def _hold(facts, courses, home, staff, riders):
    """One activity of the past: announced, signed up to, held, and all but the newest settled."""
    kind, title, place, course, part, ago, hour, minutes, many = facts
    day = timezone.localdate() - timedelta(days=ago)
    starts = datetime.combine(day, time(hour), tzinfo=timezone.get_current_timezone())
    ends = starts + timedelta(minutes=minutes)
    before = starts - timedelta(days=3)
    with happening(before):
        activity = Activity.objects.create(
            kind=kind,
            title=f"{title}（演示）",
            place=place,
            community=home,
            organiser=staff,
            course=courses[course] if course is not None else None,
            opens_at=before,
        )
        session = ActivitySession.objects.create(
            activity=activity,
            starts_at=starts,
            ends_at=ends,
            maximum=12,
            part=part,
            leader=staff,
        )
        activities.publish(activity, by=staff)
        signed_up = [signups.sign_up(session, by=rider) for rider in riders[:many]]
    if ago <= 1:
        return  # for whoever tries the demo to settle
    last = f"u{signed_up[-1].user_id}"
    with happening(ends + timedelta(minutes=10)):
        attendance.settle_session(session, by=staff, marks={last: Mark("absent")})
    if ago == 12:
        with happening(ends + timedelta(hours=3)):
            late = {last: Mark("late", 80)}
            attendance.correct_attendance(session, by=staff, reason="他晚到，不是没来", marks=late)
    with happening(ends + timedelta(hours=4)):
        activities.finish(activity, by=staff)


def _papers(rider, home, staff, admin):
    """Hours by hand (one confirmed, one waiting), words, and a certificate with its request."""
    today = timezone.localdate()
    hand = {"user": rider, "community": home, "content": "给独居老人送药（演示）", "by": staff}
    entry = service_records.enter_by_hand(
        minutes=30, on=today - timedelta(days=30), reason="当天没网，事后补", **hand
    )
    service_records.answer_entry(entry, by=admin, is_accepted=True)
    service_records.enter_by_hand(minutes=20, on=today - timedelta(days=2), reason="忘了记", **hand)
    commendations.commend(rider, kind="award", text="雪天帮老人推车，社区致谢（演示）", by=staff)
    asked = certificates.request(rider, community=home)
    return certificates.issue(
        asked, by=staff, person_in_charge="社区主任（演示）", contact="0459-0000000"
    )
