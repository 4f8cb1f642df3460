"""A volunteer's record: one's own, and a person's for the staff who keep it."""

from dataclasses import dataclass, field
from functools import partial

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
from volunteers.record.presenter import lists_of, record_of, request_form_of
from volunteers.skills.models import Qualification
from workers.access import worker_of
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.excel import XLSX
from yuanhang.core.http import stands_on
from yuanhang.core.uploads.fields import sent_by


@require_safe
@login_required
def record(request):
    """One's own five groups, and the button for a certificate."""
    context = _context(request, request.user)
    context["request_form"] = request_form_of(context["record"])
    return render(request, "volunteers/record/record.html", context)


def _context(request, person):
    return {
        "record": record_of(person),
        "lists": lists_of(person, request.GET),
        "is_own": person.pk == request.user.pk,
    }


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
    entries = request.user.service_records.order_by()
    communities = Community.objects.filter(pk__in=entries.values("community"))
    form = RequestForm(request.POST, communities=communities)
    community = form.chosen_community()
    start, end = form.span()
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


@dataclass(frozen=True)
class StaffForms:
    """The forms under a person's record; `opened` is the name of the one that was sent."""

    hours: HoursForm = field(default_factory=HoursForm)
    words: CommendForm = field(default_factory=CommendForm)
    paper: QualificationForm = field(default_factory=QualificationForm)
    opened: str = ""


def _person_page(request, person, *, status=200, **sent):
    """The page; `sent` may have one bound form by its name in `StaffForms`."""
    staff_forms = StaffForms(**sent, opened=next(iter(sent), ""))
    context = _context(request, person) | {"staff_forms": staff_forms}
    return render(request, "volunteers/record/record.html", context, status=status)


@require_safe
@login_required
def person(request, pk):
    """A person's record; every look is logged."""
    volunteer = _person(request, pk)
    audit.record("volunteers.record_viewed", volunteer, by=request.user, role="staff")
    return _person_page(request, volunteer)


@require_safe
@login_required
def person_export(request, pk):
    """The same as Excel."""
    return _excel(request, _person(request, pk))


def _answer_form(request, person, name, form, verb, done):
    """Call the verb with what a valid form says, and come back with the sentence `done`.

    `name` is the form's in `StaffForms`. In error the page comes again, with what was sent.
    """
    if not form.is_valid():
        return _person_page(request, person, status=400, **{name: form})
    try:
        verb(by=request.user, **form.cleaned_data)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _person_page(request, person, status=409, **{name: form})
    messages.success(request, done)
    return redirect("volunteers:person", pk=person.pk)


@require_POST
@login_required
@stands_on("volunteers:person", "pk")
def person_hours(request, pk):
    """补录 (entry by hand): waits for a second person."""
    volunteer = _person(request, pk)
    worker = worker_of(volunteer)
    if worker is None:
        raise Http404  # hours belong to a community, and this account to none
    enter = partial(service_records.enter_by_hand, user=volunteer, community=worker.community)
    form = HoursForm(request.POST)
    done = _("记下了，等另一位工作人员确认。")
    return _answer_form(request, volunteer, "hours", form, enter, done)


@require_POST
@login_required
@stands_on("volunteers:person", "pk")
def person_commend(request, pk):
    """表彰奖励 (award) or 评价 (evaluation)."""
    volunteer = _person(request, pk)
    commend = partial(commendations.commend, volunteer)
    form = CommendForm(request.POST)
    return _answer_form(request, volunteer, "words", form, commend, _("写上了。"))


@require_POST
@login_required
@stands_on("volunteers:person", "pk")
def person_qualification(request, pk):
    """A certificate from elsewhere."""
    volunteer = _person(request, pk)
    register = partial(training_records.register_certificate, user=volunteer)
    form = sent_by(QualificationForm(request.POST, request.FILES), request.user)
    return _answer_form(request, volunteer, "paper", form, register, _("证书登记好了。"))


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
    papers = Qualification.objects.filter(Q(user=request.user) | Q(user__in=kept))
    papers = papers.filter(scan__isnull=False).select_related("scan")
    paper = get_object_or_404(papers, pk=pk)
    if paper.user_id != request.user.pk:
        audit.record("volunteers.scan_viewed", paper, by=request.user, role="staff")
    response = files.stream(request, paper.scan.image, "image/jpeg")
    # Every look is logged, so the browser asks again.
    response["Cache-Control"] = "private, no-store"
    return response
