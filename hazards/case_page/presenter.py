"""What the pages of a case need, gathered once for every page that shows one."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hazards.case_page import staff_side
from hazards.case_page.base_forms import MoveForm
from hazards.case_page.captions import captioned
from hazards.case_page.move_forms import FORMS
from hazards.case_page.story import story_of
from hazards.cases import duplicates, photo_places, words
from hazards.cases.access import (
    can_transcribe,
    capacities,
    sees_as_staff,
    transitions_now,
)
from hazards.cases.models.hazards import Hazard
from hazards.cases.place_map import place_map_of
from hazards.cases.timeline import timeline_of
from hazards.cases.transitions import CENTRE, REPORTER, REVIEWER, TO_REPORTER, TRANSITIONS
from hazards.catalogue.models import ReplyTemplate
from hazards.deadlines import deadlines
from hazards.published import public
from hazards.sightings import sightings
from hazards.sightings.views import sighting_buttons
from hazards.slips import slips
from yuanhang.core import geo

FULL = Hazard.objects.select_related("taken_by")
# Moves that put a record right stand together, behind those that carry the case on.
CORRECTIONS = {"reassign", "recategorise", "restandard", "reprioritise", "split"}
LEASES = {"take", "release"}
# What a reporter answers has its own place on the page: a question, a way back.
ANSWERS = {"supply_info", "withdraw"}


@dataclass(frozen=True)
class OfferedTransition:
    """A button of the case page: the verb, its part of the address, what it says, its form."""

    verb: str
    slug: str
    label: str
    form: MoveForm
    # Whether the reporter would read of it or a deadline may change, so that a preview makes sense.
    has_preview: bool
    # Whether it is one of the two answers to 「现在修好了吗？」.
    is_verdict: bool = False

    @property
    def has_staff_form(self) -> bool:
        """Whether those in charge do it, and not whoever reported."""
        return TRANSITIONS[self.verb].actors != (REPORTER,)

    @property
    def group(self) -> str:
        """Where it stands: `lease`, `correction`, `own` for the reporter's answers, or `main`."""
        if self.verb in LEASES:
            return "lease"
        if self.verb in ANSWERS or self.is_verdict:
            return "own"
        return "correction" if self.verb in CORRECTIONS else "main"


@dataclass(frozen=True)
class Preview:
    """What the reporter would read of a transition, (title, body) or None; the case afterwards."""

    slug: str
    notice: tuple[str, str] | None
    case: Hazard

    @property
    def due_at(self) -> datetime | None:
        """The deadline that would run then."""
        return self.case.due_at


def case_context(request, hazard, *, holds_receipt=False, bound=None, preview=None):
    """What the case's templates need.

    `bound` is a form that came back, by slug; `preview` the `Preview` that was asked for.
    """
    held = capacities(request.user, hazard, holds_receipt=holds_receipt)
    # Said, never guessed: whoever is neither in charge nor a holder of the receipt gets no more.
    is_staff_view = not holds_receipt and (
        bool(held - {REPORTER}) or sees_as_staff(request.user, hazard)
    )
    is_reporter = REPORTER in held
    story = story_of(hazard, staff=is_staff_view, is_reporter=is_reporter)
    tally = _tally(hazard, story) if is_staff_view else None
    again = bool(tally) and sightings.speaks_for_looking_again(hazard, tally)
    told = story.followers if is_staff_view else []
    photos = captioned(story.photos, hazard, story.followers, is_mine=is_reporter)
    offered = _offered(request.user, hazard, held, bound or {}, bool(story.followers))
    acting = staff_side.of(hazard, offered, preview) if is_staff_view else {}
    ready = _ready_to_reopen(offered, tally["still"]) if again else ""
    return {
        "hazard": hazard,
        # A merged case has no clock of its own: its reporter follows the main one.
        "leading": hazard.main or hazard,
        "steps": timeline_of(story.steps, hazard, is_reporter=is_reporter),
        "may_publish": REVIEWER in held and public.is_offered(hazard),
        "voices": story.voices,
        "may_transcribe": is_staff_view and can_transcribe(request.user, hazard),
        "moves": offered,
        "may_correct": bool(_corrections_now(hazard, held)),
        "relatives": [(case, _page_of(case, holds_receipt)) for case in story.parts],
        "open_move": next(iter(bound or {}), ready),
        "sightings": tally,
        "again": again,
        "may_reopen": bool(ready),
        "preview": preview,
        "duplicates": _duplicates(request.user, hazard, held),
        "followers": told,
        "is_reporter": is_reporter,
        "is_staff_view": is_staff_view,
        "calendar_is_known": deadlines.calendar_is_known(hazard),
        "holds_receipt": holds_receipt,
        "base": _page_of(hazard, holds_receipt),
        # Where the moves go, and what stands behind them in the address.
        "acts": _page_of(hazard, holds_receipt),
        "within": "",
        "map_links": _map_links(hazard),
        **_slip_side(hazard, held, story.steps),
        **(_pictures(photos) | acting),
        **_own_side(request.user, hazard, offered, is_theirs=is_reporter and not is_staff_view),
    }


def _slip_side(hazard, held, steps):
    """The slip of the present dispatch and what its unit asks, for the centre's officers alone:
    it shows the code."""
    is_with_unit = bool(hazard.organisation_id) and hazard.state in slips.ON_THE_WAY
    if CENTRE not in held or not is_with_unit:
        return {"slip": None, "may_issue_slip": False, "asked_words": ""}
    slip = slips.live_slip(hazard)
    asked = [step.note for step in steps if step.verb == "ask_time"]
    return {
        "slip": slip,
        "may_issue_slip": slip is None,
        "asked_words": asked[-1] if asked and hazard.time_asked_until else "",
    }


def _own_side(user, hazard, offered, *, is_theirs):
    """What only whoever reported a case is asked on its page; nothing of it for others."""
    return {
        "photo_map": _photo_map(hazard) if is_theirs else None,
        "asked": _asked(user, hazard) if is_theirs else None,
        "asks": is_theirs and bool(hazard.question),
        "verdict": {one.verb: one for one in offered if one.is_verdict},
    }


def _tally(hazard, story):
    """What passers-by said, with the words for those who say that it is over."""
    tally = sightings.tally_of(hazard, story.words, story.followers)
    return tally | {"gone_words": words.says(hazard, "people_say_done", n=tally["gone"])}


def _pictures(photos):
    """The photos as they stand on the page: of the hazard, and of its repair."""
    return {
        "before": [photo for photo in photos if not photo.is_repair],
        "after": [photo for photo in photos if photo.is_repair],
        "is_single": len(photos) == 1,
    }


def _page_of(case, holds_receipt):
    return case.get_receipt_url() if holds_receipt else case.get_absolute_url()


def _map_links(hazard):
    """Links that open the place in the vendors' maps; none where nobody knows the point."""
    if not hazard.has_point:
        return []
    name, where = str(hazard.category), hazard.where
    return geo.navigation_links(hazard.latitude, hazard.longitude, name, where)


def _photo_map(hazard):
    """The point that a photo brought along, for its sender to confirm; None without.

    Its `map` is None where nothing is known of what lies around.
    """
    offered = photo_places.offered(hazard)
    return {"map": place_map_of(hazard, offered)} if offered else None


def _asked(user, hazard):
    """The buttons 还在 and 已修好 for whoever follows the main case: reopening is not theirs."""
    if hazard.main is None or not user.is_authenticated:
        return None
    own = sightings.words_of(user, [hazard.main]).get(hazard.main_id, "")
    return {"pk": hazard.main_id} | sighting_buttons(user, hazard.main, own)


def _ready_to_reopen(offered, people):
    """The slug of the reopening with its reason filled in, where it is among the transitions."""
    for transition in offered:
        if transition.verb == "reopen":
            reason = _("办结后有 %(n)d 人路过说还在。") % {"n": people}
            transition.form.initial["reason"] = reason
            return transition.slug
    return ""


def _offered(user, hazard, held, bound, has_followers):
    """What these capacities may do now, each with its form; merging is offered beside."""
    # Only who answers reporters chooses among sentences; the reporter's own page asks for none.
    phrases = ReplyTemplate.by_verb(hazard.category) if held - {REPORTER} else {}
    told_of = TRANSITIONS.notifying(TO_REPORTER) if held - {REPORTER} else set()
    shown = [
        transition
        for transition in transitions_now(hazard, held)
        if transition.slug in bound or _is_shown(transition.verb, user, hazard, held)
    ]
    # Both answers to one question, for whoever may say that it is done.
    asks_verdict = any(transition.verb == "rate" for transition in shown)
    verdict = {"rate", "reopen"} if asks_verdict else set()
    return [
        _offer(
            transition,
            hazard,
            held,
            bound,
            phrases=phrases,
            told_of=told_of,
            has_followers=has_followers,
            verdict=verdict,
        )
        for transition in shown
    ]


def _offer(
    transition, hazard, held, bound, *, told_of, phrases=None, has_followers=False, verdict=()
):
    form = bound.get(transition.slug) or FORMS[transition.verb](
        hazard=hazard,
        held=held,
        has_followers=has_followers,
        phrases=(phrases or {}).get(transition.verb, ()),
        auto_id=f"{transition.slug}-%s",
    )
    return OfferedTransition(
        verb=transition.verb,
        slug=transition.slug,
        label=words.transition_label(transition.verb, hazard),
        form=form,
        has_preview=transition.verb in told_of and transition.verb != "split",
        is_verdict=transition.verb in verdict,
    )


def corrections_of(request, hazard):
    """What this person may put right now, each with its form: for a page of its own."""
    held = capacities(request.user, hazard)
    return [
        _offer(transition, hazard, held, {}, told_of=TRANSITIONS.notifying(TO_REPORTER))
        for transition in _corrections_now(hazard, held)
    ]


def _corrections_now(hazard, held):
    return [move for move in transitions_now(hazard, held) if move.verb in CORRECTIONS]


def _is_shown(verb, user, hazard, held):
    """Beside the moves that the state allows: what has its place elsewhere, or is no help now."""
    if verb in CORRECTIONS:
        return False
    return {
        "merge": REVIEWER in held,
        "take": not hazard.is_taken or hazard.taken_by_id == user.pk,
        "release": hazard.taken_by_id == user.pk,
        "close": hazard.reporter_id != user.pk or not user.is_authenticated,
    }.get(verb, True)


def _duplicates(user, hazard, held):
    """Likely duplicates, for whoever may say that one of them is the one.

    `opens` says whether the viewer may open it: its picture is shown only then.
    """
    if not any(one.verb == "merge" for one in transitions_now(hazard, held)):
        return []
    return duplicates.find_duplicates(hazard, user, is_reviewer=bool(held - {REPORTER}))
