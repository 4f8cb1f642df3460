"""Errands on the way: the list, one of them, and what its helper does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from volunteers.errands import access, errands, words
from volunteers.errands.forms import ErrandNoteForm
from volunteers.errands.models import Errand, ErrandClaim
from volunteers.errands.transitions import CLOCK, ERRANDS
from volunteers.skills.access import can_organise
from workers.access import worker_of
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import decode_cursor, encode_cursor, stands_on

PAGE_SIZE = 30
# The verbs of the table that have a button; a lease runs out by the clock.
BUTTONS = {slug: one for slug, one in ERRANDS.by_slug.items() if CLOCK not in one.actors}
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
    rows = Errand.objects.listed_for(request.user, usual=usual)
    page = list(_after(rows, request.GET.get("after", ""))[: PAGE_SIZE + 1])
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    context = {
        "errands": page[:PAGE_SIZE],
        "claim": _in_hand(request.user),
        "may_see": worker is not None or can_organise(request.user),
        "following": encode_cursor([last.elsewhere, last.grid_id, last.pk]) if last else "",
    }
    return render(request, "volunteers/errands/errand_list.html", context)


def _after(rows, text):
    key = decode_cursor(text, 3)
    if not key or not all(isinstance(part, int) and 0 <= part < 2**63 for part in key):
        return rows
    elsewhere, grid, pk = key
    here = Q(elsewhere=elsewhere)
    return rows.filter(
        Q(elsewhere__gt=elsewhere) | here & (Q(grid__gt=grid) | Q(grid=grid, pk__gt=pk))
    )


@never_cache
@require_safe
@login_required
def errand(request, pk):
    """One errand; for whom and where shows to its helper during the lease, and is kept track of."""
    found = _find(request, pk)
    return _page(request, found) if found else _gone(request)


def _find(request, pk):
    """The errand, or None when somebody else was faster; 404 for what was never theirs to see."""
    rows = Errand.objects.select_related("grid", "community")
    found = rows.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        get_object_or_404(Errand.objects.filter(Errand.objects.around(request.user)), pk=pk)
    return found


def _gone(request):
    messages.info(request, _("这件已经有人接了，或者不用办了。看看别的。"))
    return redirect("volunteers:errands")


def _own_claim(request, found):
    return found.claims.filter(helper=request.user).order_by("-pk").first()


def _in_hand(user):
    return ErrandClaim.objects.live().filter(helper=user).select_related("errand").first()


def _page(request, found, *, error="", status=200):
    claim = _own_claim(request, found)
    is_live = claim is not None and claim.is_live
    if is_live:
        audit.record("volunteers.errand_address_seen", claim, by=request.user, parent=found)
    may_manage = access.can_manage_errand(request.user, found)
    last = found.claims.select_related("helper").first() if may_manage else None
    if last:
        audit.record("volunteers.viewed", last, by=request.user, parent=found, role="staff")
    context = {
        "errand": found,
        "claim": claim,
        "in_hand": _in_hand(request.user),
        "last": last,
        "is_live": is_live,
        "is_free": Errand.objects.on_offer().filter(pk=found.pk).exists(),
        "asks_first": found.asks_first(request.user),
        "may_claim": access.can_claim_errand(request.user, found),
        "may_manage": may_manage,
        "error": error,
    }
    return render(request, "volunteers/errands/errand.html", context, status=status)


@require_POST
@login_required
@stands_on("volunteers:errand", "pk")
def errand_act(request, pk, verb):
    """One tap: take it, keep it longer, give it back, done; staff confirm or call it off."""
    if verb not in BUTTONS:
        raise Http404
    errand = _find(request, pk)
    if errand is None:
        return _gone(request)
    verb = BUTTONS[verb].verb
    try:
        _call(request, errand, verb)
    except NotAllowedNowError as refused:
        errand.refresh_from_db()
        return _page(request, errand, error=refused.message, status=409)
    messages.success(request, words.DONE[verb])
    stays = verb in ("claim", "extend_lease", *BY_STAFF)
    return redirect(errand if stays else "volunteers:errands")


def _call(request, errand, verb):
    user = request.user
    if verb in BY_STAFF:
        if not access.can_manage_errand(user, errand):
            raise PermissionDenied
        return BY_STAFF[verb](errand, by=user)
    if verb == "claim":
        if not access.can_claim_errand(user, errand):
            raise PermissionDenied
        return errands.claim(errand, by=user)
    claim = _own_claim(request, errand)
    if claim is None:
        raise PermissionDenied
    if verb in ON_A_CLAIM:
        return ON_A_CLAIM[verb](claim, by=user)
    form = ErrandNoteForm(request.POST)
    if not form.is_valid():
        raise NotAllowedNowError(form.errors["note"][0])
    return errands.finish(claim, by=user, note=form.cleaned_data["note"])
