"""A volunteer's record: one's own, and a person's for the staff who keep it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from stations.areas.models import Community
from volunteers.record import access, certificates, commendations, service_records, training_records
from volunteers.record.export import workbook_of
from volunteers.record.forms import CommendForm, HoursForm, QualificationForm, RequestForm
from volunteers.record.models.service_records import Commendation
from volunteers.record.presenter import pages_of, record_of
from volunteers.skills.models import Qualification
from workers.access import worker_of
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.excel import XLSX
from yuanhang.core.http import stands_on


@require_safe
@login_required
def record(request):
    """One's own five groups, and the button for a certificate."""
    context = _context(request, request.user)
    communities = Community.objects.filter(
        pk__in=request.user.service_records.counting().order_by().values("community")
    )
    return render(request, "volunteers/record/record.html", context | {"communities": communities})


def _context(request, person):
    pages = pages_of(person, request.GET)
    context = record_of(person) | {name: rows for name, (rows, _key) in pages.items()}
    context |= {
        "following": {name: key for name, (_rows, key) in pages.items()},
        "is_own": person.pk == request.user.pk,
        "awards": [word for word in context["words"] if word.kind == Commendation.Kind.AWARD],
        "evaluations": [
            word for word in context["words"] if word.kind == Commendation.Kind.EVALUATION
        ],
    }
    return context


@require_safe
@login_required
def export(request):
    """One's own record as Excel."""
    return _excel(request, request.user)


def _excel(request, person):
    data = workbook_of(person)
    audit.record("volunteers.record_exported", person, by=request.user)
    response = HttpResponse(data, content_type=XLSX)
    stamp = f"{timezone.localtime():%Y%m%d}"
    response["Content-Disposition"] = f'attachment; filename="volunteer-{stamp}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@login_required
def ask_certificate(request):
    """One tap: a certificate, please."""
    communities = Community.objects.filter(
        pk__in=request.user.service_records.order_by().values("community")
    )
    chosen = request.POST.get("community", "")
    community = next((row for row in communities if str(row.pk) == chosen), None)
    start, end = RequestForm(request.POST).span()
    try:
        if community is None:
            raise NotAllowedNowError(_("还没有记上的服务时长。"))
        certificates.request(request.user, community=community, start=start, end=end)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("申请交上去了，社区开好会通知你。"))
    return redirect("volunteers:record")


# --- for the staff who keep it -----------------------------------------------------------------


def _person(request, pk):
    kept = access.people_kept_by(request.user).select_related("volunteer_number")
    return get_object_or_404(kept, pk=pk)


def _person_page(request, person, status=200, **bound):
    forms = {"hours": HoursForm, "words": CommendForm, "paper": QualificationForm}
    context = _context(request, person)
    context |= {f"{name}_form": bound.get(name) or form() for name, form in forms.items()}
    context["opened"] = next(iter(bound), "")
    return render(request, "volunteers/record/record.html", context, status=status)


@require_safe
@login_required
def person(request, pk):
    """A person's record; every look is logged."""
    found = _person(request, pk)
    audit.record("volunteers.record_viewed", found, by=request.user, role="staff")
    return _person_page(request, found)


@require_safe
@login_required
def person_export(request, pk):
    """The same as Excel."""
    return _excel(request, _person(request, pk))


def _do(request, person, name, form, verb, done):
    """Validate, call one verb, come back; errors show on the page, which keeps what was sent."""
    if not form.is_valid():
        return _person_page(request, person, status=400, **{name: form})
    try:
        verb(**form.cleaned_data)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _person_page(request, person, status=409, **{name: form})
    messages.success(request, done)
    return redirect("volunteers:person", pk=person.pk)


@require_POST
@login_required
@stands_on("volunteers:person", "pk")
def person_hours(request, pk):
    """补录: waits for a second person."""
    found = _person(request, pk)
    worker = worker_of(found)
    if worker is None:
        raise Http404  # hours belong to a community, and this account to none

    def enter(**said):
        service_records.enter_by_hand(
            user=found, community=worker.community, by=request.user, **said
        )

    form = HoursForm(request.POST)
    return _do(request, found, "hours", form, enter, _("记下了，等另一位工作人员确认。"))


@require_POST
@login_required
@stands_on("volunteers:person", "pk")
def person_commend(request, pk):
    """表彰奖励 or 评价."""
    found = _person(request, pk)

    def commend(**said):
        commendations.commend(found, by=request.user, **said)

    return _do(request, found, "words", CommendForm(request.POST), commend, _("写上了。"))


@require_POST
@login_required
@stands_on("volunteers:person", "pk")
def person_qualification(request, pk):
    """A certificate from elsewhere."""
    found = _person(request, pk)

    def register(**said):
        training_records.register_certificate(user=found, by=request.user, **said)

    form = QualificationForm(request.POST, request.FILES)
    return _do(request, found, "paper", form, register, _("证书登记好了。"))


@require_POST
@login_required
def commendation_revoke(request, pk):
    """Words that were wrong."""
    kept = access.people_kept_by(request.user)
    words = get_object_or_404(Commendation.objects.current().filter(user__in=kept), pk=pk)
    commendations.revoke(words, by=request.user)
    messages.success(request, _("撤回了。"))
    return redirect("volunteers:person", pk=words.user_id)


@require_safe
@login_required
def scan(request, pk):
    """The picture of a certificate: its owner's, and the staff's who keep the record."""
    kept = access.people_kept_by(request.user)
    rows = Qualification.objects.filter(Q(user=request.user) | Q(user__in=kept))
    found = get_object_or_404(rows.filter(scan__isnull=False).select_related("scan"), pk=pk)
    if found.user_id != request.user.pk:
        audit.record("volunteers.scan_viewed", found, by=request.user, role="staff")
    response = files.stream(request, found.scan.image, "image/jpeg")
    # Every look is logged, so the browser asks again.
    response["Cache-Control"] = "private, no-store"
    return response
