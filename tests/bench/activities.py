"""Activities of a bench city: most are long over, and what was done there stands in the ledger."""

from datetime import timedelta

from django.utils import timezone

from stations.areas.models import Community
from tests.bench.bulk import insert
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.models import User

PER_ACTIVITY = 100  # cases for each activity: 10,000 at a million
ACTIVITIES_MIN = 150  # a full page of the admin in a small city, too
SIGNUPS = 20  # for each activity
FULL_SESSIONS, FULL_SIGNUPS, RACE_PLACES, RACERS = 40, 240, 100, 500
UPCOMING = 40  # however large the city is, so many are announced


def make(count, cast):
    """Activities by the size of the city; one with 40 sessions; one that all want to join."""
    home, staff = Community.objects.get(is_home=True), cast["staff"][0]
    _activities(max(count // PER_ACTIVITY, ACTIVITIES_MIN), home, staff)
    _signups()
    _ledger(home, staff)
    _large(home, staff)


def _activities(number, home, staff):
    insert(
        Activity,
        f"FROM generate_series(1, {number}) AS n",
        title="'扫雪 ' || n",
        text="'带上手套。'",
        place="'温暖站'",
        kind="'volunteering'",
        state=f"CASE WHEN n <= {UPCOMING} THEN 'published' ELSE 'finished' END",
        community_id=f"{home.pk}",
        organiser_id=f"{staff}",
        opens_at="now() - interval '800 days'",
        created_at="now() - (n % 700) * interval '1 day'",
    )
    begins = (
        "date_trunc('hour', now()) + interval '{hours} hours' + CASE state WHEN 'published'"
        " THEN interval '1 day' * n ELSE -interval '1 day' * (n % 700 + 1) END"
    )
    insert(
        ActivitySession,
        "FROM (SELECT id, state, row_number() OVER (ORDER BY id) AS n"
        " FROM volunteers_activity) AS a",
        activity_id="a.id",
        starts_at=begins.format(hours=0),
        ends_at=begins.format(hours=2),
        maximum="30",
        ceiling="30",
        taken=f"{SIGNUPS}",
        settled_at="CASE state WHEN 'finished' THEN now() END",
    )


def _signups():
    people = User.objects.order_by("pk").values_list("pk", flat=True).last()
    who = f"1 + (s.id * 7919 + k * 131) % {people}"
    drawn = f"volunteers_activitysession AS s, generate_series(1, {SIGNUPS}) AS k"
    # Numbers and expressions are the bench's own.
    drawn = f"SELECT s.id AS session, s.starts_at, {who} AS person FROM {drawn}"  # noqa: S608
    insert(
        SignUp,
        f"FROM ({drawn}) AS p JOIN yuanhang_user AS u ON u.id = person",
        session_id="session",
        user_id="person",
        state="'confirmed'",
        made_at="least(starts_at, now()) - interval '3 days'",
        queued_at="least(starts_at, now()) - interval '3 days'",
    )


def _ledger(home, staff):
    insert(
        ServiceRecord,
        "FROM volunteers_signup AS p JOIN volunteers_activitysession AS s ON s.id = p.session_id"
        " WHERE s.settled_at IS NOT NULL",
        user_id="p.user_id",
        community_id=f"{home.pk}",
        source="'session'",
        session_id="s.id",
        content="'扫雪'",
        on="(s.starts_at AT TIME ZONE 'Asia/Shanghai')::date",
        minutes="120",
        by_id=f"{staff}",
        at="s.ends_at",
    )


def _large(home, staff):
    """One activity of 40 sessions with 240 sign-ups; one session of 100 places for 500 people."""
    first = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    common = {"community": home, "organiser_id": staff, "state": "published", "place": "温暖站"}
    large = Activity.objects.create(title="一周四十场", kind="volunteering", **common)
    race = Activity.objects.create(title="一百个名额", kind="volunteering", **common)
    people = User.objects.bulk_create(
        User(phone=f"102{n:08d}", display_name=f"抢位{n}（演示）", password="!")
        for n in range(RACERS)
    )
    rows = []
    for number in range(FULL_SESSIONS):
        begin = first + timedelta(hours=4 * number)
        session = ActivitySession.objects.create(
            activity=large,
            starts_at=begin,
            ends_at=begin + timedelta(hours=2),
            maximum=20,
            ceiling=20,
            taken=FULL_SIGNUPS // FULL_SESSIONS,
        )
        rows += [
            SignUp(session=session, user=people[(6 * number + k) % RACERS], state="confirmed")
            for k in range(FULL_SIGNUPS // FULL_SESSIONS)
        ]
    SignUp.objects.bulk_create(rows)
    ActivitySession.objects.create(
        activity=race,
        starts_at=first + timedelta(days=30),
        ends_at=first + timedelta(days=30, hours=2),
        maximum=RACE_PLACES,
        ceiling=RACE_PLACES,
    )
