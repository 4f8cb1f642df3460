"""The case page, a reporter's own list, and the moves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hazards import access, workflow
from hazards.forms import FORMS
from hazards.models import Hazard, HazardPhoto, Step
from hazards.moves import BY_SLUG, REPORTER, REVIEWER
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNow
from yuanhang.core.http import decode_cursor, encode_cursor, page_or_fragment, safe_next

PAGE_SIZE = 30
FULL = Hazard.objects.select_related(
    "category", "grid", "community", "subdistrict", "standard_case", "organisation"
)


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
    steps = list(
        hazard.steps.select_related("by").prefetch_related(
            Prefetch("photos", HazardPhoto.objects.order_by("id")), "voices"
        )
    )
    photos = [photo for step in steps for photo in step.photos.all()]
    bound = bound or {}
    base = hazard.get_receipt_url() if holds_receipt else hazard.get_absolute_url()
    return {
        "hazard": hazard,
        "steps": _told(steps, hazard, is_reporter=REPORTER in held),
        "before": [photo for photo in photos if not photo.is_repair],
        "after": [photo for photo in photos if photo.is_repair],
        "is_single": len(photos) == 1,
        "may_publish": REVIEWER in held,
        "voices": [voice for step in steps for voice in step.voices.all()],
        "moves": [
            (
                move,
                bound.get(move.slug) or FORMS[move.verb](hazard=hazard, auto_id=f"{move.slug}-%s"),
            )
            for move in access.moves_now(hazard, held)
        ],
        "open_move": next(iter(bound), ""),
        "is_reporter": REPORTER in held,
        "is_staff_view": bool(held - {REPORTER}) or not held,
        "holds_receipt": holds_receipt,
        "base": base,
        "map_links": (
            geo.navigation_links(
                hazard.latitude, hazard.longitude, str(hazard.category), hazard.where
            )
            if hazard.has_point
            else []
        ),
    }


def _told(steps: list[Step], hazard, *, is_reporter):
    """Steps with the sentence this viewer reads."""
    for step in steps:
        step.hazard = hazard
        step.for_reporter = is_reporter
    return steps


@require_POST
@login_required
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
        request.POST, request.FILES, hazard=hazard, auto_id=f"{chosen.slug}-%s"
    )
    status, error = 400, ""
    if form.is_valid():
        by = request.user if request.user.is_authenticated else None
        role = next(actor for actor in chosen.actors if actor in held)
        try:
            hazard = workflow.VERBS[chosen.verb](hazard, by=by, role=role, **form.arguments())
        except NotAllowedNow as refused:
            status, error = 409, refused.message
            hazard.refresh_from_db()
        else:
            return _done(request, hazard, chosen, holds_receipt)
    context = case_context(request, hazard, holds_receipt=holds_receipt, bound={slug: form})
    context["error"] = error
    return page_or_fragment(request, template, "hazards/_hazard_case.html", context, status=status)


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
