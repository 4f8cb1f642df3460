"""The case page, a reporter's own list, and the moves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hazards.case_page.forms import FORMS
from hazards.case_page.presenter import FULL, Preview, case_context
from hazards.cases import cases, words
from hazards.cases.access import can_move, capacities
from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import BY_SLUG
from hazards.catalogue.models import ReplyTemplate
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import page_or_fragment, safe_next, stands_on
from yuanhang.core.locked_transitions import already_handled
from yuanhang.core.paging import NEWEST_FIRST, page_of

PAGE_SIZE = 30


@require_safe
@login_required
def case(request, number):
    """One case, with what this person may do now."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    context = case_context(request, hazard)
    return page_or_fragment(
        request, "hazards/case_page/case.html", "hazards/case_page/_case.html", context
    )


@require_POST
@login_required
@stands_on("hazards:case", "number")
def move(request, number, slug):
    """A move by somebody with an account."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    return act(request, hazard, slug, template="hazards/case_page/case.html")


def act(request, hazard, slug, *, template, holds_receipt=False):
    """Guard, form, one verb, redirect; a form in error or a lost race shows the case again."""
    if slug not in BY_SLUG:
        raise Http404
    chosen = BY_SLUG[slug]
    if not can_move(request.user, hazard, chosen.verb, holds_receipt=holds_receipt):
        raise PermissionDenied
    held = capacities(request.user, hazard, holds_receipt=holds_receipt)
    form = FORMS[chosen.verb](
        request.POST,
        request.FILES,
        hazard=hazard,
        held=held,
        phrases=ReplyTemplate.by_verb(hazard.category_id).get(chosen.verb, ()),
        auto_id=f"{chosen.slug}-%s",
    )
    status, error, bound = 400, "", {slug: form}
    if hazard.state not in chosen.sources:
        # Whatever is in the form: there is nothing left to fill in.
        status, error = 409, already_handled(hazard.get_state_display()).message
    elif form.is_valid():
        by = request.user if request.user.is_authenticated else None
        allowed = chosen.actors_from(hazard.state)
        role = next(actor for actor in (*allowed, *chosen.actors) if actor in held)
        try:
            if "preview" in request.POST:
                notice = cases.preview(chosen.verb, hazard, by=by, role=role, **form.arguments())
                preview = Preview(slug, notice)
                return _case(request, hazard, bound, template, holds_receipt, preview=preview)
            hazard = cases.VERBS[chosen.verb](hazard, by=by, role=role, **form.arguments())
        except NotAllowedNowError as refused:
            status, error = 409, refused.message
            hazard.refresh_from_db()
        else:
            return _done(request, hazard, chosen, holds_receipt)
    return _case(request, hazard, bound, template, holds_receipt, error=error, status=status)


def _case(request, hazard, bound, template, holds_receipt, *, preview=None, error="", status=200):
    """The case again with the form as typed: an error, or what its reporter would read."""
    context = case_context(
        request, hazard, holds_receipt=holds_receipt, bound=bound, preview=preview
    )
    context["error"] = error
    return page_or_fragment(
        request, template, "hazards/case_page/_case.html", context, status=status
    )


def _done(request, hazard, chosen, holds_receipt):
    default = hazard.get_receipt_url() if holds_receipt else hazard.get_absolute_url()
    if request.htmx:
        context = case_context(request, hazard, holds_receipt=holds_receipt)
        context["done"] = words.transition_done(chosen.verb)
        response = render(request, "hazards/case_page/_case.html", context)
        response["HX-Trigger"] = "hazard-moved"
        return response
    messages.success(request, words.transition_done(chosen.verb))
    return redirect(safe_next(request, default))


@require_safe
@login_required
def mine(request):
    """What this person reported, newest first, by key."""
    hazards = Hazard.objects.filter(reporter=request.user).prefetch_related("photos")
    hazards = hazards.select_related("category", "grid", "organisation")
    page = page_of(hazards, request.GET.get("before", ""), PAGE_SIZE, NEWEST_FIRST)
    context = {"hazards": page.rows, "following": page.following, "home": reverse("home")}
    return render(request, "hazards/case_page/mine.html", context)
