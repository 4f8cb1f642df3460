"""Two lists: what is open, for whoever looks after it; and what neighbours may go to."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from workers.access import worker_of
from workers.help import access
from workers.help.models import HelpRequest, HelpTake
from workers.models import Consent
from yuanhang.core.paging import NEWEST_FIRST, page_of

PAGE_SIZE = 30  # rows; more at once is a day on which nobody reads a list


@never_cache
@require_safe
@login_required
def open_list(request):
    """What nobody ended yet, of the places whose posts this person holds; newest first."""
    if not access.can_keep_help(request.user):
        raise PermissionDenied
    going = HelpTake.objects.live().filter(request=OuterRef("pk"))
    rows = HelpRequest.objects.kept_by(request.user).unended().order_by("-pk")
    rows = rows.annotate(is_on_way=Exists(going))
    page = page_of(_joined(rows), request.GET.get("after", ""), PAGE_SIZE, NEWEST_FIRST)
    context = {"calls": page.rows, "following": page.following}
    return render(request, "workers/help/open.html", context)


@never_cache
@require_safe
@login_required
def near(request):
    """Kind and grid of what neighbours may go to; and what one is on the way to."""
    worker = worker_of(request.user)
    rows = HelpRequest.objects.offered_to(request.user).order_by("-pk")
    page = page_of(_joined(rows), request.GET.get("after", ""), PAGE_SIZE, NEWEST_FIRST)
    own = HelpTake.objects.live().filter(helper=request.user, as_keeper=False)
    is_willing = worker is not None and worker.consents.in_force().filter(
        purpose=Consent.Purpose.HELP_TIMES
    )
    context = {
        "calls": page.rows,
        "following": page.following,
        "own": own.select_related("request__grid").first(),
        "is_confirmed": worker is not None and worker.is_confirmed,
        "is_willing": bool(is_willing and is_willing.exists()),
    }
    return render(request, "workers/help/near.html", context)


def _joined(rows):
    return rows.select_related("grid", "station")
