"""Which device has a slip open, and what its foreman reads."""

from dataclasses import dataclass
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest

from hazards.case_page.base_forms import MoveForm
from hazards.cases import words
from hazards.cases.access import transitions_now
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.place_map import place_map_of
from hazards.cases.states import State
from hazards.cases.timeline import entries_of
from hazards.cases.transitions import BY_SLUG, UNIT
from hazards.handover.foreman_forms import DEED_FORMS
from hazards.slips import slips
from hazards.slips.access import released_photos
from hazards.slips.models import Slip
from yuanhang.core import geo
from yuanhang.core.accounts import device_of

# In the session: {slip: round of the code it was opened with}.
OPEN = "open_slips"
OPEN_MAX = 20  # the phone of a unit keeps the latest ones
# What a unit reads of the case's story: what it was sent with, what it said, what was answered.
TOLD = ("dispatch", "suspend", "resume", "redo", "extend", "deny_time", *slips.DEEDS)


def open_on(request: HttpRequest, slip: Slip) -> None:
    """This browser has said the right code."""
    opened = dict(request.session.get(OPEN, {}))
    opened.pop(str(slip.pk), None)
    opened[str(slip.pk)] = slip.code_round
    request.session[OPEN] = dict(list(opened.items())[-OPEN_MAX:])


def is_open_on(request: HttpRequest, slip: Slip) -> bool:
    """Whether this browser said the code of the present round."""
    return bool(request.session.get(OPEN, {}).get(str(slip.pk)) == slip.code_round)


def may_guess(request: HttpRequest, slip: Slip) -> bool:
    """Whether this device may try a code; asking counts nothing."""
    return _count(request, slip, dry_run=True)


def count_guess(request: HttpRequest, slip: Slip) -> None:
    """A wrong code, counted for this device and, generously, for its network."""
    _count(request, slip, dry_run=False)


def _count(request, slip, *, dry_run):
    # A browser that keeps no name is told apart by nothing: all of these share one allowance.
    key = f"{slip.pk}:{device_of(request) or '-'}"
    device = ratelimit.consume(request, action="slip_code", key=key, dry_run=dry_run)
    network = ratelimit.consume(request, action="slip_code_network", dry_run=dry_run)
    return bool(device and network)


@dataclass(frozen=True)
class OfferedDeed:
    """A button of the foreman's page: its part of the address, what it says, its form."""

    verb: str
    slug: str
    label: str
    form: MoveForm

    @property
    def is_one_tap(self) -> bool:
        """Whether there is nothing to fill in."""
        return not self.form.fields


def slip_context(
    slip: Slip, hazard: Hazard, *, bound: dict[str, MoveForm] | None = None, error: str = ""
) -> dict[str, Any]:
    """What the page needs; `bound` is a form that came back, by verb."""
    steps = hazard.steps.filter(verb__in=TOLD).select_related("organisation").order_by("id")
    story = _since_dispatch(list(steps))
    shown = [step.pk for step in story if step.verb != "dispatch"]
    links: list[Any] = []
    if hazard.has_point:
        name, where = str(hazard.category), hazard.where
        links = geo.navigation_links(hazard.latitude, hazard.longitude, name, where)
    return {
        "slip": slip,
        "hazard": hazard,
        "base": slip.get_absolute_url(),
        "sent_with": story[0].note if story and story[0].verb == "dispatch" else "",
        "photos": list(released_photos(hazard)),
        "map": place_map_of(hazard),
        "map_links": links,
        "deeds": _deeds(hazard, bound or {}),
        "open_deed": next(iter(bound or {}), ""),
        "steps": entries_of(hazard.steps.filter(pk__in=shown).order_by("id"), hazard),
        "waits": hazard.state != State.DISPATCHED,
        "error": error,
    }


def _since_dispatch(steps: list[Step]) -> list[Step]:
    """The story of the present dispatch."""
    for index in range(len(steps) - 1, -1, -1):
        if steps[index].verb == "dispatch":
            return steps[index:]
    return []


def _deeds(hazard, bound):
    found = {move.verb for move in transitions_now(hazard, {UNIT})}
    if hazard.steps.filter(verb="arrive", at__gte=hazard.waiting_since).exists():
        found.discard("arrive")
    return [_deed(hazard, verb, bound) for verb in slips.DEEDS if verb in found]


def _deed(hazard, verb, bound):
    slug = next(slug for slug, move in BY_SLUG.items() if move.verb == verb)
    form = bound.get(verb) or DEED_FORMS[verb](hazard=hazard, auto_id=f"{slug}-%s")
    return OfferedDeed(verb, slug, words.transition_label(verb, hazard), form)
