"""The demo's sixty cases, made through the workflow at made-up moments."""

import random
import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from hazards.cases import cases, gists, reports
from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.notifications import reviewers_of
from hazards.catalogue.models import Category, EndReason, StandardCase
from hazards.deadlines import deadlines
from hazards.sightings import nearby_cases, sightings
from stations.areas.models import Grid
from stations.postings.models import Organisation
from yuanhang.core import geo
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.demo import public_pictures
from yuanhang.demo.case_words import (
    ANY_GIST,
    ANY_REPAIR,
    GISTS,
    NOTES,
    NOTES_ON_PEOPLE,
    PLACES,
    REASONS,
    REASONS_ON_PEOPLE,
    REPAIRS,
    WORDS,
    said,
)
from yuanhang.demo.studio import Studio, photo, voice_note

# How far each of the sixty goes, but for the one that is told apart.
PLAN = (
    ["submitted"] * 12
    + ["needs_info"] * 4
    + ["accepted"] * 6
    + ["escalated"] * 5
    + ["dispatched"] * 6
    + ["fixed"] * 5
    + ["suspended"] * 2
    + ["unrepaired"] * 3
    + ["merged"] * 2
    + ["closed"] * 9
    + ["rejected"] * 3
    + ["withdrawn"] * 2
)
# Its place among the sixty gives it a cover, a photo, a voice note and rider 甲.
STORY = 48
ROAD = {
    "submitted": [],
    "needs_info": ["ask_info"],
    "rejected": ["reject"],
    "withdrawn": ["withdraw"],
    "accepted": ["accept", "secure"],
    "escalated": ["accept", "secure", "escalate"],
    "dispatched": ["accept", "secure", "escalate", "dispatch"],
    "suspended": ["accept", "escalate", "dispatch", "suspend"],
    "unrepaired": ["accept", "end_unrepaired"],
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

    def __init__(self, reporters, officer, studio):
        self.dice = random.Random(60)  # noqa: S311 - the same cases every time
        self.reporters, self.officer, self.studio = reporters, officer, studio
        self.grids = {grid.number: grid for grid in Grid.objects.select_related("community")}
        self.categories = {category.pk: category for category in Category.objects.all()}
        self.ends = list(EndReason.objects.filter(is_active=True).exclude(key="other"))
        known = Organisation.objects.filter(kind=Organisation.Kind.RESPONSIBLE)
        self.organisations = {organisation.name: organisation for organisation in known}

    def make(self, index, goal, age, now):
        """The case `index`, reported `age` ago, with its story up to `goal`."""
        key = _kind(index)
        number = 6 if index % 3 == 0 else self.dice.randint(1, 8)
        moment = now - age
        with at(moment):
            hazard = self._submit(index, key, self.grids[number])
        for verb in ROAD[goal]:
            if verb == "secure" and not deadlines.has_make_safe(hazard):
                continue
            moment += timedelta(minutes=self.dice.randint(6, 55))
            with at(min(moment, now)):
                hazard = self._advance(hazard, verb, index)
        return hazard

    def begin_files(self, plan):
        """Have the studio begin what the cases of a plan will ask for."""
        for index, (_age, goal) in enumerate(plan):
            key = _kind(index)
            for make, *about in _evidence_of(index, key):
                self.studio.begin(make, *about)
            if "fix" in ROAD[goal] and self.categories[key].kind == Category.Kind.THING:
                self.studio.begin(photo, key, index, "after")

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
        for make, *about in _evidence_of(index, key):
            files = found.photos if make is photo else found.voices
            files.append(self.studio.get(make, *about))
        return found

    def _advance(self, hazard, verb, index):
        dice, fresh = self.dice, Hazard.objects.get(pk=hazard.pk)
        reviewer = reviewers_of(fresh)[0]
        kind = fresh.category.kind
        reasons = said(REASONS, REASONS_ON_PEOPLE, kind)
        if verb == "suspend":
            until = timezone.localtime(timezone.now()).date() + timedelta(days=20)
            reason = dice.choice(reasons[verb])
            return cases.suspend(fresh, by=self.officer, reason=reason, until=until)
        if verb in reasons:
            return cases.VERBS[verb](fresh, by=reviewer, reason=dice.choice(reasons[verb]))
        if verb == "end_unrepaired":
            return self._end(fresh, reviewer)
        note = dice.choice(said(NOTES, NOTES_ON_PEOPLE, kind).get(verb, ("",)))
        if verb == "accept":
            fitting = StandardCase.objects.filter(categories=fresh.category)
            return cases.accept(
                fresh,
                by=reviewer,
                standard_case=fitting.first() if deadlines.has_make_safe(fresh) else None,
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
            after = Attachments()
            if deadlines.has_make_safe(fresh):
                picture = self.studio.get(photo, fresh.category_id, index, "after")
                after.photos.append(picture)
            return cases.fix(fresh, by=self.officer, role="centre", note=note, attachments=after)
        if verb == "close":
            return cases.close(fresh, by=reviewer, condition_met=True, note=note)
        return cases.withdraw(fresh, by=fresh.reporter)

    def _end(self, hazard, reviewer):
        """Without a repair, each time for another of the reasons that fit."""
        fitting = [row for row in self.ends if row.kind in ("", hazard.category.kind)]
        reason = fitting[hazard.pk % len(fitting)]
        day = timezone.localtime(timezone.now()).date() + timedelta(days=150)
        return cases.end_unrepaired(
            hazard,
            by=reviewer,
            end_reason=reason,
            party="热力公司（演示）",
            outside_number=f"RL-{self.dice.randint(1000, 9999)}" if reason.asks == "party" else "",
            until=day,
            note="去看过，也问过了。" if reason.asks == "words" else "",
        )


def _kind(index):
    return list(WORDS)[index % len(WORDS)]


def _evidence_of(index, key):
    """What the reporter of a case sends with it: functions of the studio and what they take."""
    if index % 7 != 4:
        yield photo, key, index, "before"
    if index % 4 == 0 or index % 5 == 0:
        yield voice_note, 5 + index % 6, index


def _key(dice):
    return uuid.UUID(int=dice.getrandbits(128), version=4)


def make_cases(reporters, officer):
    """All sixty, oldest first so that numbers and ids follow time; returns how many."""
    now = timezone.now()
    with Studio() as studio:
        maker = CaseMaker(reporters, officer, studio)
        _say_who_repairs(maker.organisations)
        plan = maker.ages()
        maker.begin_files(plan)
        for index, (age, goal) in enumerate(plan):
            maker.make(index, goal, age, now)
    _pass_by(reporters, now)
    _put_right(now)
    _listen(now)
    public_pictures.publish_some()
    _settle_times()
    return len(PLAN) + 1


def _say_who_repairs(organisations):
    """Whose telephone stands beside a case, by the standard it falls under."""
    for standard in StandardCase.objects.prefetch_related("categories"):
        names = {REPAIRS.get(category.pk, ANY_REPAIR) for category in standard.categories.all()}
        standard.organisations.set(organisations[name] for name in sorted(names)[:1])


def _listen(now):
    """The gists of some voice notes: of those that a grid worker has listened to."""
    notes = HazardVoice.objects.select_related("hazard").exclude(hazard__grid=None).order_by("id")
    for n, note in enumerate(notes):
        if n % 3:
            with at(min(note.created_at + timedelta(minutes=4), now)):
                gist = GISTS.get(note.hazard.category_id, ANY_GIST)
                gists.write(note, by=reviewers_of(note.hazard)[0], gist=gist)


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


def _put_right(now):
    """Somebody is at one case, another was split, a third went to its right grid."""
    of_six = Hazard.objects.filter(grid__number=6, category__kind="thing").order_by("-id")
    fresh, accepted = of_six.filter(state="submitted"), of_six.filter(state="accepted")
    lease, moved = fresh[0], fresh.last()
    reviewer = reviewers_of(lease)[0]
    cases.take(lease, by=reviewer)
    with at(now - timedelta(minutes=25)):
        cases.split(
            accepted[0],
            by=reviewer,
            category=Category.objects.get(key="street_light"),
            description="旁边那盏路灯也不亮",
            note="路灯另开一件，归路灯所管。",
        )
    with at(now - timedelta(minutes=20)):
        cases.reassign(
            moved,
            by=reviewer,
            reason="在路那边，归第一网格。",
            community=moved.community,
            grid=Grid.objects.get(number=1),
        )


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
