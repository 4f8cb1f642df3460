"""代录: staff enter a report that came by phone, by chat or at the desk."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hazards import access, pasting, workflow
from hazards.forms.entry import EntryForm, PasteForm
from stations.models import Landmark


@require_http_methods(["GET", "POST"])
@login_required
def entry(request):
    """Paste, look, save: under a minute."""
    if not access.can_review_queue(request.user):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, EntryForm(initial=_fresh()))
    if "pasted" in request.POST:
        paste = PasteForm(request.POST)
        filled = pasting.read(paste.cleaned_data["pasted"]) if paste.is_valid() else {}
        return _page(request, EntryForm(initial=_fresh() | filled), paste, filled=bool(filled))
    form = EntryForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=400)
    reporter = form.reporter()
    hazard, is_new = workflow.submit(by=reporter, entered_by=request.user, **form.submission())
    if is_new:
        messages.success(request, _("代录好了，编号 %(number)s。") % {"number": hazard.number})
    seen = hazard.__class__.objects.visible_to(request.user).filter(pk=hazard.pk).exists()
    return redirect(hazard if seen else "hazards:queue")


def _fresh():
    return {"submission_key": uuid.uuid4()}


def _page(request, form, paste=None, *, filled=False, status=200):
    context = {
        "form": form,
        "paste": paste or PasteForm(),
        "filled": filled,
        "landmarks": Landmark.objects.values_list("name", flat=True),
    }
    return render(request, "hazards/entry.html", context, status=status)
