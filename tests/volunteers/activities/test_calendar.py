"""Calendar files as RFC 5545 wants them, the private feed, and the word before a session."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.volunteers import ActivityFactory, riders, session
from volunteers.activities import (
    activities,
    activity_sessions,
    calendar_feeds,
    ical,
    reminders,
    signups,
    tasks,
)
from volunteers.activities.models.calendar_feeds import CalendarFeed
from volunteers.activities.models.sessions import ActivitySession
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff, title="大集疏导")


def unfolded(text):
    """The lines of a calendar file, put together again (RFC 5545, 3.1)."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


# --- writing --------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_folding_keeps_every_character_and_no_line_is_too_long(text):
    folded = ical.fold(text)
    assert folded.replace("\r\n ", "") == text
    for line in folded.split("\r\n"):
        assert len(line.encode()) <= 75


def test_a_long_chinese_line_is_cut_between_characters():
    # 8 octets, then three each: 22 fit into the first line, 24 with a blank into the next.
    lines = ical.fold("SUMMARY:" + "植" * 50).split("\r\n")
    assert [line.count("植") for line in lines] == [22, 24, 4]
    assert [len(line.encode()) for line in lines] == [74, 73, 13]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a,b;c", "a\\,b\\;c"),
        ("一行\r\n两行\n三行\r四", "一行\\n两行\\n三行\\n四"),
        ("反\\斜", "反\\\\斜"),
        ("\x00响\x07铃\x7f", "响铃"),
    ],
)
def test_text_is_escaped(text, escaped):
    assert ical.escape(text) == escaped


def test_a_session_is_written_in_utc_whatever_midnight_it_crosses(activity, client, settings):
    starts = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 23:30 in Daqing
    place = ActivitySession.objects.create(
        activity=activity, starts_at=starts, ends_at=starts + timedelta(hours=1), maximum=2
    )
    activity.title = "跨年，\n一起;" + "长" * 40
    activity.save()
    answer = client.get(f"/volunteers/sessions/{place.pk}/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.content.decode())
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    assert "DTSTART:20261231T153000Z" in lines
    assert "DTEND:20261231T163000Z" in lines
    assert "SUMMARY:跨年，\\n一起\\;" + "长" * 40 in lines
    assert f"URL:{settings.SITE_URL}{place.get_absolute_url()}" in lines
    assert "STATUS:CONFIRMED" in lines


# --- the feed -------------------------------------------------------------------------------


def feed_of(client, user):
    return unfolded(
        client.get(f"/volunteers/calendar/{user.calendar_feed.token}.ics").content.decode()
    )


def test_a_persons_calendar_follows_what_they_signed_up_for(town, visit, activity):
    client = visit(town.rider)
    assert client.post("/volunteers/mine/calendar/").status_code == 302
    here, full = session(activity, hours=30), session(activity, hours=40, maximum=1)
    first = signups.sign_up(full, by=town.stranger)
    for place in (here, full):
        signups.sign_up(place, by=town.rider)
    phone = visit(None)  # a calendar logs in nowhere
    assert [line for line in feed_of(phone, town.rider) if "STATUS" in line] == ["STATUS:CONFIRMED"]
    signups.leave(first, by=town.stranger)
    states = [line for line in feed_of(phone, town.rider) if "STATUS" in line]
    assert states == ["STATUS:CONFIRMED", "STATUS:TENTATIVE"]
    activities.cancel(activity, by=town.staff, reason="下暴雪")
    assert not [line for line in feed_of(phone, town.rider) if "VEVENT" in line]


def test_a_moved_session_is_a_newer_event_of_the_same_name(town, visit, activity):
    calendar_feeds.renew_feed(by=town.rider)
    place = session(activity, hours=30)
    signups.sign_up(place, by=town.rider)

    def told():
        lines = feed_of(visit(None), town.rider)
        values = dict(line.split(":", 1) for line in lines if ":" in line)
        return values["UID"], int(values["SEQUENCE"]), values["DTSTART"]

    past = timezone.now() - timedelta(hours=1)
    ActivitySession.objects.filter(pk=place.pk).update(updated_at=past)
    type(activity).objects.filter(pk=activity.pk).update(updated_at=past)
    before = told()
    activity_sessions.edit(
        place,
        by=town.staff,
        starts_at=place.starts_at + timedelta(hours=1),
        ends_at=place.ends_at + timedelta(hours=1),
        minimum=1,
        maximum=2,
    )
    after = told()
    assert before[0] == after[0]
    assert before[1] < after[1]
    assert before[2] < after[2]


def test_a_new_address_ends_the_old_one_and_no_address_ends_all(town, visit):
    client = visit(town.rider)
    client.post("/volunteers/mine/calendar/")
    old = f"/volunteers/calendar/{CalendarFeed.objects.get().token}.ics"
    assert client.get(old).status_code == 200
    client.post("/volunteers/mine/calendar/")
    new = f"/volunteers/calendar/{CalendarFeed.objects.get().token}.ics"
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    client.post("/volunteers/mine/calendar/", {"end": "1"})
    assert client.get(new).status_code == 404
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "volunteers.renew_feed",
        "volunteers.end_feed",
        "volunteers.renew_feed",
        "volunteers.end_feed",
    ]
    assert not [e for e in AuditEvent.objects.all() if old[21:40] in str(e.changes)]


def test_a_calendar_of_somebody_who_was_locked_out_is_not_there(town, client):
    feed = calendar_feeds.renew_feed(by=town.rider)
    town.rider.is_active = False
    town.rider.save()
    assert client.get(f"/volunteers/calendar/{feed.token}.ics").status_code == 404


def test_what_is_confidential_is_not_named_in_a_calendar(town, client):
    talk = ActivityFactory(
        community=town.community, organiser=town.staff, title="心理咨询", is_confidential=True
    )
    signups.sign_up(session(talk), by=town.rider)
    calendar_feeds.renew_feed(by=town.rider)
    lines = feed_of(client, town.rider)
    assert "SUMMARY:庆小驿的活动" in lines
    assert "心理" not in "".join(lines)


# --- the word before ------------------------------------------------------------------------

MORNING = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 10:00 in Daqing
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00, a meal peak


def at(activity, moment, **fields):
    return ActivitySession.objects.create(
        activity=activity,
        starts_at=moment,
        ends_at=moment + timedelta(hours=1),
        maximum=5,
        **fields,
    )


@pytest.fixture
def clock(monkeypatch):
    """Set the time: `clock(moment)`."""

    def put(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    put(MORNING - timedelta(days=1))
    return put


def reminder_notices():
    return Notice.objects.filter(kind="volunteers.reminder")


@pytest.fixture
def calm(town, clock):
    """An activity announced long before the made-up moments."""
    return ActivityFactory(
        community=town.community,
        organiser=town.staff,
        title="大集疏导",
        place="大集东口",
        bring="手套",
        opens_at=MORNING - timedelta(days=9),
    )


def test_those_who_come_are_reminded_once(town, calm, clock, settings):
    place = at(calm, MORNING + timedelta(hours=20))
    signups.sign_up(place, by=town.rider)
    gone = signups.sign_up(place, by=town.stranger)
    signups.leave(gone, by=town.stranger)
    clock(MORNING - timedelta(minutes=1))
    assert reminders.remind() == 0  # 20 hours and a minute ahead
    clock(MORNING)
    tasks.remind()
    tasks.remind()
    notice = reminder_notices().get()
    assert notice.recipient == town.rider
    assert notice.title == "11 月 26 日 周四 6:00–7:00：大集疏导"
    assert "大集东口" in notice.body
    assert "手套" in notice.body
    settings.REMINDER_HOURS = 0
    at(calm, MORNING + timedelta(minutes=5))
    assert reminders.remind() == 0


def test_the_notices_page_has_one_tap_to_say_no(town, visit, activity, monkeypatch):
    monkeypatch.setattr("yuanhang.core.quiet_hours.QUIET", ())
    place = session(activity, hours=5)
    signups.sign_up(place, by=town.rider)
    reminders.remind()
    client = visit(town.rider)
    opened = client.post(f"/notices/{reminder_notices().get().pk}/")
    assert opened.url == place.get_absolute_url()
    page = client.get(opened.url).content.decode()
    block = page.split(f'id="session-{place.pk}"')[1].split("</article>")[0]
    assert f"/volunteers/sessions/{place.pk}/leave/" in block


def test_no_reminder_in_quiet_hours_but_for_what_is_close(town, calm, clock):
    late, close = at(calm, NOON + timedelta(hours=9)), at(calm, NOON + timedelta(hours=2))
    for place in (late, close):
        signups.sign_up(place, by=town.rider)
    clock(NOON)
    assert reminders.remind() == 1
    assert reminder_notices().get().url == close.get_absolute_url()
    clock(NOON + timedelta(hours=1, minutes=30))
    assert reminders.remind() == 1


def test_a_new_time_is_reminded_of_anew(town, calm, clock):
    place = at(calm, MORNING + timedelta(hours=5))
    signups.sign_up(place, by=town.rider)
    clock(MORNING)
    assert reminders.remind() == 1
    later = timedelta(hours=3)
    activity_sessions.edit(
        place,
        by=town.staff,
        starts_at=place.starts_at + later,
        ends_at=place.ends_at + later,
        minimum=1,
        maximum=5,
    )
    assert reminders.remind() == 1
    assert reminder_notices().count() == 2


def test_after_an_outage_nobody_is_told_of_what_is_over_and_there_is_no_storm(
    town, calm, clock, monkeypatch
):
    monkeypatch.setattr("volunteers.activities.reminders.SESSIONS_A_RUN", 2)
    over = at(calm, MORNING - timedelta(hours=3))
    coming = [at(calm, MORNING + timedelta(hours=n)) for n in (4, 6, 8)]
    draft = ActivityFactory(community=town.community, organiser=town.staff, state="draft")
    at(draft, MORNING + timedelta(hours=5))
    for place in (over, *coming):
        for rider in riders(2):
            signups.sign_up(place, by=rider)
    clock(MORNING)
    assert [reminders.remind() for _ in range(3)] == [2, 1, 0]
    urls = list(reminder_notices().order_by("pk").values_list("url", flat=True))
    assert urls == [place.get_absolute_url() for place in coming for _ in range(2)]
