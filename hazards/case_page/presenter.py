"""The case page, a reporter's own list, and the moves."""

from django.utils.translation import gettext_lazy as _

from hazards.case_page.forms import FORMS
from hazards.cases import duplicates
from hazards.cases.access import capacities, moves_now, sees_as_staff
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.notifications import NOTIFIES_FOLLOWERS, NOTIFIES_REPORTER
from hazards.cases.transitions import REPORTER, REVIEWER
from hazards.catalogue.models import ReplyTemplate
from hazards.deadlines import deadlines
from hazards.published import public
from hazards.sightings import sightings
from hazards.sightings.views import sighting_buttons
from yuanhang.core import geo

FULL = Hazard.objects.select_related(
    "category",
    "grid",
    "community",
    "subdistrict",
    "standard_case",
    "organisation",
    "main__organisation",
    "main__grid",
    "main__standard_case",
)


def case_context(request, hazard, *, holds_receipt=False, bound=None):
    """What the case's templates need. `bound` is a form that came back with errors, by slug."""
    held = capacities(request.user, hazard, holds_receipt=holds_receipt)
    # Said, never guessed: whoever is neither in charge nor a holder of the receipt gets no more.
    is_staff_view = not holds_receipt and (
        bool(held - {REPORTER}) or sees_as_staff(request.user, hazard)
    )
    photos = HazardPhoto.objects.shown_with(hazard, staff=is_staff_view).order_by("id")
    photos = list(photos.select_related("step"))
    voices = HazardVoice.objects.shown_with(hazard, staff=is_staff_view).order_by("id")
    is_reporter = REPORTER in held
    said = sightings.tally(hazard) if is_staff_view else None
    again = (
        bool(said) and bool(hazard.closed_at) and said["still"] >= sightings.PEOPLE_TO_LOOK_AGAIN
    )
    moves = _moves(hazard, held, bound or {})
    ready = _ready_to_reopen(moves, said["still"]) if again else ""
    return {
        "hazard": hazard,
        # A merged case has no clock of its own: its reporter follows the main one.
        "leading": hazard.main or hazard,
        "asked": _asked(request.user, hazard) if is_reporter and not is_staff_view else None,
        "steps": _story(hazard, is_reporter=is_reporter),
        "before": [photo for photo in photos if not photo.is_repair],
        "after": [photo for photo in photos if photo.is_repair],
        "is_single": len(photos) == 1,
        "may_publish": REVIEWER in held and public.is_offered(hazard),
        "voices": list(voices),
        "moves": moves,
        "open_move": next(iter(bound or {}), ready),
        "sightings": said,
        "again": again,
        "may_reopen": bool(ready),
        "told": None,
        "told_by": "",
        "previewed": NOTIFIES_REPORTER if held - {REPORTER} else (),
        "duplicates": _duplicates(request.user, hazard, held),
        "followers": list(hazard.merged.order_by("id")) if is_staff_view else [],
        "is_reporter": is_reporter,
        "is_staff_view": is_staff_view,
        "calendar_is_known": deadlines.calendar_is_known(hazard),
        "holds_receipt": holds_receipt,
        "base": hazard.get_receipt_url() if holds_receipt else hazard.get_absolute_url(),
        "map_links": (
            geo.navigation_links(
                hazard.latitude, hazard.longitude, str(hazard.category), hazard.where
            )
            if hazard.has_point
            else []
        ),
    }


def _asked(user, hazard):
    """The buttons 还在 and 已修好 for whoever follows the main case: reopening is not theirs."""
    if hazard.main is None or not user.is_authenticated:
        return None
    said = sightings.words_of(user, [hazard.main]).get(hazard.main_id, "")
    return {"pk": hazard.main_id} | sighting_buttons(user, hazard.main, said)


def _ready_to_reopen(moves, people):
    """The slug of the reopening with its reason filled in, where it is among the moves."""
    for move, form in moves:
        if move.verb == "reopen":
            form.initial["reason"] = _("办结后有 %(n)d 人路过说还在。") % {"n": people}
            return move.slug
    return ""


def _moves(hazard, held, bound):
    """(move, its form) for what these capacities may do now; merging is offered beside."""
    # Only who answers reporters chooses among sentences; the reporter's own page asks for none.
    phrases = ReplyTemplate.by_verb(hazard.category_id) if held - {REPORTER} else {}
    return [
        (
            move,
            bound.get(move.slug)
            or FORMS[move.verb](
                hazard=hazard,
                held=held,
                phrases=phrases.get(move.verb, ()),
                auto_id=f"{move.slug}-%s",
            ),
        )
        for move in moves_now(hazard, held)
        if move.verb != "merge" or REVIEWER in held or move.slug in bound
    ]


def _duplicates(user, hazard, held):
    """Likely duplicates, for whoever may say that one of them is the one.

    `opens` says whether the viewer may open it: its picture is shown only then.
    """
    if not any(move.verb == "merge" for move in moves_now(hazard, held)):
        return []
    return duplicates.find_duplicates(hazard, user, is_reviewer=bool(held - {REPORTER}))


def _story(hazard, *, is_reporter):
    """The steps with the sentence this viewer reads; a follower reads the main case's, too."""
    steps = Step.objects.filter(hazard=hazard)
    if hazard.main_id and is_reporter:
        followed = Step.objects.filter(hazard=hazard.main_id, verb__in=NOTIFIES_FOLLOWERS)
        steps = steps | followed
    found = list(
        steps.select_related("by", "organisation")
        .prefetch_related("photos", "voices")
        .order_by("id")
    )
    for step in found:
        step.hazard = hazard if step.hazard_id == hazard.pk else hazard.main
        # 「你」 is only who made this report, not whoever made the main one.
        step.for_reporter = is_reporter and step.hazard_id == hazard.pk
        if step.hazard_id != hazard.pk and step.by_role == REPORTER:
            step.note = ""  # what the main case's reporter wrote is between them and the staff
    return found
