"""The page of a session's list: before it who comes, after it who came."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from volunteers.activities.access import can_take_roster
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record import attendance
from volunteers.record.models.service_records import Attendance
from volunteers.record.roster_forms import RosterForm
from yuanhang.core import versions
from yuanhang.core.errors import NotAllowedNowError


@require_http_methods(["GET", "POST"])
@login_required
def roster(request, pk):
    """Exceptions by one tap each, everything saved by one button; no phone numbers on it."""
    visible = Q(activity__in=Activity.objects.visible_to(request.user)) | Q(leader=request.user)
    sessions = ActivitySession.objects.filter(visible)
    sessions = sessions.select_related("activity__community", "activity__course")
    session = get_object_or_404(sessions, pk=pk)
    if not can_take_roster(request.user, session):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, session, RosterForm(session=session))
    with transaction.atomic():
        # One after the other: the second is compared with what the first one has stored.
        versions.hold(ActivitySession, [session.pk])
        return _answer(request, session, RosterForm(request.POST, session=session))


def _answer(request, session, form):
    if not form.is_valid():
        return _page(request, session, form, status=400)
    try:
        _save(request, session, form)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _page(request, session, form, status=409)
    return redirect(session.get_roster_url())


def _save(request, session, form):
    answers = {"by": request.user, "marks": form.marks(), "extras": form.extras()}
    # Which of the two it is, the page says: a list confirmed meanwhile is not corrected unseen.
    if "correct" not in request.POST:
        attendance.settle_session(session, **answers)
        messages.success(request, _("记好了，时长已经记到各人名下。"))
        return
    reason = form.cleaned_data["reason"]
    if attendance.correct_attendance(session, reason=reason, **answers):
        messages.success(request, _("改好了，谁改的、为什么都留着。"))
    else:
        messages.info(request, _("没有改动。"))


def _page(request, session, form, status=200):
    context = {
        "session": session,
        "activity": session.activity,
        "form": form,
        "kinds": Attendance.Kind.choices,
        "history": [line for line in form.lines if line.history],
    }
    return render(request, "volunteers/record/roster.html", context, status=status)
