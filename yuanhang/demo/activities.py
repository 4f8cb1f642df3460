"""The demo's twenty activities of every kind, past and coming, made through the workflow."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from PIL import Image, ImageDraw

from stations.areas.models import Community, Grid
from stations.postings.models import Organisation
from volunteers.activities import activities, banner, pledges, signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from yuanhang.core.media import photos
from yuanhang.demo.cases import at
from yuanhang.demo.town import LANDMARKS

HERE = "庆小驿温暖站"
POLICE = "八百垧分局派出所"
ANNOUNCED = timedelta(days=6)


@dataclass
class Plan:
    """One activity: when its sessions are (days from today, hour, minutes) and who comes."""

    kind: str
    title: str
    place: str
    times: list
    most: int
    come: range = range(0)  # which of the demo's workers sign up for the first session
    text: str = ""
    more: dict = field(default_factory=dict)
    partner: str = ""


PLANS = [
    Plan("volunteering", "雪后清扫公交站台", "外环路公交站", [(1, 10, 60)], 4, range(4, 10),
         "台阶上的冰最滑人。铲子、融雪剂社区备好，扫完喝碗热汤。", {"bring": "手套"}),
    Plan("volunteering", "大集交通疏导", "大集东口", [(2, 8, 120), (9, 8, 120)], 6, range(10, 15),
         "车多人多，帮老人过个路口，劝车别停斑马线上。", {"bring": "反光背心（没有的站里领）"}),
    Plan("care", "免费查体", HERE, [(3, 9, 120)], 30, range(2, 20),
         "量血压、测血糖、看颈肩腰。空着肚子来，做完有早饭。"),
    Plan("volunteering", "平房区消防宣传", "平房区二巷", [(3, 14, 90)], 8, range(20, 24),
         "挨家看看烟道、插线板、灭火器，说一句就走。"),
    Plan("volunteering", "文明靠右行", "南六街与外环路口", [(4, 15, 60)], 10, range(24, 27),
         "自己先做到，再劝一句。"),
    Plan("training", "反诈课：到付快递和假客服", HERE, [(5, 14, 90)], 20, range(9),
         "民警讲真事：哪些快递要提醒老人别付钱，接到假客服怎么办。", partner=POLICE),
    Plan("care", "心理咨询", HERE, [(6, 9, 120)], 4, range(30, 32),
         "一对一，一人半小时。", {"is_confidential": True}),
    Plan("training", "灭火器实操", HERE, [(6, 14, 60)], 12, range(9, 17),
         "提、拔、握、压，自己喷一遍。"),
    Plan("training", "应急救援课（两次）", HERE, [(7, 14, 120), (14, 14, 120)], 16, range(17, 26),
         "心肺复苏、止血包扎。两次都来，才算学完。", partner=POLICE),
    Plan("exchange", "骑手议事会：小区门怎么进", HERE, [(8, 14, 60)], 15, range(26, 32),
         "物业、社区、骑手坐下来，把进门的事说定。", {"closes_in": timedelta(days=7)}),
    Plan("care", "义诊", HERE, [(10, 14, 120)], 20, range(32, 36), "看胃、看腰、看关节。"),
    Plan("care", "就业招聘会", "商服一条街", [(12, 9, 180)], 200, range(6, 12),
         "十来家单位，有夜班也有白班。"),
    Plan("volunteering", "植树节认捐护绿", "外环路公交站", ["spring"], 12, range(12, 20),
         "先认捐树苗，开春一起种。种在外环路边，谁种的谁常看得见。",
         {"pledge_item": "树苗", "pledge_unit": "棵", "pledge_target": 80, "bring": "铁锹、水桶"}),
    Plan("exchange", "站里聊聊：冬天怎么骑", HERE, [(2, 15, 60)], 12, range(20, 25),
         "防滑、保暖、电池掉电，各说各的招。"),
    Plan("volunteering", "老城区消防宣传", "平房区二巷", [(-25, 14, 90)], 8, range(6)),
    Plan("exchange", "骑手议事会：哪里缺充电桩", HERE, [(-20, 14, 60)], 15, range(6, 16)),
    Plan("care", "颈肩腰理疗", HERE, [(-15, 10, 120)], 10, range(16, 24)),
    Plan("training", "排查安全隐患", HERE, [(-12, 14, 90)], 20, range(12), partner=POLICE),
    Plan("volunteering", "入冬前看看独居老人", "远航小区北门", [(-9, 9, 90)], 6, range(1, 7)),
    Plan("volunteering", "大集交通疏导（上一次）", "大集东口", [(-5, 8, 120)], 6, range(10, 16)),
]  # fmt: skip


def make_activities(riders, staff):
    """All of them. `staff` organises, `riders` come."""
    now, made = timezone.now(), {}
    for plan in PLANS:
        made[plan.title] = _make(plan, riders, staff, now)
    _some_stories(made, riders, staff)


def _make(plan, riders, staff, now):
    spans = [_span(when) for when in plan.times]
    announced = min(now, spans[0][0]) - ANNOUNCED
    latitude, longitude = LANDMARKS[plan.place]
    more = dict(plan.more)
    closes_in = more.pop("closes_in", None)
    with at(announced):
        activity = Activity.objects.create(
            kind=plan.kind,
            title=plan.title,
            text=plan.text,
            place=plan.place,
            community=Community.objects.get(is_home=True),
            grid=Grid.objects.containing(latitude, longitude),
            organiser=staff,
            opens_at=announced,
            closes_at=now + closes_in if closes_in else None,
            latitude=latitude,
            longitude=longitude,
            **more,
        )
        if plan.partner:
            activity.partners.set(Organisation.objects.filter(name=plan.partner))
        for starts, ends in spans:
            ActivitySession.objects.create(
                activity=activity,
                starts_at=starts,
                ends_at=ends,
                minimum=min(3, plan.most),
                maximum=plan.most,
                leader=staff,
            )
        activities.publish(activity, by=staff)
    first = activity.sessions.first()
    for number, index in enumerate(plan.come):
        with at(announced + timedelta(hours=5 * number + 4)):
            signups.sign_up(first, by=riders[index])
    if spans[-1][1] < now:
        with at(spans[-1][1] + timedelta(hours=1)):
            activities.finish(activity, by=staff)
    return activity


def _span(when):
    """(start, end) of a session, in local time."""
    if when == "spring":
        day = _next_arbor_day()
        start, minutes = datetime.combine(day, time(14)), 90
    else:
        days, hour, minutes = when
        start = datetime.combine(timezone.localdate() + timedelta(days=days), time(hour))
    start = timezone.make_aware(start)
    return start, start + timedelta(minutes=minutes)


def _next_arbor_day():
    """The day before the next 12 March that is well ahead."""
    today = timezone.localdate()
    day = date(today.year, 3, 11)
    return day if day > today + timedelta(days=9) else day.replace(year=today.year + 1)


def _some_stories(made, riders, staff):
    """A line, an offer, a pair, pledges, a picture, and one that is called off."""
    sweeping = made["雪后清扫公交站台"].sessions.get()
    signups.sign_up(sweeping, by=riders[0])
    market = made["大集交通疏导"].sessions.order_by("starts_at")[1]
    signups.sign_up(market, by=riders[0])
    course = made["灭火器实操"].sessions.get()
    first = signups.sign_up(course, by=riders[1], as_pair=True)
    signups.join_pair(first.pair, by=riders[2])
    right = made["文明靠右行"].sessions.get()
    signups.sign_up(right, by=riders[0], as_pair=True)
    trees = made["植树节认捐护绿"]
    for index in range(20):
        pledges.pledge(trees, by=riders[index], quantity=1 + index * 7 % 5)
    banner.set_banner(trees, photos.process(_saplings()), by=staff)
    full = made["大集交通疏导"].sessions.order_by("starts_at")[0]
    for index in (15, 1):
        signups.sign_up(full, by=riders[index])
    signups.leave(full.signups.get(user=riders[10]), by=riders[10])
    activities.cancel(made["站里聊聊：冬天怎么骑"], by=staff, reason="那天要下大雪，改到下周再约")


def _saplings():
    """A row of young trees along a road, as a PNG file."""
    width, height = 1280, 720
    image = Image.new("RGB", (width, height), (214, 232, 240))
    pen = ImageDraw.Draw(image)
    for y in range(430):
        pen.line([(0, y), (width, y)], fill=(170 + y // 8, 206 + y // 12, 232))
    pen.ellipse([(930, 90), (1050, 210)], fill=(250, 222, 150))
    pen.polygon([(0, 430), (330, 330), (700, 410), (1000, 340), (1280, 420), (1280, 470), (0, 470)],
                fill=(150, 176, 140))  # fmt: skip
    pen.rectangle([(0, 450), (width, height)], fill=(158, 132, 96))
    pen.polygon([(0, 720), (0, 640), (width, 520), (width, 640), (900, 720)], fill=(112, 112, 116))
    for index in range(7):
        x, size = 90 + index * 185, 1 - index * 0.07
        y = 640 - index * 19
        pen.ellipse([(x - 46 * size, y - 10), (x + 46 * size, y + 16)], fill=(118, 92, 62))
        pen.line([(x, y), (x + 4, y - 190 * size)], fill=(112, 82, 54), width=int(11 * size))
        pen.line([(x + 34 * size, y + 4), (x + 3, y - 90 * size)], fill=(180, 160, 120), width=5)
        for dx, dy, r in ((0, -215, 56), (-38, -178, 42), (40, -172, 44), (2, -150, 38)):
            box = [(x + (dx - r) * size, y + (dy - r) * size)]
            box.append((x + (dx + r) * size, y + (dy + r) * size))
            pen.ellipse(box, fill=(58 + r // 2, 128 + r // 2, 66))
    out = io.BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    return out
