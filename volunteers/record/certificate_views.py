"""A certificate: checked by anybody who holds it, printed by its owner and staff."""

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from volunteers.record import access, certificates
from volunteers.record.forms import ReasonForm
from volunteers.record.models.certificates import Certificate
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on


@require_safe
def certificate_check(request, number):
    """Number, period, hours and validity, for whoever has the check code of the paper as well.

    Numbers can be counted up, so a number alone tells nothing, not even whether it exists.
    """
    code = request.GET.get("code", "").strip().upper()[:20]
    number = number.strip().upper()
    found = None
    if code and number.isascii() and number.replace("-", "").isalnum():
        found = Certificate.objects.filter(number=number).first()
        if found and not constant_time_compare(found.code, code):
            found = None
    context = {"number": number, "certificate": found, "asked": bool(code)}
    status = 404 if code and found is None else 200
    response = render(request, "volunteers/record/certificate_check.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _own_or_staff(request, number):
    rows = Certificate.objects.visible_to(request.user)
    rows = rows.select_related("community__subdistrict", "holder__user", "superseded_by")
    return get_object_or_404(rows, number=number)


@require_safe
@login_required
def certificate_print(request, number):
    """One A4 with space for the seal."""
    return _sheet(request, _own_or_staff(request, number))


def _sheet(request, found, status=200, form=None):
    address = f"{settings.SITE_URL}{found.get_check_url()}"
    drawn = segno.make(address, error="m").svg_inline(scale=3, border=2, light="#fff")
    context = {
        "certificate": found,
        "holder": found.holder,
        "qr": mark_safe(drawn),  # noqa: S308 - drawn by us from our own address
        "may_revoke": found.state == found.State.VALID
        and access.can_certify(request.user, found.community),
        "form": form or ReasonForm(),
    }
    response = render(request, "volunteers/record/certificate_sheet.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@login_required
@stands_on("volunteers:certificate", "number")
def certificate_revoke(request, number):
    """Void it, with a reason."""
    found = _own_or_staff(request, number)
    if not access.can_certify(request.user, found.community):
        raise PermissionDenied
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _sheet(request, found, 400, form)
    try:
        certificates.revoke(found, by=request.user, **form.cleaned_data)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _sheet(request, _own_or_staff(request, number), 409, form)
    messages.success(request, _("作废了，本人会收到，查验页马上显示。"))
    return redirect(found.get_absolute_url())
