"""What staff have to do about records: certificates to issue, late entries to confirm."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import IntegerField, OuterRef, Q, Subquery, Sum
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from stations.postings.access import scope_of
from volunteers.record import access, certificates, service_records
from volunteers.record.forms import AnswerForm, IssueForm, ReasonForm
from volunteers.record.models.certificates import Certificate, CertificateRequest
from volunteers.record.models.service_records import ServiceRecord
from volunteers.skills.access import can_organise
from yuanhang.core import paging
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on

PAGE_SIZE = 50  # the oldest of each first
TYPED = ("person_in_charge", "contact", "remarks", "reason")


def _of_staff(rows, user):
    """Rows of the communities that a member of staff serves; people's own do not count here."""
    return rows if user.is_superuser else rows.filter(community__in=scope_of(user).communities)


@require_safe
@login_required
def records_office(request):
    """Requests with their hours worked out, and entries that wait for a second person."""
    if not can_organise(request.user):
        raise PermissionDenied
    return _page(request)


def _page(request, status=200, error="", at=None):
    """The page; `error` stands at the row `at` that was refused, with what was typed there."""
    asked, more_asked = _page_of(request, CertificateRequest.objects.waiting(), "requests")
    late, more_late = _page_of(request, ServiceRecord.objects.pending(), "entries")
    for row in (*asked, *late):
        row.error, row.typed = "", dict.fromkeys(TYPED, "")
    _prefill(asked)
    entries = [(entry, access.can_answer(request.user, entry)) for entry in late]
    at = next((row for row in (*asked, *late) if row == at), None)
    if at is not None:
        at.error = error
        at.typed = {name: request.POST.get(name, "") for name in TYPED}
    context = {
        "requests": asked,
        "entries": entries,
        "error": "" if at else error,
        "more_requests": more_asked,
        "more_entries": more_late,
        "here": _here(request),
    }
    return render(request, "volunteers/record/records_office.html", context, status=status)


def _page_of(request, rows, name):
    """A page of one list; behind the last row, where all was done meanwhile, the first again."""
    rows = _of_staff(rows, request.user)
    if name == "requests":
        rows = rows.select_related("user", "community").annotate(minutes=_minutes())
    else:
        rows = rows.select_related("user", "by", "community")
    found, following = paging.by_pk(rows, request.GET.get(name, ""), PAGE_SIZE, newest=False)
    if not found and name in request.GET:
        return paging.by_pk(rows, "", PAGE_SIZE, newest=False)
    return found, following


def _here(request):
    """The query of the page looked at, so that an answer leads back to it."""
    kept = {name: request.GET[name] for name in ("requests", "entries") if name in request.GET}
    return f"?{urlencode(kept)}" if kept else ""


def _back(request):
    return redirect(resolve_url("volunteers:records") + _here(request))


def _refusal(form):
    """The first thing wrong, with its field's name: a card has several."""
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label
    return f"{label}：{errors[0]}" if label else errors[0]


def _minutes():
    """What a certificate would say; the same rule as `workflow.entries_of`, in one query."""
    rows = ServiceRecord.objects.counting().order_by()
    rows = rows.filter(
        Q(user=OuterRef("user"), community=OuterRef("community")),
        on__gte=OuterRef("start"),
        on__lte=OuterRef("end"),
    )
    sums = rows.values("user").annotate(sum=Sum("minutes")).values("sum")
    return Subquery(sums, output_field=IntegerField())


def _prefill(asked):
    """Who signed last time and whom to call, so that nobody types it twice."""
    former = _last_signers({row.community_id for row in asked})
    for row in asked:
        signer, contact = former.get(row.community_id, ("", ""))
        row.typed["person_in_charge"] = signer
        row.typed["contact"] = contact or row.community.desk_phone


def _last_signers(communities):
    """{community: (person in charge, contact)} of its newest certificate: nothing typed twice."""
    rows = Certificate.objects.filter(community__in=communities)
    rows = rows.order_by("community", "-pk").distinct("community")
    found = rows.values_list("community", "person_in_charge", "contact")
    return {community: (signer, contact) for community, signer, contact in found}


@require_POST
@login_required
@stands_on("volunteers:records")
def answer_request(request, pk):
    """Issue, or decline with a reason."""
    rows = CertificateRequest.objects.visible_to(request.user).select_related("community")
    asked = get_object_or_404(rows, pk=pk)
    if not access.can_certify(request.user, asked.community):
        raise PermissionDenied
    declines = "decline" in request.POST
    form = (ReasonForm if declines else IssueForm)(request.POST)
    if not form.is_valid():
        return _page(request, 400, _refusal(form), at=asked)
    verb = certificates.decline if declines else certificates.issue
    try:
        verb(asked, by=request.user, **form.cleaned_data)
    except NotAllowedNowError as error:
        return _page(request, 409, error.message, at=asked)
    messages.success(request, _("答复了，本人会收到。") if declines else _("开好了，本人会收到。"))
    return _back(request)


@require_POST
@login_required
@stands_on("volunteers:records")
def answer_entry(request, pk):
    """The second person's word."""
    rows = ServiceRecord.objects.visible_to(request.user).select_related("community")
    entry = get_object_or_404(rows, pk=pk)
    if not access.can_answer(request.user, entry):
        raise PermissionDenied
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, 400, _refusal(form), at=entry)
    is_accepted = form.cleaned_data["answer"] == "yes"
    reason = form.cleaned_data["reason"]
    try:
        service_records.answer_entry(entry, by=request.user, is_accepted=is_accepted, reason=reason)
    except NotAllowedNowError as error:
        return _page(request, 409, error.message, at=entry)
    messages.success(request, _("确认了，已经算进时长。") if is_accepted else _("没有认可。"))
    return _back(request)
