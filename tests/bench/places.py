"""The ground and the people of a bench city."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from stations.areas.models import Community, Grid, Subdistrict
from stations.postings.models import Organisation, Posting
from tests.bench.bulk import insert
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    OrganisationFactory,
    StationFactory,
    SubdistrictFactory,
    square,
)
from tests.factories.workers import UserFactory, WorkerFactory, post
from workers.models import Worker
from yuanhang.core.models import User

PER_SUBDISTRICT = 20
# Three characters that nobody bears together, spread as names are; what is looked for is rare.
FIRST_CHARACTER, CHARACTERS = ord("\u4e00"), 4000
NAME = (
    f"'骑手' || chr({FIRST_CHARACTER} + (n::bigint * 7919 % {CHARACTERS})::int)"
    f" || chr({FIRST_CHARACTER} + (n::bigint / 10 * 6007 % {CHARACTERS})::int)"
    # Every 40,000 the first two come again.
    f" || chr({FIRST_CHARACTER} + (n::bigint / 40000 % {CHARACTERS})::int) || '（演示）'"
)
HOME_WORKERS_MIN = 150  # a full page of the admin in a small city, too
CAST = ("rider", "grid_worker", "staff", "officer", "admin")


def make(communities, home_grids, other_grids):
    """The home subdistrict and the others; the cast, logged in: {name: (id, session key)}."""
    home = SubdistrictFactory(name="八百垧街道")
    community = CommunityFactory(name="远航社区", subdistrict=home, is_home=True, desk_phone="110")
    other = CommunityFactory(name="景山社区", subdistrict=home)
    for number in range(1, home_grids + 1):
        for where, south in ((community, 46.54), (other, 46.56)):
            boundary = square(south, round(124.80 + 0.01 * number, 6))
            GridFactory(community=where, number=number, boundary=boundary)
    _others(communities, other_grids)
    station = StationFactory(community=community, slug="qingxiaoyi")
    OrganisationFactory(subdistrict=home)
    cast = {name: UserFactory() for name in CAST}
    WorkerFactory(user=cast["rider"], community=community, station=station)
    User.objects.filter(pk__in=[cast["staff"].pk, cast["admin"].pk]).update(is_staff=True)
    User.objects.filter(pk=cast["admin"].pk).update(is_superuser=True)
    post(cast["grid_worker"], Posting.Role.GRID_WORKER, community.grids.get(number=6))
    post(cast["staff"], Posting.Role.COMMUNITY_STAFF, community)
    post(cast["officer"], Posting.Role.CENTRE_OFFICER, home)
    return {name: (user.pk, logged_in(user)) for name, user in cast.items()}


def _others(communities, grids):
    """Communities beside the home ones, twenty a subdistrict, and their grids."""
    others = [
        Subdistrict.objects.create(name=f"街道{n}", number_prefix=f"Q{chr(65 + n)}")
        for n in range(-(-communities // PER_SUBDISTRICT))
    ]
    made = Community.objects.bulk_create(
        Community(subdistrict=others[n // PER_SUBDISTRICT], name=f"社区{n:03d}")
        for n in range(communities)
    )
    rows = []
    for number in range(grids):
        south, west = 46.0 + 0.01 * (number // 40), 125.1 + 0.01 * (number % 40)
        row = Grid(
            community=made[number % communities],
            number=1 + number // communities,
            name=f"第{1 + number // communities}网格",
            boundary=square(round(south, 6), round(west, 6)),
        )
        row.south, row.west, row.north, row.east = south, west, south + 0.01, west + 0.01
        rows.append(row)
    Grid.objects.bulk_create(rows)
    Organisation.objects.bulk_create(
        Organisation(
            subdistrict=place, name=f"维护所{place.pk}", kind=Organisation.Kind.RESPONSIBLE
        )
        for place in others
    )


def logged_in(user):
    """The key of a new session of somebody."""
    user.refresh_from_db()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "yuanhang.core.accounts.RightsInCodeBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def people(count):
    """So many registered riders, all over the city."""
    communities = list(Community.objects.order_by("pk").values_list("pk", flat=True))
    source = f"FROM generate_series(1, {count}) AS n"
    insert(
        User,
        source,
        phone="'101' || lpad(n::text, 8, '0')",
        display_name=NAME,
        password="'!'",
        date_joined="now() - (n % 700) * interval '1 day'",
    )
    riders = "FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM yuanhang_user) AS u"
    riders += (
        " WHERE NOT EXISTS (SELECT FROM workers_worker w WHERE w.user_id = u.id)"
        " AND NOT EXISTS (SELECT FROM stations_posting p WHERE p.user_id = u.id)"
    )
    insert(
        Worker,
        riders,
        user_id="u.id",
        community_id=f"CASE WHEN n <= {HOME_WORKERS_MIN} THEN {communities[0]}"
        f" ELSE ({_array(communities)}::bigint[])[1 + n % {len(communities)}] END",
        job=f"'{Worker.Job.RIDER}'",
        created_at="now() - (n % 700) * interval '1 day'",
        confirmed_at="CASE WHEN n % 3 = 0 THEN now() END",
    )


def _array(numbers):
    return "'{" + ",".join(map(str, numbers)) + "}'"


def name_of(n):
    """What `NAME` is of one of them, but for what everybody's ends in."""
    last = n // 10 * 6007 % CHARACTERS
    third = n // 40000 % CHARACTERS
    characters = (n * 7919 % CHARACTERS, last, third)
    return "骑手" + "".join(chr(FIRST_CHARACTER + one) for one in characters)


def analyze():
    """Fresh statistics, and pages that say of themselves that everybody may see their rows."""
    connection.cursor().execute("VACUUM ANALYZE")
