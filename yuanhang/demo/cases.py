"""The demo's sixty cases, made through the workflow at made-up moments."""

import io
import random
import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from hazards.cases import cases, reports
from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.notifications import reviewers_of
from hazards.catalogue.models import Category, StandardCase
from hazards.sightings import nearby_cases, sightings
from stations.areas.models import Grid
from stations.postings.models import Organisation
from yuanhang.core import geo
from yuanhang.core.media import photos, voice
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.demo import drawings, voices

# Whose work it is, as in most towns; the rest is the municipal works'.
REPAIRS = {
    "charging": "供电班组（演示）",
    "street_light": "路灯管理所（演示）",
    "ice": "环卫所（演示）",
    "leak": "水务抢修班（演示）",
    "rubbish": "环卫所（演示）",
}
ANY_REPAIR = "市政维护所（演示）"
WORDS = {
    "manhole": ("井盖翘起来了，晚上看不见", "井盖一压就响，怕翻", "路面塌了个小坑"),
    "fire_lane": ("消防通道堆了旧沙发", "楼道口停了一排电动车"),
    "charging": ("三楼拉线下来充电", "电线搭在树上，一碰就晃"),
    "street_light": ("巷子里两盏灯不亮", "路灯杆歪了"),
    "ice": ("公交站台阶上一层冰", "屋檐冰溜子有一米长"),
    "leak": ("井里往外冒热水", "路边漏水，结成冰了"),
    "rubbish": ("垃圾箱满了三天", "建筑垃圾倒在路边"),
    "traffic": ("护栏倒了一截", "路口老有车停在斑马线上"),
    "fraud": ("老人收到到付快递，要八百块", "有人发传单，说能包治病"),
    "elder": ("老人说两天没下楼买菜了", "老人在路口不认得家"),
    "oil_gas": ("抽油机旁边有油味", "井场围栏破了个口"),
    "other": ("树枝断了挂在半空", "广告牌被风刮松了"),
}
PLACES = {
    "manhole": "南六街与外环路口",
    "ice": "外环路公交站",
    "street_light": "平房区二巷",
    "fire_lane": "商服一条街",
    "traffic": "大集东口",
}
# How far each of the sixty goes, but for the one that is told apart.
PLAN = (
    ["submitted"] * 12
    + ["needs_info"] * 4
    + ["accepted"] * 6
    + ["escalated"] * 5
    + ["dispatched"] * 6
    + ["fixed"] * 5
    + ["suspended"] * 2
    + ["merged"] * 2
    + ["closed"] * 12
    + ["rejected"] * 3
    + ["withdrawn"] * 2
)
# Its place among the sixty gives it a cover, a photo, a voice note and rider 甲.
STORY = 48
NOTES = {
    "accept": ("马上过去看，先摆警示桩。", "今天就去。", "知道了，已经联系物业。"),
    "secure": ("摆了警示桩，围上了。", "拉了警戒带。"),
    "escalate": ("要专业单位来修，报给街道。", ""),
    "dispatch": ("已经派单，对方在路上。", "今天内到场。"),
    "fix": ("换了新的，踩上去稳了。", "清干净了。", "修好了，现场也收拾了。"),
    "close": ("现场看过了，没问题。谢谢你！", "看过了，修得很好。"),
}
REASONS = {
    "ask_info": ("是路口哪一边？旁边有什么店？", "能再拍一张远一点的吗？"),
    "suspend": ("上冻了，开春再修。", "等井盖到货。"),
    "reject": ("这处在小区里面，归物业管，已经替你转告。", "去看过两次，没有找到，可能已经好了。"),
}
ROAD = {
    "submitted": [],
    "needs_info": ["ask_info"],
    "rejected": ["reject"],
    "withdrawn": ["withdraw"],
    "accepted": ["accept", "secure"],
    "escalated": ["accept", "secure", "escalate"],
    "dispatched": ["accept", "secure", "escalate", "dispatch"],
    "suspended": ["accept", "escalate", "dispatch", "suspend"],
    "merged": ["merge"],
    "fixed": ["accept", "secure", "escalate", "dispatch", "fix"],
    "closed": ["accept", "secure", "escalate", "dispatch", "fix", "close"],
}


@contextmanager
def at(moment):
    """Let everything inside happen at a made-up moment.

    The verbs read the clock and take no time from outside, so that nobody can back-date a move;
    the demo's command, alone in its process and in demo mode only, turns the clock itself.
    """
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real


class CaseMaker:
    """Makes one case after another with the same dice."""

    def __init__(self, reporters, officer):
        self.dice = random.Random(60)  # noqa: S311 - the same cases every time
        self.reporters, self.officer = reporters, officer
        self.grids = {grid.number: grid for grid in Grid.objects.select_related("community")}
        self.categories = {category.pk: category for category in Category.objects.all()}
        known = Organisation.objects.filter(kind=Organisation.Kind.RESPONSIBLE)
        self.organisations = {organisation.name: organisation for organisation in known}

    def make(self, index, goal, age, now):
        """The case `index`, reported `age` ago, with its story up to `goal`."""
        key = list(WORDS)[index % len(WORDS)]
        number = 6 if index % 3 == 0 else self.dice.randint(1, 8)
        moment = now - age
        with at(moment):
            hazard = self._submit(index, key, self.grids[number])
        for verb in ROAD[goal]:
            moment += timedelta(minutes=self.dice.randint(6, 55))
            with at(min(moment, now)):
                hazard = self._advance(hazard, verb)
        return hazard

    def ages(self):
        """(age, goal) of every case, oldest first: what is open is young, what ended may be old."""
        spans = {"submitted": (3, 400), "closed": (300, 30_000), "rejected": (300, 9_000)}
        found = [
            (timedelta(minutes=self.dice.randint(*spans.get(goal, (240, 2_500)))), goal)
            for goal in PLAN
        ]
        found.sort(reverse=True)
        # The story of the front page: rider 甲's tilted cover, replaced within the day.
        found.insert(STORY, (found[STORY][0], "closed"))
        return found

    def _submit(self, index, key, grid):
        dice = self.dice
        by = self.reporters[index % 2] if index % 4 < 2 else dice.choice(self.reporters[2:])
        south, west = grid.south, grid.west
        point = geo.Point(
            round(south + (grid.north - south) * dice.uniform(0.25, 0.75), 6),
            round(west + (grid.east - west) * dice.uniform(0.25, 0.75), 6),
            float(dice.randint(6, 40)),
            "wgs84",
        )
        guest = index % 11 == 5
        hazard, _new = reports.submit(
            by=None if guest else by,
            submission_key=_key(dice),
            category=self.categories[key],
            description=dice.choice(WORDS[key]) if index % 5 else "",
            place=PLACES.get(key, "") if index % 2 == 0 else "",
            grid=grid,
            point=point,
            source=Hazard.Source.DEVICE,
            attachments=self._evidence(index, key),
        )
        return hazard

    def _evidence(self, index, key):
        found = Attachments()
        if index % 7 != 4:
            picture = drawings.draw_hazard(key, index)
            found.photos.append(photos.process(io.BytesIO(picture)))
        if index % 4 == 0 or index % 5 == 0:
            sound = voices.make_voice(5 + index % 6, index)
            found.voices.append(voice.convert(io.BytesIO(sound)))
        return found

    def _advance(self, hazard, verb):
        dice, fresh = self.dice, Hazard.objects.get(pk=hazard.pk)
        reviewer = reviewers_of(fresh)[0]
        if verb == "suspend":
            until = timezone.localtime(timezone.now()).date() + timedelta(days=20)
            reason = dice.choice(REASONS[verb])
            return cases.suspend(fresh, by=self.officer, reason=reason, until=until)
        if verb in REASONS:
            reason = dice.choice(REASONS[verb])
            return cases.VERBS[verb](fresh, by=reviewer, reason=reason)
        note = dice.choice(NOTES.get(verb, ("",)))
        if verb == "accept":
            fitting = StandardCase.objects.filter(categories=fresh.category)
            return cases.accept(
                fresh,
                by=reviewer,
                standard_case=fitting.first(),
                urgency=fresh.urgency,
                note=note,
            )
        if verb in ("escalate", "secure"):
            return cases.VERBS[verb](fresh, by=reviewer, note=note)
        if verb == "merge":
            others = Hazard.objects.open().filter(subdistrict=fresh.subdistrict)
            main = others.filter(category=fresh.category).exclude(pk=fresh.pk).first()
            main = main or others.exclude(pk=fresh.pk).first()
            return cases.merge(fresh, by=reviewer, main=main)
        if verb == "dispatch":
            number = f"SZ-{dice.randint(1000, 9999)}"
            return cases.dispatch(
                fresh,
                by=self.officer,
                organisation=self.organisations[REPAIRS.get(fresh.category_id, ANY_REPAIR)],
                outside_number=number,
                note=note,
            )
        if verb == "fix":
            picture = drawings.draw_hazard(fresh.category_id, fresh.pk, "after")
            after = Attachments(photos=[photos.process(io.BytesIO(picture))])
            return cases.fix(fresh, by=self.officer, role="centre", note=note, attachments=after)
        if verb == "close":
            return cases.close(fresh, by=reviewer, condition_met=True, note=note)
        return cases.withdraw(fresh, by=fresh.reporter)


def _key(dice):
    return uuid.UUID(int=dice.getrandbits(128), version=4)


def make_cases(reporters, officer):
    """All sixty, oldest first so that numbers and ids follow time; returns how many."""
    maker, now = CaseMaker(reporters, officer), timezone.now()
    for index, (age, goal) in enumerate(maker.ages()):
        maker.make(index, goal, age, now)
    _pass_by(reporters, now)
    _settle_times()
    return len(PLAN) + 1


def _pass_by(riders, now):
    """A few words of passers-by: on open cases, and enough on a closed one to look again."""
    asked = nearby_cases.open_to_sightings().exclude(grid=None).order_by("-id")
    open_ones = list(asked.filter(state__in=("dispatched", "escalated"))[:4])
    closed = list(asked.filter(state="closed", grid__number=6)[1:3])
    words = [(case, "still" if n % 4 else "gone") for n, case in enumerate(open_ones * 2)]
    words += [(case, "still") for case in closed[:1] * 2] + [(case, "gone") for case in closed[1:]]
    # The first two riders are the log-ins of the demo: their buttons are still to be pressed.
    passers = riders[2:]
    for minutes, (case, says) in enumerate(words):
        rider = next(rider for rider in passers if rider.pk != case.reporter_id)
        passers.remove(rider)
        with at(now - timedelta(minutes=40 - minutes)):
            sightings.create(case, by=rider, says=says)


def _settle_times():
    """Defaults took the real clock; let files, notices and audit say the story's time."""
    for model in (HazardPhoto, HazardVoice):
        when = Step.objects.filter(pk=OuterRef("step_id")).values("at")[:1]
        model.objects.update(created_at=Subquery(when))
    for step in Step.objects.select_related("hazard"):
        Notice.objects.filter(key=f"hazard:{step.hazard_id}:{step.pk}").update(created_at=step.at)
        AuditEvent.objects.filter(
            kind=f"hazards.{step.verb}", target_type="hazards.hazard", target_id=str(step.hazard_id)
        ).update(at=step.at)
    Hazard.objects.update(created_at=F("submitted_at"))
    # Old news is read news; today's stays for the person who tries the demo.
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    Notice.objects.filter(created_at__lt=midnight).update(read_at=F("created_at"))
