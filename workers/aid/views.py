"""The asker's own pages. Nothing of what is posted may lie in an error page or a log."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workers.access import worker_of
from workers.aid import aid, sealing
from workers.aid.access import can_ask_aid, desk_of
from workers.aid.forms import AidForm, LineForm
from workers.aid.models import AidRequest
from workers.aid.sealing import CannotOpenError
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on

SHOWN_MAX = 20


@require_safe
@login_required
@never_cache
def requests(request):
    """One's own requests by number, and the way to a new one."""
    rows = AidRequest.objects.asked_by(request.user)[:SHOWN_MAX]
    desk = desk_of(worker_of(request.user))
    is_on = sealing.is_on() and desk is not None
    return render(request, "workers/aid/requests.html", {"rows": rows, "is_on": is_on})


@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def ask(request):
    """The form; what is sent is sealed and goes to one person."""
    if not can_ask_aid(request.user):
        raise PermissionDenied
    worker = worker_of(request.user)
    form, status = AidForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = aid.ask(
                    worker, text=form.cleaned_data["text"], reach=form.cleaned_data["reach"]
                )
                return redirect("aid:request", made.number)
            except NotAllowedNowError as refused:
                form.add_error(None, refused.message)
                status = 409
    desk = desk_of(worker)
    context = {
        "form": form,
        "desk": desk if sealing.is_on() else None,
        "community": worker.community,
    }
    return render(request, "workers/aid/ask.html", context, status=status)


def _own(request, number):
    return get_object_or_404(
        AidRequest.objects.asked_by(request.user).select_related("handler", "referred_to"),
        number=number,
    )


@require_safe
@login_required
@never_cache
def one(request, number):
    """What was asked and answered, for whoever asked."""
    return _page(request, _own(request, number))


@sensitive_variables()
def _page(request, row, form=None, error="", status=200):
    context = {"row": row, "form": form or LineForm(), "error": error, "facts": None, "notes": []}
    try:
        context |= {"facts": aid.read(row), "notes": aid.notes_of(row)}
        aid.mark_read(row, by_handler=False)
    except CannotOpenError as refused:
        context["error"] = refused.message
    return render(request, "workers/aid/one.html", context, status=status)


@sensitive_post_parameters()
@sensitive_variables()
@require_POST
@login_required
@never_cache
@stands_on("aid:request", "number")
def add(request, number):
    """Another line of the asker's."""
    row, form = _own(request, number), LineForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=400)
    try:
        aid.add(row, text=form.cleaned_data["text"])
    except NotAllowedNowError as refused:
        return _page(request, row, form, refused.message, 409)
    return redirect("aid:request", number)


@require_POST
@login_required
@stands_on("aid:request", "number")
def decide(request, number, what):
    """Yes or no to a partner, or everything taken back."""
    row = _own(request, number)
    try:
        if what == "withdraw":
            aid.withdraw(row)
            return redirect("aid:requests")
        if what == "agree":
            aid.agree_to_referral(row)
        else:
            aid.decline_referral(row)
    except NotAllowedNowError as refused:
        return _page(request, _own(request, number), error=refused.message, status=409)
    # No message on the next page: it would lie in the session, and say there that they asked.
    return redirect("aid:request", number)
