"""What staff have to do about records: certificates to issue, late entries to confirm."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from stations.postings.access import scope_of
from volunteers.record import access, certificates, service_records
from volunteers.record.forms import AnswerForm, IssueForm, ReasonForm
from volunteers.record.models.certificates import CertificateRequest
from volunteers.record.models.service_records import ServiceRecord
from volunteers.record.office_presenter import (
    Refusal,
    entry_cards,
    ids_of,
    request_cards,
    with_minutes,
)
from volunteers.skills.access import can_organise
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.paging import OLDEST_FIRST, page_of

PAGE_SIZE = 50  # cards of each list, the oldest first: an afternoon's work


def _of_staff(waiting, user):
    """What waits in the communities that a member of staff serves, whoever it is about."""
    if user.is_superuser:
        return waiting
    return waiting.filter(community__in=scope_of(user).communities)


@require_safe
@login_required
def records_office(request):
    """Requests with their hours worked out, and entries that wait for a second person."""
    if not can_organise(request.user):
        raise PermissionDenied
    return _page(request)


def _page(request, *, refusal=None, status=200):
    """The page; what was refused stands at its row, or on top where the row is gone."""
    requests, more_requests = _page_of(request, CertificateRequest.objects.waiting(), "requests")
    entries, more_entries = _page_of(request, ServiceRecord.objects.pending(), "entries")
    is_gone = refusal is not None and refusal.row not in (*requests, *entries)
    context = {
        "requests": request_cards(requests, refusal),
        "entries": entry_cards(entries, request.user, refusal),
        "error": refusal.words if is_gone else "",
        "more_requests": more_requests,
        "more_entries": more_entries,
        "here": _here(request),
    }
    return render(request, "volunteers/record/records_office.html", context, status=status)


def _page_of(request, waiting, name):
    """A page of one list; behind the last row, where all was done meanwhile, the first again."""
    waiting = _of_staff(waiting, request.user)
    if name == "requests":
        waiting = with_minutes(waiting.select_related("user", "community"))
    else:
        waiting = waiting.select_related("user", "by", "community")
    page = page_of(waiting, request.GET.get(name, ""), PAGE_SIZE, OLDEST_FIRST)
    if not page.rows and name in request.GET:
        return page_of(waiting, "", PAGE_SIZE, OLDEST_FIRST)
    return page


def _here(request):
    """The query of the page looked at, so that an answer leads back to it."""
    kept = {name: request.GET[name] for name in ("requests", "entries") if name in request.GET}
    return f"?{urlencode(kept)}" if kept else ""


def _back(request):
    return redirect(resolve_url("volunteers:records") + _here(request))


@require_POST
@login_required
@stands_on("volunteers:records")
def answer_request(request, pk):
    """Issue, or decline with a reason."""
    visible = CertificateRequest.objects.visible_to(request.user).select_related("community")
    asked = get_object_or_404(visible, pk=pk)
    if not access.can_certify(request.user, asked.community):
        raise PermissionDenied
    declines = "decline" in request.POST
    form_class = ReasonForm if declines else IssueForm
    form = form_class(request.POST, auto_id=ids_of(asked))
    if not form.is_valid():
        return _page(request, refusal=Refusal(asked, form), status=400)
    verb = certificates.decline if declines else certificates.issue
    try:
        verb(asked, by=request.user, **form.cleaned_data)
    except NotAllowedNowError as error:
        return _page(request, refusal=Refusal(asked, form, error.message), status=409)
    messages.success(request, _("答复了，本人会收到。") if declines else _("开好了，本人会收到。"))
    return _back(request)


@require_POST
@login_required
@stands_on("volunteers:records")
def answer_entry(request, pk):
    """The second person's word."""
    visible = ServiceRecord.objects.visible_to(request.user).select_related("community")
    entry = get_object_or_404(visible, pk=pk)
    if not access.can_answer(request.user, entry):
        raise PermissionDenied
    form = AnswerForm(request.POST, auto_id=ids_of(entry))
    if not form.is_valid():
        return _page(request, refusal=Refusal(entry, form), status=400)
    is_accepted = form.cleaned_data["answer"] == "yes"
    reason = form.cleaned_data["reason"]
    try:
        service_records.answer_entry(entry, by=request.user, is_accepted=is_accepted, reason=reason)
    except NotAllowedNowError as error:
        return _page(request, refusal=Refusal(entry, form, error.message), status=409)
    messages.success(request, _("确认了，已经算进时长。") if is_accepted else _("没有认可。"))
    return _back(request)
