"""「进不去」 at a gate of an estate: a short form, and a receipt like any report's."""

import uuid

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hazards.gates import refusals
from hazards.gates.forms import OTHER, RefusalForm
from hazards.reporting.forms import parse_key
from hazards.reporting.views import renewed
from stations.estates.models import Estate
from yuanhang.core.errors import NotAllowedNowError


@never_cache  # a page that is come back to must not bring a spent key along
@require_http_methods(["GET", "HEAD", "POST"])
def refused(request, slug):
    """Which gate, when, what was said; the receipt says until when there is an answer."""
    estate = get_object_or_404(Estate.objects.visible_to(request.user), slug=slug)
    gates = [one.name for one in refusals.gates_of(estate)]
    if request.method != "POST":
        initial = {"submission_key": uuid.uuid4(), "gate": "" if gates else OTHER}
        return _page(request, estate, RefusalForm(initial=initial, gates=gates))
    form = RefusalForm(request.POST, gates=gates)
    if not form.is_valid():
        key = parse_key(request.POST.get("submission_key"))
        return _page(request, estate, renewed(form, key), status=400)
    by = request.user if request.user.is_authenticated else None
    try:
        hazard, _is_new = refusals.report(estate, by=by, **form.refusal())
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _page(request, estate, renewed(form, None), status=409)
    return redirect(hazard.get_receipt_url())


def _page(request, estate, form, status=200):
    context = {"estate": estate, "form": form}
    return render(request, "hazards/gates/refused.html", context, status=status)
