"""The demo's three estates, all fictional: gates, buildings, and what riders wrote."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F
from django.utils import timezone

from hazards.gates import refusals
from stations.areas.models import Community
from stations.estates import estates, facts
from stations.estates.facts import Content
from stations.estates.models import Estate, EstateBuilding, FactConfirmation, FactVersion
from yuanhang.core.models import User

ALL_DAY = (time(0), time(0))
DAY = (time(6), time(22))
# Corners in degrees: south, west, north, east.
HOMES = (46.5402, 124.9398, 46.5430, 124.9442)
MALL = (46.5426, 124.9478, 46.5436, 124.9502)
HOSPITAL = (46.5455, 124.9558, 46.5467, 124.9580)


def make_estates(riders: list[User], staff: User) -> None:
    """Three estates of the first community, entered by its staff and written by its riders."""
    community = Community.objects.home()
    homes = _make(community, staff, "residential", "示意小区甲", "远航小区路（示意）", HOMES)
    mall = _make(community, staff, "mall", "示意商场乙", "商服一条街（示意）", MALL)
    hospital = _make(community, staff, "hospital", "示意医院丙", "景山路（示意）", HOSPITAL)
    _houses(homes, rows=3, columns=4)
    for number, (south, east) in {"门诊": (0.0004, 0.0006), "住院": (0.0008, 0.0016)}.items():
        _house(hospital, number, HOSPITAL[0] + south, HOSPITAL[1] + east)
    _house(mall, "A", 46.5431, 124.9486)
    _house(mall, "B", 46.5431, 124.9495)
    _tell_of_homes(homes, riders, staff)
    _tell_of_others(mall, hospital, riders, staff)


def make_refusal(riders: list[User]) -> None:
    """One of the riders was turned away; the community has it as a case."""
    case, _is_new = refusals.report(
        Estate.objects.get(name="示意商场乙"),
        gate="后门",
        when="昨天",
        said="说送餐车不让进停车场",
        by=riders[1],
        submission_key=uuid4(),
    )
    # As of every case of the demo: its first step is the moment it came.
    case.steps.update(at=case.submitted_at)


def _make(community, staff, kind, name, address, box):
    south, west, north, east = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return estates.create(
        Estate(
            community=community,
            kind=kind,
            name=name,
            address=address,
            property_phone="10000000120",
            latitude=round((south + north) / 2, 6),
            longitude=round((west + east) / 2, 6),
            boundary={"type": "Polygon", "coordinates": [ring]},
        ),
        by=staff,
    )


def _house(estate, number, latitude, longitude):
    EstateBuilding.objects.create(
        estate=estate, number=number, latitude=round(latitude, 6), longitude=round(longitude, 6)
    )


def _houses(estate, *, rows, columns):
    """Numbered from north to south and from west to east, with a way in the middle."""
    south, west, north, east = HOMES
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        aside = 0.0004 if column >= columns / 2 else 0.0
        _house(
            estate,
            str(index + 1),
            north - 0.0005 - row * (north - south - 0.001) / (rows - 1),
            west + 0.0005 + column * (east - west - 0.0014) / (columns - 1) + aside,
        )


def _tell_of_homes(estate, riders, staff):
    south, west, north, east = HOMES
    middle = (west + east) / 2
    north_gate = Content(
        name="北门",
        bikes="in",
        opens=DAY[0],
        closes=DAY[1],
        words="抬杆自动开，不用登记",
        buildings=["1", "2", "3", "4", "7", "8"],
        latitude=north,
        longitude=round(middle, 6),
    )
    gate = _believed(estate, riders, "gate", north_gate)
    # Two more said so yesterday, and the property in between.
    facts.confirm_by_property(gate, estate=estate)
    for rider in riders[3:6]:
        facts.confirm(gate, by=rider)
    _long_ago(gate, days=1)
    east_gate = Content(
        name="东门",
        bikes="walk",
        opens=ALL_DAY[0],
        closes=ALL_DAY[1],
        words="车停门外白线里",
        latitude=round(south + 0.0014, 6),
        longitude=east,
    )
    _long_ago(_believed(estate, riders, "gate", east_gate), days=20)
    south_gate = Content(
        name="南门",
        bikes="shut",
        words="修路，先绕北门",
        latitude=south,
        longitude=round(middle, 6),
    )
    _long_ago(facts.write(estate, "gate", south_gate, by=staff), days=3)
    order = Content(words="楼号从北往南、从西往东数，没有 13 栋")
    _long_ago(_believed(estate, riders, "buildings", order), days=40)
    shelf = Content(
        words="取餐架在东门里面左手边", latitude=round(south + 0.0019, 6), longitude=east - 0.0004
    )
    _long_ago(_believed(estate, riders, "shelf", shelf), days=60)
    swap = Content(words="换电柜在北门外车棚")
    _long_ago(_believed(estate, riders, "swap", swap), days=190)
    facts.write(estate, "toilet", Content(words="最近的厕所在游园西门"), by=riders[4])
    day = timezone.localdate() - timedelta(days=8)
    estates.agree(estate, rule="送餐车走北门，登记一次车牌就放行", on=day, by=staff)


def _tell_of_others(mall, hospital, riders, staff):
    back = Content(
        name="后门",
        bikes="in",
        opens=time(8),
        closes=time(21, 30),
        words="从停车场进，货梯上楼",
        latitude=MALL[0],
        longitude=124.9490,
    )
    _long_ago(_believed(mall, riders, "gate", back), days=2)
    facts.write(mall, "parking", Content(words="车停后门雨棚下，别堵消防通道"), by=staff)
    west = Content(
        name="西门",
        bikes="in",
        opens=ALL_DAY[0],
        closes=ALL_DAY[1],
        words="走右边小门，电动车推行",
        latitude=46.5461,
        longitude=HOSPITAL[1],
    )
    gate = facts.write(hospital, "gate", west, by=riders[0])
    facts.confirm(gate, by=staff, phoned_on=timezone.localdate() - timedelta(days=5))
    facts.write(
        hospital, "guard", Content(words="住院部晚上 8 点后不让上楼，一楼交接"), by=riders[2]
    )


def _believed(estate: Estate, riders: list[User], kind: str, content: Content) -> FactVersion:
    version = facts.write(estate, kind, content, by=riders[0])
    for rider in riders[1:3]:
        version = facts.confirm(version, by=rider)
    return version


def _long_ago(version: FactVersion, *, days: int) -> None:
    """As if all of it had happened so many days before."""
    back: Any = timedelta(days=days)
    rows = FactVersion.objects.filter(pk=version.pk)
    rows.update(
        written_at=F("written_at") - back,
        confirmed_at=F("confirmed_at") - back,
        sure_at=F("sure_at") - back,
        sure_on=F("sure_on") - back,
    )
    FactConfirmation.objects.filter(version=version).update(at=F("at") - back)
