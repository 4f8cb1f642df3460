"""The demo's fictional community: places, posts and people."""

import random
from datetime import time, timedelta
from functools import partial

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from stations.areas.models import Community, Grid, Landmark, Subdistrict
from stations.houses.models import Facility, FirstAidItem, OpeningHours, Station, Zone
from stations.postings import postings
from stations.postings.models import Organisation, Posting
from workers import workers
from workers.models import Consent, Platform, Worker
from yuanhang.core.models import User
from yuanhang.demo.log_ins import LOGINS, PASSWORD

# Schematic: a lattice around the demo centre 46.545 N, 124.945 E (WGS-84), slightly crooked as
# streets are. Rows from south to north, columns from west to east.
ROWS = (46.5385, 46.5450, 46.5515)
COLUMNS = (124.9265, 124.9355, 124.9445, 124.9535, 124.9625)
NUMERALS = "一二三四五六七八"
LANDMARKS = {
    "南六街与外环路口": (46.54512, 124.94520 - 0.0060),
    "外环路公交站": (46.54705, 124.94010),
    "庆小驿温暖站": (46.54630, 124.94180),
    "商服一条街": (46.54240, 124.94800),
    "大集东口": (46.54110, 124.93210),
    "平房区二巷": (46.54830, 124.93050),
    "远航小区北门": (46.54360, 124.94020),
    "景山小区南门": (46.54780, 124.95000),
    "景山社区门口": (46.54900, 124.95800),
}
FLOORS = (
    (1, "能量加油站", "暖暖气 充充电 热微波炉 水饮水机 冷空调 厕卫生间 气打气筒"),
    (2, "温暖文娱区", "坐沙发桌椅 书书报 药应急药箱"),
)
KINDS = {
    "暖": "heating",
    "冷": "aircon",
    "充": "power",
    "水": "water",
    "厕": "toilet",
    "气": "pump",
    "坐": "seat",
    "热": "oven",
    "换": "swap",
}
# (kind, name, address, offset in degrees, opens, closes, what it has)
FRIENDLY = (
    ("pharmacy", "平房区口便民药店", "平房区口", (0.0004, 0.0045), 0, 0, "暖水充坐"),
    ("fuel", "银河加油站便利店", "外环路", (-0.0098, 0.001), 0, 0, "暖厕热气"),
    ("bank", "邮政网点歇脚处", "南六街", (0.0005, 0.0116), 8, 17, "暖充水坐"),
    ("merchant", "大集面馆", "大集北口", (0.0062, -0.0035), 9, 20, "暖水热坐"),
)
NAMES = ("暖气", "热水", "充电", "座位", "卫生间", "微波炉", "打气筒")
THINGS = dict(zip("暖水充坐厕热气", NAMES, strict=True))
ORGANISATIONS = "市政维护所 路灯管理所 供热服务站 环卫所 供电班组 水务抢修班 社区民警 社工站"


def make_places():
    """Subdistrict, communities, grids, landmarks, station and organisations."""
    subdistrict = Subdistrict.objects.create(name="八百垧街道", code="230605011")
    home = Community.objects.create(subdistrict=subdistrict, name="远航社区", is_home=True)
    other = Community.objects.create(subdistrict=subdistrict, name="景山社区")
    dice = random.Random(6)  # noqa: S311 - the same crooked streets every time
    corner = {
        (row, column): [
            round(longitude + dice.uniform(-0.0008, 0.0008), 6),
            round(latitude + dice.uniform(-0.0005, 0.0005), 6),
        ]
        for row, latitude in enumerate(ROWS)
        for column, longitude in enumerate(COLUMNS)
    }
    for index, numeral in enumerate(NUMERALS):
        row, column = divmod(index, 4)
        ring = [corner[row + r, column + c] for r, c in ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))]
        Grid.objects.create(
            community=home if index < 6 else other,
            number=index + 1,
            name=f"第{numeral}网格",
            boundary={"type": "Polygon", "coordinates": [ring]},
        )
    for name, (latitude, longitude) in LANDMARKS.items():
        found = Grid.objects.containing(latitude, longitude)
        community = found.community if found else home
        Landmark.objects.create(
            community=community, name=name, latitude=latitude, longitude=longitude
        )
    for n, name in enumerate(ORGANISATIONS.split(), 1):
        Organisation.objects.create(
            subdistrict=subdistrict,
            name=f"{name}（演示）",
            kind=Organisation.Kind.RESPONSIBLE,
            phone=f"1000000{300 + n:04d}",
        )
    Organisation.objects.create(
        subdistrict=subdistrict, name="八百垧分局派出所", kind=Organisation.Kind.PARTNER
    )
    _make_station(home)
    _make_friendly_places(home)


def _make_station(community):
    latitude, longitude = LANDMARKS["庆小驿温暖站"]
    station = Station.objects.create(
        community=community,
        name="庆小驿温暖站",
        slug="qingxiaoyi",
        address="远航社区，南六街旁（示意）",
        note="歇脚、充电、热饭、喝口热水，进门不用登记",
        entry="门在楼南侧，红牌子下面",
        desk_phone="10000000100",
        on_holidays=Station.OnHolidays.USUAL,
        latitude=latitude,
        longitude=longitude,
    )
    for weekday in range(7):
        OpeningHours.objects.create(
            station=station, weekday=weekday, opens=time(7), closes=time(21)
        )
    today = timezone.localdate()
    for name, days in (("碘伏", 24), ("冻伤膏", 200), ("纱布", 500)):
        FirstAidItem.objects.create(
            station=station, name=name, expires_on=today + timedelta(days=days)
        )
    for floor, name, things in FLOORS:
        zone = Zone.objects.create(station=station, floor=floor, name=name)
        for order, thing in enumerate(things.split()):
            Facility.objects.create(
                zone=zone,
                kind=KINDS.get(thing[0], "other"),
                seal=thing[0],
                name=thing[1:],
                order=order,
                checked_at=timezone.now().replace(minute=30, second=0, microsecond=0)
                - timedelta(hours=2),
                checked_as=Posting.Role.STATION_KEEPER,
                condition=(
                    Facility.Condition.EMPTY if thing[0] == "水" else Facility.Condition.GOOD
                ),
                remark="桶装水下午送到" if thing[0] == "水" else "",
            )


def _make_friendly_places(community):
    """友好场所 around the station: each with its hours, and who agreed."""
    latitude, longitude = LANDMARKS["庆小驿温暖站"]
    for number, (kind, name, address, offset, opens, closes, things) in enumerate(FRIENDLY, 1):
        place = Station.objects.create(
            community=community,
            kind=kind,
            name=name,
            slug=f"friendly-{number}",
            address=f"{address}（示意）",
            desk_phone=f"1000000011{number}",
            latitude=round(latitude + offset[0], 6),
            longitude=round(longitude + offset[1], 6),
            on_holidays=Station.OnHolidays.USUAL,
            agreed_by="店里负责人（演示）",
            agreed_on=timezone.localdate() - timedelta(days=30 * number),
        )
        for weekday in range(7):
            OpeningHours.objects.create(
                station=place, weekday=weekday, opens=time(opens), closes=time(closes)
            )
        inside = Zone.objects.create(station=place, floor=1, name="店里")
        for order, seal in enumerate(things):
            Facility.objects.create(
                zone=inside, kind=KINDS[seal], seal=seal, name=THINGS[seal], order=order
            )


def make_posts():
    """The people of the log-in page, and holders for the other grids."""
    # Hashing is slow by design, and everybody has the same password, which the log-in page tells.
    people, password = {}, make_password(PASSWORD)
    for phone, name in LOGINS:
        staff = phone in {"10000000021", "10000000022", "10000000041"}
        people[phone] = _make_user(
            phone,
            password,
            display_name=name,
            is_staff=staff,
            is_superuser=phone == "10000000041",
        )
    grids = {grid.number: grid for grid in Grid.objects.all()}
    home, other = Community.objects.order_by("pk")
    since = timezone.localdate() - timedelta(days=400)
    post, roles = partial(Posting.objects.create, start=since), Posting.Role
    post(user=people["10000000011"], role=roles.GRID_WORKER, grid=grids[6])
    post(user=people["10000000012"], role=roles.PART_TIME_GRID_WORKER, grid=grids[1])
    post(user=people["10000000021"], role=roles.COMMUNITY_STAFF, community=home)
    post(user=people["10000000022"], role=roles.COMMUNITY_STAFF, community=other)
    post(
        user=people["10000000031"],
        role=roles.CENTRE_OFFICER,
        subdistrict=Subdistrict.objects.get(),
    )
    house = Station.objects.get(kind=Station.Kind.STATION)
    post(user=people["10000000051"], role=roles.STATION_KEEPER, station=house)
    for number in (2, 3, 4, 5, 7, 8):
        holder = _make_user(
            f"100000000{50 + number}",
            password,
            display_name=f"第{NUMERALS[number - 1]}网格员（演示）",
        )
        post(user=holder, role=roles.GRID_WORKER, grid=grids[number])
    _substitute(grids, staff=people["10000000021"])
    return people


def _make_user(phone, password, **fields):
    """Somebody with a password that is hashed already."""
    user = User(phone=phone, password=password, **fields)
    user.save()
    return user


def _substitute(grids, *, staff):
    """The holder of grid five is ill; the one of grid four stands in."""
    held = Posting.objects.get(grid=grids[5])
    colleague = Posting.objects.get(grid=grids[4]).user
    today = timezone.localdate()
    postings.substitute(
        held, person=colleague, start=today, until=today + timedelta(days=3), by=staff
    )


def make_workers(people):
    """Forty registrations, a few not yet confirmed; the two log-in riders are confirmed."""
    dice = random.Random(40)  # noqa: S311 - the same people every time
    station = Station.objects.get(kind=Station.Kind.STATION)
    home, other = Community.objects.order_by("pk")
    staff = {home.pk: people["10000000021"], other.pk: people["10000000022"]}
    platforms, grids = list(Platform.objects.all()), list(Grid.objects.all())
    names = [*"甲乙丙丁戊己庚辛壬癸", *(str(n) for n in range(11, 41))]
    made = []
    for index, name in enumerate(names):
        phone = f"1000000{index + 1:04d}" if index < 2 else f"1000000{1000 + index:04d}"
        job = Worker.Job.values[0 if index < 2 else dice.randrange(3)]
        kind = {"rider": "骑手", "courier": "快递员", "driver": "司机"}[job]
        user = people.get(phone) or User.objects.create_user(
            phone, None, display_name=f"{kind}{name}（演示）"
        )
        worker = workers.register(
            user=user,
            community=home if index % 4 else other if index else home,
            job=job,
            station=station if index % 3 else None,
            platform=dice.choice(platforms),
            usual_grids=dice.sample(grids, 2),
            wants_activity_notices=bool(index % 2),
            free_times=[Worker.FreeTime.WEEKDAY_AFTERNOON] if index % 5 == 1 else [],
            consents=[Consent.Purpose.FREE_TIMES] if index % 5 == 1 else [],
        )
        if index % 8 != 7:
            workers.confirm(worker, by=staff[worker.community_id])
        made.append(user)
    return made
