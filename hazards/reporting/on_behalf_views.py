"""代录: staff enter a report that came by phone, by chat or at the desk."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hazards.cases import reports
from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.cases.words import holder
from hazards.reporting import chat_import
from hazards.reporting.forms import FILES
from hazards.reporting.on_behalf_forms import EntryForm, PasteForm
from hazards.reporting.views import renewed, same_as
from stations.areas import landmarks
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.uploads.fields import sent_by

KEPT = _("这一份刚才存好了，编号 %(number)s，后改的没有存。要另记一件，再点一次保存。")


@never_cache  # a page that is come back to must not bring a spent key along
@require_http_methods(["GET", "POST"])
@login_required
def entry(request):
    """Paste, look, save: under a minute."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, EntryForm(initial=_fresh()))
    if "paste" in request.POST:
        paste = PasteForm(request.POST)
        filled = chat_import.read_message(paste.cleaned_data["pasted"]) if paste.is_valid() else {}
        # What was typed stays: the message fills what is still empty.
        typed = {name: text for name in EntryForm.field_order if (text := request.POST.get(name))}
        form = EntryForm(initial=_fresh() | filled | typed | _chosen_files(request))
        return _page(request, form, paste, filled=bool(filled))
    form = sent_by(EntryForm(request.POST, request.FILES), request.user)
    if not form.is_valid():
        return _page(request, form, status=400)
    reporter = form.reporter()
    try:
        _refuse_changed(form, reporter)
        same = same_as(form, request.user)
        hazard, is_new = reports.submit(
            by=reporter, entered_by=request.user, same_as=same, **form.submission()
        )
    except NotAllowedNowError as refused:
        form.add_error(None, refused.message)
        return _page(request, renewed(form, None), status=409)
    if is_new:
        messages.success(request, _done(hazard))
    seen = Hazard.objects.visible_to(request.user).filter(pk=hazard.pk).exists()
    return redirect(hazard if seen else "hazards:queue")


def _done(hazard):
    """Where the report is now, or which case it was put to."""
    if hazard.main_id:
        told = _("代录好了，编号 %(number)s，并到了 %(main)s。")
        return told % {"number": hazard.number, "main": hazard.main.number}
    told = _("代录好了，编号 %(number)s。现在在%(holder)s手里。")
    return told % {"number": hazard.number, "holder": holder(hazard)}


def _refuse_changed(form, reporter):
    """Raises NotAllowedNowError when the page was saved before, with something else in it.

    The same twice is a thumb too fast; a number or a word put right after that must not vanish.
    """
    sent = Hazard.objects.filter(submission_key=form.cleaned_data["submission_key"]).first()
    if sent and (sent.reporter != reporter or reports.Content.of(sent) != form.content()):
        raise NotAllowedNowError(KEPT % {"number": sent.number})


def _chosen_files(request):
    """The files chosen before the button that fills in: the good ones stay as well."""
    form = sent_by(EntryForm(request.POST, request.FILES), request.user)
    form.full_clean()
    return {name: form.fields[name].sent for name in FILES}


def _fresh():
    return {"submission_key": uuid.uuid4()}


def _page(request, form, paste=None, *, filled=False, status=200):
    context = {
        "form": form,
        "paste": paste or PasteForm(),
        "filled": filled,
        "landmarks": landmarks.names(),
    }
    return render(request, "hazards/reporting/on_behalf.html", context, status=status)
