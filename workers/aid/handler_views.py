"""The pages of the handler and the deputy; for everybody else they are not there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from workers.aid import aid
from workers.aid.access import handles_aid
from workers.aid.forms import EndForm, LineForm, ReferForm
from workers.aid.models import AidRequest
from workers.aid.sealing import CannotOpenError
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.models import User
from yuanhang.core.paging import NEWEST_FIRST, page_of

PAGE_SIZE = 30


@require_safe
@login_required
@never_cache
def handled(request):
    """What this person reads, by number, stage and day."""
    rows = AidRequest.objects.handled_by(request.user)
    page = page_of(rows, request.GET.get("before", ""), PAGE_SIZE, NEWEST_FIRST)
    if not page.rows and not handles_aid(request.user):
        raise Http404
    context = {"rows": page.rows, "following": page.following}
    return render(request, "workers/aid/handled.html", context)


def _mine(request, number):
    rows = AidRequest.objects.handled_by(request.user)
    return get_object_or_404(rows.select_related("community", "referred_to"), number=number)


@require_safe
@login_required
@never_cache
def handle(request, number):
    """One request, opened; that it was looked at is in the trail."""
    row = _mine(request, number)
    audit.record("workers.viewed_aid", row, by=request.user, role="handler")
    return _page(request, row)


@sensitive_variables()
def _page(request, row, bound=None, error="", status=200):
    forms = {
        "answer": LineForm(auto_id="answer-%s"),
        "refer": ReferForm(community=row.community, auto_id="refer-%s"),
        "end": EndForm(auto_id="end-%s"),
    } | (bound or {})
    context = {"row": row, "forms": forms, "error": error, "facts": None, "notes": []}
    context["opened"] = next(iter(bound or {}), "")
    try:
        facts = aid.read(row)
        context |= {"facts": facts, "notes": aid.notes_of(row)}
        context["asker"] = User.objects.filter(pk=facts["asker"], is_active=True).first()
        aid.mark_read(row, by_handler=True)
    except CannotOpenError as refused:
        context["error"] = refused.message
    return render(request, "workers/aid/handle.html", context, status=status)


@sensitive_post_parameters()
@sensitive_variables()
@require_POST
@login_required
@never_cache
@stands_on("aid:handle", "number")
def act(request, number, what):
    """A line, a partner to be asked about, or the end."""
    row = _mine(request, number)
    forms = {"answer": LineForm, "refer": ReferForm, "end": EndForm}
    extra = {"community": row.community} if what == "refer" else {}
    form = forms[what](request.POST, auto_id=f"{what}-%s", **extra)
    if not form.is_valid():
        return _page(request, row, {what: form}, status=400)
    verbs = {"answer": aid.answer, "refer": aid.propose_referral, "end": aid.end}
    try:
        verbs[what](row, by=request.user, **form.cleaned_data)
    except NotAllowedNowError as refused:
        row.refresh_from_db()
        return _page(request, row, {what: form}, refused.message, 409)
    messages.success(request, _("好了。"))
    return redirect("aid:handle", number)
