"""Reporting without an account, the receipt, and the look-up by number and code."""

import uuid

from allauth.core import ratelimit
from django.db import connection
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hazards.case_page.presenter import FULL, case_context
from hazards.case_page.views import act
from hazards.cases import duplicates, reports
from hazards.cases.case_numbers import is_end
from hazards.cases.models.hazards import Hazard
from hazards.cases.place_map import place_map_of
from hazards.reporting.forms import LookupForm, OutageForm, ReportForm
from stations.areas import landmarks
from stations.houses.models import EmergencyNumber
from workers.access import worker_of
from yuanhang.core import outage
from yuanhang.core.accounts import device_of, remember_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.receipts import as_private, parse_key
from yuanhang.core.uploads.fields import sent_by

LOST = _("系统刚才断了一下，还没发出去。你填的都在，照片要重新选，再点一次发出。")
CUT_OFF = _("网断了一下，没传完，再点一次发出。")


@never_cache  # a page that is come back to must not bring a spent key along
@require_http_methods(["GET", "POST"])
def report(request):
    """The report form; a sent one leads to its receipt, however often it is sent."""
    if request.method == "GET":
        initial = {"submission_key": uuid.uuid4(), "grid": request.GET.get("grid")}
        return _form_page(request, ReportForm(initial=initial))
    # The key makes a second try harmless, so the first lost connection is nobody's business.
    for _attempt in range(2):
        try:
            return _submit(request)
        except outage.ERRORS as error:
            if not outage.is_away(error):
                raise
            connection.close()
    return _outage(request)


def _submit(request):
    by = request.user if request.user.is_authenticated else None
    key = parse_key(request.POST.get("submission_key"))
    form = _filled_in(request).skip_files()
    # Of words alone the key's own constraint says so, without a question.
    asks = key and (not form.is_valid() or form.has_files)
    sent = _sent_before(form, key, by) if asks else None
    if sent:
        return redirect(sent.get_receipt_url())
    if form.has_files:
        form = _filled_in(request)
    if form.is_valid() and _cut_off(request):
        form.add_error(None, CUT_OFF)
        form.fields["voice"].sent.good.clear()  # what was cut may still be heard, but not whole
    if form.errors:
        return _form_page(request, renewed(form, key), status=400)
    submission = form.submission()
    if submission["community"] is None and submission["grid"] is None:
        worker = worker_of(request.user)
        submission["community"] = worker.community if worker else None
    try:
        same = same_as(form, request.user)
        hazard, _is_new = reports.submit(by=by, same_as=same, **submission)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _form_page(request, renewed(form, None), status=409)
    return redirect(hazard.get_receipt_url())


def _filled_in(request):
    return sent_by(ReportForm(request.POST, request.FILES), request.user)


def _sent_before(words, key, by):
    """The case that this report under this key made already: its files need not be decoded.

    It is the same report also where its form would not be taken today.
    """
    names = ("category", "description", "place", "contact_name", "contact_phone")
    if not all(name in words.cleaned_data for name in names):
        return None
    try:
        return reports.sent_before(key, by=by, content=words.content())[1]
    except NotAllowedNowError:
        return None  # said in the form, with all that was typed


def same_as(form, viewer):
    """The case the reporter chose, if we would offer it; any other number is as good as none."""
    number = form.cleaned_data["same_as"]
    found = duplicates.offered_duplicates(viewer, **form.placed()) if number else []
    return next((case for case in found if case.number == number), None)


def _cut_off(request):
    """Whether the connection broke inside this request.

    Django reads what has arrived of such a body and says nothing: the case would be made without
    its last photos, and the phone's next try would be told that it is all there.
    """
    return "body_start" in request.POST and "body_end" not in request.POST


def renewed(form, key):
    """The bound form again, with a usable key where the sent one was none."""
    if key is None:
        form.data = form.data.copy()
        form.data["submission_key"] = str(uuid.uuid4())
    return form


def _outage(request):
    """Without a database there is no form to show; this page keeps the words and the key."""
    context = {"form": OutageForm(request.POST), "message": LOST}
    return render(request, "hazards/reporting/report_outage.html", context, status=503)


report.outage_page = _outage  # it shows the words in a form of their own, with photos to choose


def _form_page(request, form, status=200):
    context = {
        "form": form,
        "first_numbers": EmergencyNumber.objects.filter(is_first=True),
        "numbers": EmergencyNumber.objects.filter(is_first=False),
        "landmarks": landmarks.names(),
    }
    return render(request, "hazards/reporting/report.html", context, status=status)


def _by_token(token):
    return get_object_or_404(FULL, receipt_token=token)


@require_safe
def receipt(request, token):
    """Number, what happens next, and the case as its reporter sees it; the link is the key."""
    hazard = _by_token(token)
    context = case_context(request, hazard, holds_receipt=True)
    context["place_map"] = place_map_of(hazard)
    return as_private(render(request, "hazards/reporting/receipt.html", context))


@require_POST
def receipt_move(request, token, slug):
    """A move by whoever holds the receipt."""
    hazard = _by_token(token)
    return act(request, hazard, slug, holds_receipt=True, template="hazards/reporting/receipt.html")


def _may_guess(request, number):
    """Count a guess per number and address, and per device where the browser has a name."""
    if not ratelimit.consume(request, action="lookup", key=number):
        return False
    device = device_of(request)
    # The same allowance as for wrong passwords, counted apart from them.
    return not device or ratelimit.consume(
        request, action="login_failed_device", key=f"lookup:{device}"
    )


def _receipt_of(number, code):
    """The case of a number, or of the end of one, and its code."""
    if is_end(number):
        # The code finds it, the digits confirm it: together more than anybody guesses here.
        found = Hazard.objects.filter(lookup_code=code, number__endswith=f"-{number}")
        return found.order_by("-id").first()
    hazard = Hazard.objects.filter(number=number).first()
    return hazard if hazard and constant_time_compare(hazard.lookup_code, code) else None


@require_http_methods(["GET", "POST"])
def lookup(request):
    """Find a receipt again by number and code; guesses are throttled per number and device."""
    form = LookupForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            number, code = form.cleaned_data["number"], form.cleaned_data["code"]
            if not _may_guess(request, number):
                form.add_error(None, _("试的次数太多了，过十分钟再来。"))
                status = 429
            else:
                hazard = _receipt_of(number, code)
                if hazard:
                    return redirect(hazard.get_receipt_url())
                form.add_error(None, _("编号和查询码对不上，看看回执再试。"))
    response = render(request, "hazards/reporting/lookup.html", {"form": form}, status=status)
    return remember_device(request, response)
