"""What staff confirm, or could not find out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from workers.proofs import access, proofs
from workers.proofs.forms import ConfirmForm
from workers.proofs.models import Proof
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.paging import OLDEST_FIRST, page_of

PAGE_SIZE = 20  # each with its form


@never_cache
@require_safe
@login_required
def waiting(request):
    """Those of one's communities that nobody looked at, oldest first."""
    if not access.can_look(request.user):
        raise PermissionDenied
    return _page(request)


def _page(request, refused=None, status=200):
    rows = Proof.objects.managed_by(request.user).waiting().exclude(rider=request.user)
    rows = rows.select_related("grid", "rider").order_by("pk")
    page = page_of(rows, request.GET.get("after", ""), PAGE_SIZE, OLDEST_FIRST)
    own = refused.proof_key if refused else None
    rows = [
        (proof, refused if proof.pk == own else ConfirmForm(prefix=f"p{proof.pk}"))
        for proof in page.rows
    ]
    context = {"rows": rows, "following": page.following}
    return render(request, "workers/proofs/waiting.html", context, status=status)


def _managed(request, number):
    if not access.can_look(request.user):
        raise PermissionDenied
    return get_object_or_404(Proof.objects.managed_by(request.user), number=number)


@require_POST
@login_required
@stands_on("workers:proofs-waiting")
def confirm(request, number):
    """It is so: by the site's time or a witness, and named."""
    proof = _managed(request, number)
    form = ConfirmForm(request.POST, prefix=f"p{proof.pk}")
    form.proof_key = proof.pk
    if not form.is_valid():
        return _page(request, form, status=400)
    data = form.cleaned_data
    return _done(
        request,
        lambda: proofs.confirm(proof, by=request.user, **data),
        _("核实了，本人会收到，查验页马上显示。"),
    )


@require_POST
@login_required
@stands_on("workers:proofs-waiting")
def decline(request, number):
    """It could not be found out."""
    proof = _managed(request, number)
    words = _("记下了，查验页会写「社区没有核实」。")
    return _done(request, lambda: proofs.decline(proof, by=request.user), words)


def _done(request, verb, words):
    try:
        verb()
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, words)
    return redirect("workers:proofs-waiting")
