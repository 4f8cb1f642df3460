"""Errands on the way: the list, one of them, and what its helper does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from volunteers.errands import access, errands, words
from volunteers.errands.forms import ErrandNoteForm
from volunteers.errands.models import Errand
from volunteers.errands.presenter import claim_in_hand, errand_page_of, newest_claim
from volunteers.errands.transitions import CLOCK, DEACTIVATION, ERRANDS
from volunteers.skills.access import can_organise
from workers.access import worker_of
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.paging import Column, page_of, read_number

PAGE_SIZE = 30  # errands; the days ahead of one subdistrict rarely have more
USUAL_GRIDS_FIRST = (
    Column("elsewhere", read_number),
    Column("grid_id", read_number),
    Column("pk", read_number),
)
# The verbs of the table that have a button; the others happen by themselves.
BY_THEMSELVES = {CLOCK, DEACTIVATION}
BUTTONS = {s: one for s, one in ERRANDS.by_slug.items() if not BY_THEMSELVES & {*one.actors}}
BY_STAFF = {
    "confirm": errands.confirm,
    "reject_done": errands.reject_done,
    "cancel": errands.cancel,
}
ON_A_CLAIM = {"extend_lease": errands.extend_lease, "release": errands.release}


@require_safe
@login_required
def errand_list(request):
    """What is on offer, by place only roughly, usual grids first; and what one has in hand."""
    worker = worker_of(request.user)
    usual = list(worker.usual_grids.values_list("pk", flat=True)) if worker else []
    listed = Errand.objects.listed_for(request.user, usual=usual)
    page = page_of(listed, request.GET.get("after", ""), PAGE_SIZE, USUAL_GRIDS_FIRST)
    context = {
        "errands": page.rows,
        "claim": claim_in_hand(request.user),
        "may_see": worker is not None or can_organise(request.user),
        "following": page.following,
    }
    return render(request, "volunteers/errands/errand_list.html", context)


@never_cache
@require_safe
@login_required
def errand(request, pk):
    """One errand; for whom and where shows to its helper during the lease, and is kept track of."""
    shown = _find(request, pk)
    return _page(request, shown) if shown else _gone(request)


def _find(request, pk):
    """The errand, or None when somebody else was faster; 404 for what was never theirs to see."""
    errands_here = Errand.objects.select_related("grid", "community")
    shown = errands_here.visible_to(request.user).filter(pk=pk).first()
    if shown is None:
        get_object_or_404(Errand.objects.filter(Errand.objects.around(request.user)), pk=pk)
    return shown


def _gone(request):
    messages.info(request, _("这件已经有人接了，或者不用办了。看看别的。"))
    return redirect("volunteers:errands")


def _page(request, shown, *, error="", status=200):
    """The page of an errand; looks at an address or a helper are kept track of."""
    page = errand_page_of(shown, request.user, error=error)
    if page.is_in_hand:
        audit.record("volunteers.errand_address_seen", page.claim, by=request.user, parent=shown)
    if page.last_claim:
        audit.record(
            "volunteers.viewed", page.last_claim, by=request.user, parent=shown, role="staff"
        )
    context = {"errand": shown, "page": page}
    return render(request, "volunteers/errands/errand.html", context, status=status)


@require_POST
@login_required
@stands_on("volunteers:errand", "pk")
def errand_act(request, pk, verb):
    """One tap: take it, keep it longer, give it back, done; staff confirm or call it off."""
    if verb not in BUTTONS:
        raise Http404
    shown = _find(request, pk)
    if shown is None:
        return _gone(request)
    verb = BUTTONS[verb].verb
    try:
        _call(request, shown, verb)
    except NotAllowedNowError as refused:
        shown.refresh_from_db()
        return _page(request, shown, error=refused.message, status=409)
    messages.success(request, words.DONE[verb])
    stays = verb in ("claim", "extend_lease", *BY_STAFF)
    return redirect(shown if stays else "volunteers:errands")


def _call(request, shown, verb):
    user = request.user
    if verb in BY_STAFF:
        if not access.can_manage_errand(user, shown):
            raise PermissionDenied
        return BY_STAFF[verb](shown, by=user)
    if verb == "claim":
        if not access.can_claim_errand(user, shown):
            raise PermissionDenied
        return errands.claim(shown, by=user)
    claim = newest_claim(shown, user)
    if claim is None:
        raise PermissionDenied
    if verb in ON_A_CLAIM:
        return ON_A_CLAIM[verb](claim, by=user)
    form = ErrandNoteForm(request.POST)
    if not form.is_valid():
        raise NotAllowedNowError(form.errors["note"][0])
    return errands.finish(claim, by=user, note=form.cleaned_data["note"])
