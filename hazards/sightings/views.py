"""Passing by: what is open around here, and one tap to say 还在 or 已修好."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from hazards.cases.access import can_create_sighting
from hazards.cases.models.hazards import Hazard
from hazards.published import public
from hazards.sightings import nearby_cases, sightings
from hazards.sightings.forms import SightingForm
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import page_or_fragment, safe_next, stands_on
from yuanhang.core.paging import NEWEST_FIRST, page_of

PAGE_SIZE = 30
# Nearest first is sorted in the browser, so that a position never leaves the phone; so many it
# gets to sort.
NEAREST_MAX = 300


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def nearby_list(request):
    """Open and lately closed cases around here, newest first: kind, rough place, two buttons."""
    context = _list_context(request)
    return page_or_fragment(
        request,
        "hazards/sightings/nearby_cases.html",
        "hazards/sightings/_nearby_list.html",
        context,
    )


def _list_context(request):
    size = NEAREST_MAX if "near" in request.GET else PAGE_SIZE
    cases = public.with_public_photos(nearby_cases.nearby_cases(request.user))
    page = page_of(cases, request.GET.get("before", ""), size, NEWEST_FIRST)
    facts = with_sightings(request.user, page.rows)
    # Where the buttons come back to without scripts; never the address that only takes a POST.
    back = request.get_full_path() if request.method == "GET" else reverse("hazards:nearby-cases")
    return {"cases": facts, "following": page.following, "back": back, "error": ""}


def with_sightings(user, hazards):
    """What strangers may know of each case, and for passers-by what they said of it.

    Costs one query more than `publishing.told`, and none for guests.
    """
    said = sightings.words_of(user, hazards)
    return [
        told | sighting_buttons(user, hazard, said.get(hazard.pk, ""))
        for told, hazard in zip(public.public_facts(hazards), hazards, strict=True)
    ]


def sighting_buttons(user, hazard, said):
    """The two buttons on a case as `_around_buttons.html` shows them: where, and what was said."""
    asked = can_create_sighting(user, hazard) and hazard.category.ask_passers_by
    asked = asked and (hazard.is_open or hazard.can_reopen_now)
    knows = user.is_authenticated and not can_create_sighting(user, hazard)
    return {
        "state": hazard.state,
        "said": said,
        "is_done": not hazard.is_open,
        "say_url": reverse("hazards:sighting-create", args=[hazard.number]) if asked else "",
        "own_url": hazard.get_absolute_url() if knows else "",
    }


@require_POST
@login_required
@stands_on("hazards:nearby-cases")
def sighting_create(request, number):
    """One tap of a passer-by; with htmx the buttons again, else back to the list."""
    hazard = get_object_or_404(
        Hazard.objects.select_related("category", "main__category"), number=number
    )
    leading = hazard.main or hazard
    if not all(case.category.ask_passers_by for case in (hazard, leading)):
        raise Http404  # strangers do not learn that it is there
    if not can_create_sighting(request.user, leading):
        raise PermissionDenied
    form = SightingForm(request.POST)
    if not form.is_valid():
        return _refused(request, form.errors["says"][0], 400)
    if not ratelimit.consume(request, action="sighting"):
        return _refused(request, _("点得太快了，过十分钟再来。"), 429)
    try:
        word = sightings.create(hazard, by=request.user, says=form.cleaned_data["says"])
    except NotAllowedNowError as refused:
        return _refused(request, refused.message, 409)
    if request.htmx:
        case = {"pk": word.hazard_id, "said": word.says, "is_done": not word.hazard.is_open}
        case["say_url"] = reverse("hazards:sighting-create", args=[word.hazard.number])
        context = {"case": case, "thanks": True, "back": request.POST.get("next", "")}
        return render(request, "hazards/sightings/_buttons.html", context)
    messages.success(request, _("记下了，谢谢你。"))
    return redirect(f"{safe_next(request, reverse('hazards:nearby-cases'))}#case-{word.hazard_id}")


def _refused(request, message, status):
    """Why nothing was kept: in the row's place with htmx, else above the list."""
    if request.htmx:
        return render(
            request, "hazards/sightings/_refused.html", {"message": message}, status=status
        )
    context = _list_context(request) | {"error": message}
    return render(request, "hazards/sightings/nearby_cases.html", context, status=status)
