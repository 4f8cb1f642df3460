"""Cases, made through the workflow as everything else makes them."""

import io
import uuid
from datetime import timedelta
from functools import lru_cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hazards.cases import cases, recordings, reports
from hazards.cases.models.hazards import Hazard, Rating
from hazards.cases.states import State
from hazards.cases.transitions import TRANSITIONS
from hazards.catalogue.models import Category, EndReason, StandardCase, Urgency
from stations.postings.models import Organisation
from yuanhang.core.media import photos, voice

SAME_PLACE = "南六街与外环路口"
ROAD = (State.ACCEPTED, State.ESCALATED, State.DISPATCHED, State.FIXED, State.CLOSED)


def report(grid=None, by=None, **fields):
    """A submitted case."""
    fields.setdefault("description", "井盖翘起来了")
    category = Category.objects.get(key=fields.pop("category", "manhole"))
    hazard, _is_new = reports.submit(
        by=by,
        submission_key=fields.pop("submission_key", None) or uuid.uuid4(),
        category=category,
        grid=grid,
        **fields,
    )
    return hazard


def standard(variant=1):
    """污水井盖: 缺失、移位、开裂; its other variants are other damages."""
    return StandardCase.objects.get(code="0102", variant=variant)


def advance(hazard, state, *, reviewer, officer=None, organisation=None):
    """Take a submitted case along the main road up to `state`."""
    for name in ROAD[: ROAD.index(state) + 1]:
        if name == "accepted":
            hazard = cases.accept(
                hazard, by=reviewer, standard_case=standard(), urgency=Urgency.SOON
            )
        elif name == "escalated":
            hazard = cases.escalate(hazard, by=reviewer)
        elif name == "dispatched":
            hazard = cases.dispatch(
                hazard, by=officer, organisation=organisation or Organisation.objects.first()
            )
        elif name == "fixed":
            hazard = cases.fix(hazard, by=officer or reviewer)
        else:
            hazard = cases.close(hazard, by=reviewer, condition_met=True)
    return hazard


def into(hazard, state, town):
    """Take a submitted case into any state, by the verbs that lead there."""
    state = State(state)
    if state in ROAD:
        people = {"reviewer": town.grid_worker, "officer": town.officer}
        return advance(hazard, state.value, organisation=town.organisation, **people)
    if state == State.SUSPENDED:
        hazard = into(hazard, State.DISPATCHED, town)
    if state == State.UNREPAIRED:
        hazard = into(hazard, State.ACCEPTED, town)
    verb = {
        State.NEEDS_INFO: "ask_info",
        State.SUSPENDED: "suspend",
        State.REJECTED: "reject",
        State.MERGED: "merge",
        State.WITHDRAWN: "withdraw",
        State.UNREPAIRED: "end_unrepaired",
    }.get(state)
    if verb is None:
        return hazard
    role = TRANSITIONS[verb].actors_from(hazard.state)[0]
    return cases.VERBS[verb](hazard, by=town.grid_worker, role=role, **arguments(verb, town))


def arguments(verb, town):
    """What the verb demands, as the workflow takes it."""
    reason = {"reason": "路口东边还是西边？"}
    tomorrow = timezone.localdate() + timedelta(days=1)
    return {
        "accept": lambda: {"standard_case": standard(), "urgency": Urgency.SOON},
        "ask_info": lambda: reason,
        "supply_info": lambda: {"note": "东边"},
        "supplement": lambda: {"note": "还有一个坑"},
        "reject": lambda: reason,
        "end_unrepaired": lambda: {"end_reason": EndReason.objects.get(key="gone")},
        "reassign": lambda: reason | {"community": town.community, "grid": town.one},
        "recategorise": lambda: reason | {"category": Category.objects.get(key="ice")},
        "restandard": lambda: reason | {"standard_case": standard(2)},
        "reprioritise": lambda: reason | {"urgency": Urgency.URGENT},
        "split": lambda: {
            "category": Category.objects.get(key="street_light"),
            "description": "旁边路灯也不亮",
        },
        "dispatch": lambda: {"organisation": town.organisation},
        "close": lambda: {"condition_met": True},
        "extend": lambda: reason,
        "suspend": lambda: reason | {"until": tomorrow},
        "return_case": lambda: reason,
        "redo": lambda: reason,
        "refuse": lambda: reason | {"whose": "热力公司"},
        "ask_time": lambda: reason | {"until": tomorrow},
        "deny_time": lambda: reason,
        "reopen": lambda: reason,
        "rate": lambda: {"rating": Rating.GOOD},
        "merge": lambda: {"main": report(town.six, place=SAME_PLACE)},
    }.get(verb, dict)()


def ready_for(verb, hazard, town):
    """The case as the verb needs it beyond its state: given back is what somebody took, and
    answered what somebody asked."""
    if verb == "deny_time":
        asked = arguments("ask_time", town)
        return cases.ask_time(hazard, by=None, **asked)
    return cases.take(hazard, by=town.grid_worker) if verb == "release" else hazard


def fields(verb, town, hazard=None):
    """What the verb's form demands, as a browser sends it.

    For merging the case is put where the main one is, so that its reporter may choose it, too.
    """
    if verb == "merge" and hazard is not None:
        Hazard.objects.filter(pk=hazard.pk).update(place=SAME_PLACE)
    sent = {}
    for name, value in arguments(verb, town).items():
        if name == "main":
            value = value.number
        elif name == "grid":
            name, value = "place", f"grid-{value.pk}"
        elif name == "community":
            continue
        elif name == "condition_met":
            value = "on"
        sent[name] = getattr(value, "pk", None) or value
    return sent


def upload(data, name="photo.jpg", kind="image/jpeg"):
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data, kind)


def form(**fields):
    """What the report page sends: a fresh key and the given fields."""
    return {"submission_key": str(uuid.uuid4())} | fields


@lru_cache(maxsize=64)
def stored_photo(data):
    """A photo as the form hands it to the workflow; made once a process, nobody can change it."""
    return photos.process(io.BytesIO(data))


@lru_cache(maxsize=32)
def stored_voice(data):
    """A voice note as the form hands it to the workflow; likewise made once."""
    return voice.convert(io.BytesIO(data))


def converted(hazard):
    """The case, with its recordings made into what its page plays, as the queue does."""
    for pk in hazard.voices.exclude(original="").values_list("pk", flat=True):
        recordings.convert(pk)
    return hazard
