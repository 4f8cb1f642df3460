"""我在帮忙: saying so, one's own page with the QR code, and the page where anybody checks it."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stations.areas import landmarks
from workers.help.forms import parse_key
from workers.proofs import access, proofs
from workers.proofs.forms import ProofForm
from workers.proofs.models import Proof
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.paging import NEWEST_FIRST, page_of
from yuanhang.core.qr_codes import qr_inline
from yuanhang.core.text import code_of

PAGE_SIZE = 30  # proofs; three a day at most
JOINED = ("grid__community", "community")


@never_cache  # a page that is come back to must not bring a spent key along
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request):
    """The form; a sent one leads to its page, however often it is sent."""
    if not access.can_register(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _form_page(request, ProofForm(initial={"submission_key": uuid.uuid4()}))
    key = parse_key(request.POST.get("submission_key"))
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _form_page(request, _renewed(form, key), status=400)
    try:
        proof = proofs.register(by=request.user, **form.registered())
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _form_page(request, _renewed(form, None), status=409)
    return redirect(proof.get_own_url())


def _renewed(form, key):
    if key is None:
        form.data = form.data.copy()
        form.data["submission_key"] = str(uuid.uuid4())
    return form


def _form_page(request, form, status=200):
    context = {"form": form, "landmarks": landmarks.names()}
    return render(request, "workers/proofs/new.html", context, status=status)


@never_cache
@require_safe
@login_required
def mine(request):
    """One's own, newest first."""
    rows = Proof.objects.visible_to(request.user).select_related("grid").order_by("-pk")
    page = page_of(rows, request.GET.get("after", ""), PAGE_SIZE, NEWEST_FIRST)
    context = {
        "proofs": page.rows,
        "following": page.following,
        "may_register": access.can_register(request.user),
        "may_look": access.can_look(request.user),
    }
    return render(request, "workers/proofs/mine.html", context)


@never_cache
@require_safe
def check(request, number):
    """What stands on it and whether the community confirms it: for whoever has the number."""
    typed = code_of(number)
    if not typed.isascii():
        raise Http404
    proof = get_object_or_404(Proof.objects.select_related(*JOINED), number=typed)
    return _private(render(request, "workers/proofs/check.html", {"proof": proof}))


@never_cache
@require_safe
@login_required
def own(request, number):
    """The rider's page: to show, to print, to delete."""
    return _private(
        render(request, "workers/proofs/own.html", {"proof": _own(request, number)} | _qr(number))
    )


def _own(request, number):
    rows = Proof.objects.visible_to(request.user).select_related(*JOINED)
    return get_object_or_404(rows, number=number)


def _qr(number):
    """The drawn code of the check page, and its address."""
    address = f"{settings.SITE_URL}{Proof(number=number).get_absolute_url()}"
    return {"qr": qr_inline(address, scale=4), "address": address}


@require_POST
@login_required
@stands_on("workers:proof-receipt", "number")
def delete(request, number):
    """Take it away for good."""
    proofs.delete(_own(request, number), by=request.user)
    messages.success(request, _("删掉了，这个编号查不到了。"))
    return redirect("workers:proofs-mine")


def _private(response):
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
