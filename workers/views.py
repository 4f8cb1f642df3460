"""Pages about oneself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stations.postings.models import Posting
from workers import workers
from workers.access import worker_of
from workers.forms import MeForm
from workers.models import PrivacyNotice
from yuanhang.core import versions
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


@require_safe
@login_required
def welcome(request):
    """After registration: what is possible at once."""
    return render(request, "workers/worker_welcome.html", {"worker": worker_of(request.user)})


@require_http_methods(["GET", "POST"])
@login_required
def me(request):
    """See and correct what is stored; people without a registration see their account."""
    if request.method == "GET":
        return _me(request)
    with transaction.atomic():
        versions.hold(User, [request.user.pk])
        return _me(request)


def _me(request):
    worker = worker_of(request.user)
    form = MeForm(request.POST or None, worker=worker) if worker else None
    status = 200
    if request.method == "POST" and form:
        if form.is_valid():
            name = form.cleaned_data["display_name"]
            workers.correct(worker, by=request.user, display_name=name, **form.facts())
            messages.success(request, _("改好了。"))
            return redirect("workers:me")
        status = 409 if form.is_outdated else 400
    postings = Posting.objects.current().filter(user=request.user)
    context = {
        "worker": worker,
        "form": form,
        "consents": worker.consents.select_related("notice").order_by("-pk") if worker else [],
        "postings": postings.select_related("grid", "station", "community", "subdistrict"),
    }
    return render(request, "workers/worker_me.html", context, status=status)


@require_POST
@login_required
def withdraw(request):
    """Take an optional consent back."""
    worker = worker_of(request.user)
    if worker is None:
        raise Http404
    try:
        workers.withdraw_consent(worker, request.POST.get("purpose", ""), by=request.user)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("撤回了，这一项已经删掉。"))
    return redirect("workers:me")


@require_safe
def privacy(request):
    """The notice in force, or an older one by its version."""
    published = PrivacyNotice.objects.filter(published_at__lte=timezone.now())
    version = request.GET.get("version")
    # Compared here and not by the database, which refuses to look for a NUL byte.
    notice = next((row for row in published if not version or row.version == version), None)
    if notice is None:
        raise Http404
    return render(request, "workers/privacy.html", {"notice": notice, "versions": published})
