"""A certificate: checked by anybody who holds it, printed by its owner and staff."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from volunteers.record import access, certificates
from volunteers.record.forms import CheckForm, ReasonForm
from volunteers.record.models.certificates import Certificate
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.outbox import notices
from yuanhang.core.qr_codes import qr_inline
from yuanhang.core.text import code_of


@require_safe
def certificate_check(request, number):
    """Number, period, hours and validity, for whoever has the check code of the paper as well.

    Numbers can be counted up, so a number alone tells nothing, not even whether it exists.
    """
    typed = request.GET.get("code", "")[:80].strip()
    code = code_of(typed)
    number = code_of(number)
    certificate = None
    if code and number.isascii() and number.replace("-", "").isalnum():
        certificate = Certificate.objects.filter(number=number).first()
        if certificate and not constant_time_compare(certificate.code, code):
            certificate = None
    context = {
        "number": number,
        "certificate": certificate,
        "is_unknown": bool(typed) and certificate is None,
        "form": CheckForm(),
    }
    status = 404 if context["is_unknown"] else 200
    response = render(request, "volunteers/record/certificate_check.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _own_or_staff(request, number):
    visible = Certificate.objects.visible_to(request.user)
    visible = visible.select_related("community__subdistrict", "holder__user", "superseded_by")
    return get_object_or_404(visible, number=number)


@require_safe
@login_required
def certificate_print(request, number):
    """One A4 with space for the seal. Opened by whose it is, its notice is no news any more."""
    certificate = _own_or_staff(request, number)
    if certificate.holder.user_id == request.user.pk:
        notices.mark_seen([request.user.pk], certificate.get_absolute_url())
    return _sheet(request, certificate)


def _sheet(request, certificate, *, form=None, status=200):
    address = f"{settings.SITE_URL}{certificate.get_check_url()}"
    is_valid = certificate.state == certificate.State.VALID
    context = {
        "certificate": certificate,
        "holder": certificate.holder,
        "qr": qr_inline(address, scale=3),
        "may_revoke": is_valid and access.can_certify(request.user, certificate.community),
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
    certificate = _own_or_staff(request, number)
    if not access.can_certify(request.user, certificate.community):
        raise PermissionDenied
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _sheet(request, certificate, form=form, status=400)
    try:
        certificates.revoke(certificate, by=request.user, **form.cleaned_data)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _sheet(request, _own_or_staff(request, number), form=form, status=409)
    messages.success(request, _("作废了，本人会收到，查验页马上显示。"))
    return redirect(certificate.get_absolute_url())
