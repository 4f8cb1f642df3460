"""The case page, a reporter's own list, and the moves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from hazards.case_page.move_forms import FORMS, has_followers
from hazards.case_page.presenter import FULL, Preview, case_context, corrections_of
from hazards.cases import cases, words
from hazards.cases.access import acting_as, can_open, capacities, subject_of
from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import BY_SLUG, FOLLOWER
from hazards.catalogue.models import ReplyTemplate
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import page_or_fragment, safe_next, stands_on
from yuanhang.core.locked_transitions import already_handled
from yuanhang.core.paging import NEWEST_FIRST, page_of
from yuanhang.core.uploads.fields import sent_by

PAGE_SIZE = 30
# In the session: receipts that were put under the account a moment ago.
CLAIMED = "claimed_receipts"


@require_safe
@login_required
def case(request, number):
    """One case, with what this person may do now."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    context = case_context(request, hazard)
    return page_or_fragment(
        request, "hazards/case_page/case.html", "hazards/case_page/_case.html", context
    )


@require_safe
@login_required
def correct(request, number):
    """What was recorded wrongly, put right: grid, category, standard, urgency; splitting."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    corrections = corrections_of(request, hazard)
    if not corrections:
        raise PermissionDenied
    page = hazard.get_absolute_url()
    context = {"hazard": hazard, "moves": corrections, "base": page, "acts": page, "within": ""}
    return render(request, "hazards/case_page/correct.html", context)


@require_POST
@login_required
@stands_on("hazards:case", "number")
def move(request, number, slug):
    """A move by somebody with an account."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    return act(request, hazard, slug, template="hazards/case_page/case.html")


def act(request, hazard, slug, *, template, holds_receipt=False, around=None):
    """Guard, form, one verb, redirect; a form in error or a lost race shows the case again.

    `around` is what stands around the case where it is shown, in the queue its place in the line.
    """
    if slug not in BY_SLUG:
        raise Http404
    chosen = BY_SLUG[slug]
    held = capacities(request.user, hazard, holds_receipt=holds_receipt)
    if not held & set(chosen.actors):
        raise PermissionDenied
    form = FORMS[chosen.verb](
        request.POST,
        request.FILES,
        hazard=hazard,
        held=held,
        has_followers=has_followers(chosen.verb, hazard),
        phrases=ReplyTemplate.by_verb(hazard.category).get(chosen.verb, ()),
        auto_id=f"{chosen.slug}-%s",
    )
    sent_by(form, request.user)
    subject = subject_of(hazard, chosen.verb)
    status, error, bound = 400, "", {slug: form}
    if subject.state not in chosen.sources:
        # Whatever is in the form: there is nothing left to fill in.
        status, error = 409, already_handled(words.state_label(subject)).message
    elif form.is_valid():
        try:
            arguments = form.arguments() | _actor(request.user, subject, hazard, chosen, held)
            if "preview" in request.POST:
                foretold = cases.preview(chosen.verb, subject, **arguments)
                preview = Preview(slug, *foretold)
                return _case(
                    request, hazard, bound, template, holds_receipt, around, preview=preview
                )
            moved = cases.VERBS[chosen.verb](subject, **arguments)
        except NotAllowedNowError as refused:
            status, error = 409, refused.message
            hazard = FULL.get(pk=hazard.pk)
        else:
            hazard = moved if subject is hazard else _follower(hazard, moved)
            return _done(request, hazard, chosen, holds_receipt, around)
    return _case(
        request, hazard, bound, template, holds_receipt, around, error=error, status=status
    )


def _follower(hazard, main):
    """The case that follows another one, which was opened again: as the verb has left it."""
    hazard.main, hazard.rating = main, None
    return hazard


def _actor(user, subject, hazard, chosen, held):
    """Who acts, and in which capacity, as the verb's arguments."""
    role = FOLLOWER if subject is not hazard else acting_as(chosen, subject.state, held)
    return {"by": user if user.is_authenticated else None, "role": role}


def _case(
    request, hazard, bound, template, holds_receipt, around, *, preview=None, error="", status=200
):
    """The case again with the form as typed: an error, or what its reporter would read."""
    context = case_context(
        request, hazard, holds_receipt=holds_receipt, bound=bound, preview=preview
    )
    context |= {"error": error} | (around or {})
    return page_or_fragment(
        request, template, "hazards/case_page/_case.html", context, status=status
    )


def _done(request, hazard, chosen, holds_receipt, around):
    done = words.transition_done(chosen.verb, hazard)
    seen = holds_receipt or can_open(request.user, hazard)
    if request.htmx:
        context = {"hazard": hazard, "done": done}
        if seen:
            context |= case_context(request, hazard, holds_receipt=holds_receipt)
        context |= around or {}
        part = "hazards/case_page/_case.html" if seen else "hazards/case_page/_passed_on.html"
        response = render(request, part, context)
        response["HX-Trigger"] = "hazard-moved"
        return response
    messages.success(request, done)
    if not seen:
        # It went where this post does not reach.
        return redirect(around["queue_url"] if around else "hazards:queue")
    default = hazard.get_receipt_url() if holds_receipt else hazard.get_absolute_url()
    if around:
        default = f"{around['acts']}{around['within']}"
    return redirect(safe_next(request, default))


@require_safe
@login_required
def mine(request):
    """What this person reported, newest first, by key."""
    hazards = Hazard.objects.reported_by(request.user)
    page = page_of(hazards, request.GET.get("before", ""), PAGE_SIZE, NEWEST_FIRST)
    context = {"hazards": page.rows, "following": page.following}
    context["claimed"] = " ".join(request.session.pop(CLAIMED, ()))
    return render(request, "hazards/case_page/mine.html", context)
