"""The inbox of a person, and the door for a gateway's status reports."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yuanhang.core.http import safe_next
from yuanhang.core.outbox import settling, sms
from yuanhang.core.outbox.models import Notice
from yuanhang.core.paging import NEWEST_FIRST, page_of

PAGE_SIZE = 30


@login_required
def inbox(request):
    """A person's notices, newest first, by key; what is shown counts as read afterwards."""
    notices = Notice.objects.visible_to(request.user)
    page = page_of(notices, request.GET.get("before", ""), PAGE_SIZE, NEWEST_FIRST)
    context = {"notices": page.rows, "following": page.following}
    return render(request, "core/outbox/inbox.html", context)


@require_POST
@login_required
def open_notice(request, pk):
    """Mark one as read and go where it points."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=timezone.now())
    return redirect(notice.url or "core:inbox")


@require_POST
@login_required
def read_all(request):
    """Mark everything as read."""
    Notice.objects.visible_to(request.user).unread().update(read_at=timezone.now())
    return redirect(safe_next(request, "core:inbox"))


@csrf_exempt
@require_POST
def sms_reports(request):
    """Status reports of the SMS gateway, which knows them by their sign; always the same answer."""
    gateway = sms.gateway()
    if gateway is None:
        raise Http404
    reports = gateway.read_reports(request)
    if reports is None:
        raise PermissionDenied
    settling.take_reports(reports)
    return HttpResponse("ok\n", content_type="text/plain")
