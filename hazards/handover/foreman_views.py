"""接力单: the unit's foreman works on a case by a link and a code, without an account.

A GET or a preview of the link in a chat spends nothing; only a button acts.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hazards.cases.models.hazards import Hazard
from hazards.cases.transitions import BY_SLUG
from hazards.handover import foreman
from hazards.handover.foreman_forms import DEED_FORMS, CodeForm
from hazards.slips import slips
from hazards.slips.access import released_photos
from hazards.slips.models import Slip
from yuanhang.core import files
from yuanhang.core.accounts import remembers_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on

DONE = {
    "arrive": gettext_lazy("记下了：到现场了。"),
    "secure": gettext_lazy("记下了：围好了。"),
    "fix": gettext_lazy("记下了，等网格员去看一眼。辛苦了。"),
    "ask_time": gettext_lazy("报给街道了，同意了才算延期。"),
}


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@remembers_device
def slip(request, key):
    """The case for its unit; before that the question for the code."""
    found = get_object_or_404(Slip.objects.of_key(key).select_related("organisation"))
    if found.ended_at is not None:
        return _plain(request, "slip_ended", {"slip": found}, 410)
    if request.method == "POST":
        return _try_code(request, found)
    if not foreman.is_open_on(request, found):
        return _plain(request, "slip_code", {"slip": found, "form": CodeForm()})
    return _page(request, found, _case_of(found))


def _case_of(found):
    return Hazard.objects.get(pk=found.hazard_id)


def _try_code(request, found):
    form = CodeForm(request.POST)
    status = 400
    if not foreman.may_guess(request, found):
        form.add_error(None, _("错得太多，这部手机歇 15 分钟。别的手机照样能开。"))
        status = 429
    elif form.is_valid():
        if slips.opens(found, form.cleaned_data["code"]):
            foreman.open_on(request, found)
            return redirect(found)
        foreman.count_guess(request, found)
        form.add_error("code", _("口令不对，打电话再问一下。"))
    return _plain(request, "slip_code", {"slip": found, "form": form}, status)


def _plain(request, name, context, status=200):
    response = render(request, f"hazards/handover/{name}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _page(request, found, hazard, *, status=200, **given):
    return _plain(request, "slip", foreman.slip_context(found, hazard, **given), status)


@require_POST
@stands_on("slips:slip", "key")
def deed(request, key, slug):
    """One press of the foreman's: a step of the case, by the unit."""
    found = get_object_or_404(Slip.objects.of_key(key).select_related("organisation"))
    move = BY_SLUG.get(slug)
    if move is None or move.verb not in DEED_FORMS:
        raise Http404
    if found.ended_at is not None or not foreman.is_open_on(request, found):
        return redirect("slips:slip", key=key)
    hazard = _case_of(found)
    form = DEED_FORMS[move.verb](request.POST, request.FILES, hazard=hazard, auto_id=f"{slug}-%s")
    if not form.is_valid():
        return _page(request, found, hazard, bound={move.verb: form}, status=400)
    try:
        slips.act(found, hazard, move.verb, **form.arguments())
    except NotAllowedNowError as refused:
        found.refresh_from_db()
        if found.ended_at is not None:
            return redirect("slips:slip", key=key)
        return _page(request, found, _case_of(found), error=refused.message, status=409)
    if move.verb in DONE:
        messages.success(request, DONE[move.verb])
    return redirect("slips:slip", key=key)


@require_safe
def photo(request, key, pk):
    """The covered copy of a released picture, on a device that has the slip open."""
    found = get_object_or_404(Slip.objects.of_key(key).live().select_related("hazard"))
    if not foreman.is_open_on(request, found):
        raise Http404
    shown = get_object_or_404(released_photos(found.hazard), pk=pk)
    return files.stream(request, shown.public_image, "image/jpeg")
