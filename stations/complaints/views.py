"""Writing a complaint, its receipt, and the readers' pages."""

import uuid

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stations.complaints import complaints
from stations.complaints.access import can_read_complaints
from stations.complaints.forms import AnswerForm, ComplaintForm, PublicForm
from stations.complaints.models import Complaint, ComplaintSlip
from stations.houses.models import EmergencyNumber
from yuanhang.core import audit
from yuanhang.core.accounts import device_of, remembers_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request
from yuanhang.core.paging import Column, page_of, read_day, read_moment, read_number
from yuanhang.core.receipts import as_private, parse_key

PUBLIC_SIZE, INBOX_SIZE = 10, 30  # rows of a page
SIGNED_SHOWN = 50  # slips of one matter whose signatures are listed
PUBLIC = (
    Column("published_at", read_moment, is_descending=True),
    Column("pk", read_number, is_descending=True),
)
DUE_FIRST = (Column("due_on", read_day), Column("pk", read_number))
ANSWERED_LAST_FIRST = (
    Column("answered_at", read_moment, is_descending=True),
    Column("pk", read_number, is_descending=True),
)
NON_EMERGENCY = "12345"


@never_cache  # a page that is come back to must not bring a spent key along
@remembers_device
@require_http_methods(["GET", "HEAD", "POST"])
def write(request):
    """The box, and below it what was answered for everybody."""
    if request.method != "POST":
        form = ComplaintForm(initial={"submission_key": uuid.uuid4()}, user=request.user)
        return _box(request, form)
    form = ComplaintForm(request.POST, user=request.user)
    if not form.is_valid():
        return _box(request, form, status=400)
    if not _may_send(request):
        form.add_error(None, _("写得太勤了，过一小时再发。写好的都还在。"))
        return _box(request, form, status=429)
    slip, _is_new = complaints.submit(
        form.content(), submission_key=form.cleaned_data["submission_key"]
    )
    return redirect(slip)


def _may_send(request):
    """Few from one device an hour; generously many from one address, which a station shares."""
    if not ratelimit.consume(request, action="complaint"):
        return False
    device = device_of(request)
    return not device or ratelimit.consume(request, action="complaint_device", key=device)


def _box(request, form, status=200):
    if form.is_bound and parse_key(form.data.get("submission_key")) is None:
        form.data = form.data.copy()
        form.data["submission_key"] = str(uuid.uuid4())
    page = page_of(Complaint.objects.published(), request.GET.get("after", ""), PUBLIC_SIZE, PUBLIC)
    context = {"form": form, "published": page.rows, "following": page.following}
    return render(request, "stations/complaints/write.html", context, status=status)


@require_safe
def receipt(request, token):
    """What was said, until when it is answered, and the answer; the link is the key."""
    slips = ComplaintSlip.objects.select_related("complaint__community__subdistrict", "user")
    slip = get_object_or_404(slips, token=token)
    context = {
        "slip": slip,
        "complaint": slip.complaint,
        "is_late": slip.complaint.is_overdue(),
        "hotline": EmergencyNumber.objects.filter(number=NON_EMERGENCY).first(),
    }
    return as_private(render(request, "stations/complaints/receipt.html", context))


@never_cache
@require_safe
@login_required
def inbox(request):
    """What was written to this reader: what waits longest first, or what was answered."""
    if not can_read_complaints(request.user):
        raise PermissionDenied
    rows = Complaint.objects.visible_to(request.user).select_related("community")
    is_answered = request.GET.get("show") == "answered"
    if is_answered:
        rows, columns = rows.exclude(state=Complaint.State.WAITING), ANSWERED_LAST_FIRST
    else:
        rows, columns = rows.waiting(), DUE_FIRST
    page = page_of(rows, request.GET.get("after", ""), INBOX_SIZE, columns)
    context = {
        "complaints": [(row, row.is_overdue()) for row in page.rows],
        "following": page.following,
        "is_answered": is_answered,
    }
    return render(request, "stations/complaints/inbox.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def one(request, pk):
    """One complaint as its reader sees it; each button sends its own part."""
    rows = Complaint.objects.visible_to(request.user).select_related("community")
    complaint = get_object_or_404(rows, pk=pk)
    if request.method != "POST":
        return _page(request, complaint)
    act = request.POST.get("act")
    if act not in ("answer", "publish", "unpublish"):
        return bad_request(request)
    forms = {"answer": AnswerForm, "publish": PublicForm}
    form = forms[act](request.POST) if act in forms else None
    if form is not None and not form.is_valid():
        return _page(request, complaint, status=400, **{act: form})
    try:
        messages.success(request, _carry_out(complaint, act, form, request.user))
    except NotAllowedNowError as refused:
        complaint.refresh_from_db()
        return _page(request, complaint, status=409, error=refused.message, **{act: form})
    return redirect(complaint)


def _carry_out(complaint, act, form, user):
    """The verb of a button, and what is said of it."""
    if act == "answer":
        complaints.answer(complaint, text=form.cleaned_data["answer"], by=user)
        return _("答复了，写信的人在回执里看得到。")
    if act == "publish":
        data = form.cleaned_data
        complaints.publish(
            complaint, text=data["public_text"], answer=data["public_answer"], by=user
        )
        return _("公开了，在「投诉建议」页上。")
    complaints.unpublish(complaint, by=user)
    return _("收回了，别人看不到了。")


def _page(request, complaint, *, status=200, error="", answer=None, publish=None, **_none):
    slips = list(complaint.slips.select_related("user")[:SIGNED_SHOWN])
    signatures = list(dict.fromkeys(slip.signature for slip in slips if slip.signature))
    if signatures and status == 200:
        # Who looked at a name is kept, as with every other person's.
        audit.record("stations.complaint_viewed", complaint, by=request.user, role="staff")
    context = {
        "complaint": complaint,
        "is_late": complaint.is_overdue(),
        "signatures": signatures,
        "error": error,
        "answer_form": answer or AnswerForm(),
        "public_form": publish or PublicForm(),
        # What was typed while somebody else was faster is not lost.
        "unsent": answer.cleaned_data["answer"] if error and answer else "",
    }
    return render(request, "stations/complaints/one.html", context, status=status)
