"""The case page, a reporter's own list, and the moves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from hazards import access, duplicates, promises, publishing, sightings, workflow
from hazards.forms import FORMS
from hazards.models import Hazard, HazardPhoto, HazardVoice, ReplyTemplate, Step
from hazards.moves import BY_SLUG, REPORTER, REVIEWER
from hazards.telling import TELLS_FOLLOWERS, TELLS_REPORTER
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNow
from yuanhang.core.http import decode_cursor, encode_cursor, page_or_fragment, safe_next, stands_on

from .passing import for_passer

PAGE_SIZE = 30
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


@require_safe
@login_required
def case(request, number):
    """One case, with what this person may do now."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    context = case_context(request, hazard)
    return page_or_fragment(
        request, "hazards/hazard_case.html", "hazards/_hazard_case.html", context
    )


def case_context(request, hazard, *, holds_receipt=False, bound=None):
    """What the case's templates need. `bound` is a form that came back with errors, by slug."""
    held = access.capacities(request.user, hazard, holds_receipt=holds_receipt)
    # Said, never guessed: whoever is neither in charge nor a holder of the receipt gets no more.
    is_staff_view = not holds_receipt and (
        bool(held - {REPORTER}) or access.sees_as_staff(request.user, hazard)
    )
    photos = HazardPhoto.objects.shown_with(hazard, staff=is_staff_view).order_by("id")
    photos = list(photos.select_related("step"))
    voices = HazardVoice.objects.shown_with(hazard, staff=is_staff_view).order_by("id")
    is_reporter = REPORTER in held
    said = sightings.tally(hazard) if is_staff_view else None
    again = bool(said) and bool(hazard.closed_at) and said["still"] >= sightings.ENOUGH
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
        "may_publish": REVIEWER in held and publishing.is_offered(hazard),
        "voices": list(voices),
        "moves": moves,
        "open_move": next(iter(bound or {}), ready),
        "sightings": said,
        "again": again,
        "may_reopen": bool(ready),
        "told": None,
        "told_by": "",
        "previewed": TELLS_REPORTER if held - {REPORTER} else (),
        "duplicates": _duplicates(request.user, hazard, held),
        "followers": list(hazard.merged.order_by("id")) if is_staff_view else [],
        "is_reporter": is_reporter,
        "is_staff_view": is_staff_view,
        "calendar_is_known": promises.calendar_is_known(hazard),
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
    said = sightings.said_by(user, [hazard.main]).get(hazard.main_id, "")
    return {"pk": hazard.main_id} | for_passer(user, hazard.main, said)


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
        for move in access.moves_now(hazard, held)
        if move.verb != "merge" or REVIEWER in held or move.slug in bound
    ]


def _duplicates(user, hazard, held):
    """Likely duplicates, for whoever may say that one of them is the one.

    `opens` says whether the viewer may open it: its picture is shown only then.
    """
    if not any(move.verb == "merge" for move in access.moves_now(hazard, held)):
        return []
    return duplicates.of(hazard, user, is_reviewer=bool(held - {REPORTER}))


def _story(hazard, *, is_reporter):
    """The steps with the sentence this viewer reads; a follower reads the main case's, too."""
    steps = Step.objects.filter(hazard=hazard)
    if hazard.main_id and is_reporter:
        followed = Step.objects.filter(hazard=hazard.main_id, verb__in=TELLS_FOLLOWERS)
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


@require_POST
@login_required
@stands_on("hazards:case", "number")
def move(request, number, slug):
    """A move by somebody with an account."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    return act(request, hazard, slug, template="hazards/hazard_case.html")


def act(request, hazard, slug, *, template, holds_receipt=False):
    """Guard, form, one verb, redirect; a form in error or a lost race shows the case again."""
    if slug not in BY_SLUG:
        raise Http404
    chosen = BY_SLUG[slug]
    if not access.may(request.user, hazard, chosen.verb, holds_receipt=holds_receipt):
        raise PermissionDenied
    held = access.capacities(request.user, hazard, holds_receipt=holds_receipt)
    form = FORMS[chosen.verb](
        request.POST,
        request.FILES,
        hazard=hazard,
        held=held,
        phrases=ReplyTemplate.by_verb(hazard.category_id).get(chosen.verb, ()),
        auto_id=f"{chosen.slug}-%s",
    )
    status, error = 400, ""
    if hazard.state not in chosen.sources:
        # Whatever is in the form: there is nothing left to fill in.
        status, error = 409, workflow.too_late(hazard).message
    elif form.is_valid():
        by = request.user if request.user.is_authenticated else None
        allowed = chosen.actors_from(hazard.state)
        role = next(actor for actor in (*allowed, *chosen.actors) if actor in held)
        try:
            if "preview" in request.POST:
                told = workflow.preview(chosen.verb, hazard, by=by, role=role, **form.arguments())
                return _previewed(request, hazard, slug, form, told, template, holds_receipt)
            hazard = workflow.VERBS[chosen.verb](hazard, by=by, role=role, **form.arguments())
        except NotAllowedNow as refused:
            status, error = 409, refused.message
            hazard.refresh_from_db()
        else:
            return _done(request, hazard, chosen, holds_receipt)
    context = case_context(request, hazard, holds_receipt=holds_receipt, bound={slug: form})
    context["error"] = error
    return page_or_fragment(request, template, "hazards/_hazard_case.html", context, status=status)


def _previewed(request, hazard, slug, form, told, template, holds_receipt):
    """The case again with the form as typed and what its reporter would read."""
    context = case_context(request, hazard, holds_receipt=holds_receipt, bound={slug: form})
    context["told"], context["told_by"] = told, slug
    return page_or_fragment(request, template, "hazards/_hazard_case.html", context)


def _done(request, hazard, chosen, holds_receipt):
    default = hazard.get_receipt_url() if holds_receipt else hazard.get_absolute_url()
    if request.htmx:
        context = case_context(request, hazard, holds_receipt=holds_receipt)
        context["done"] = _("%(verb)s，记下了。") % {"verb": chosen.label}
        response = render(request, "hazards/_hazard_case.html", context)
        response["HX-Trigger"] = "hazard-moved"
        return response
    messages.success(request, _("%(verb)s，记下了。") % {"verb": chosen.label})
    return redirect(safe_next(request, default))


@require_safe
@login_required
def mine(request):
    """What this person reported, newest first, by key."""
    hazards = Hazard.objects.filter(reporter=request.user).prefetch_related("photos")
    hazards = hazards.select_related("category", "grid", "organisation").order_by("-id")
    cursor = decode_cursor(request.GET.get("before", ""), 1)
    if cursor and isinstance(cursor[0], int):
        hazards = hazards.filter(id__lt=cursor[0])
    page = list(hazards[: PAGE_SIZE + 1])
    following = encode_cursor([page[PAGE_SIZE - 1].pk]) if len(page) > PAGE_SIZE else ""
    context = {"hazards": page[:PAGE_SIZE], "following": following, "home": reverse("home")}
    return render(request, "hazards/hazard_mine.html", context)
