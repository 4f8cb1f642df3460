"""The queue: list and, on a wide screen, the case beside it."""

import hashlib

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from hazards.case_page.presenter import FULL, case_context
from hazards.cases.access import can_review_queue, waiting_for
from hazards.cases.models.hazards import Hazard
from hazards.review.forms import QueueForm
from stations.postings.access import places_in_words
from yuanhang.core.http import page_or_fragment
from yuanhang.core.paging import NEWEST_FIRST, Column, page_of, read_moment, read_number

PAGE_SIZE = 50
MOST_URGENT_FIRST = (
    Column("urgency", read_number),
    Column("waiting_since", read_moment),
    Column("pk", read_number),
)


@require_safe
@login_required
def queue(request):
    """What waits for this person, most urgent and longest waiting first, fifty at a time."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    form = QueueForm(request.GET, user=request.user)
    hazards = form.narrow(Hazard.objects.in_charge_of(request.user))
    page, following = _page(hazards, form.newest_first, request.GET.get("after", ""))
    stamp = _stamp(page)
    if request.htmx and request.GET.get("seen") == stamp:
        return HttpResponse(status=204)
    context = {
        "form": form,
        "hazards": page,
        "following": following,
        "stamp": stamp,
        "parameters": _parameters(request),
        "is_first_page": not request.GET.get("after"),
        "todo_count": _todo_count(request.user),
    }
    if not request.htmx:
        context |= _chosen_case(request) | {"places": places_in_words(request.user)}
    return page_or_fragment(
        request, "hazards/review/queue.html", "hazards/review/_queue_list.html", context
    )


def _page(hazards, newest_first, cursor):
    """Fifty rows behind the cursor, and the cursor for the next fifty."""
    hazards = hazards.with_holders().select_related("taken_by")
    hazards = hazards.prefetch_related("photos", "voices")
    columns = NEWEST_FIRST if newest_first else MOST_URGENT_FIRST
    return page_of(hazards, cursor, PAGE_SIZE, columns)


def _stamp(rows):
    """A short name for what the list shows, so that a poll can answer "nothing new"."""
    text = ",".join(f"{row.pk}:{row.state}:{row.urgency}:{row.is_taken}" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parameters(request):
    """The filters as a query string, without paging and polling."""
    kept = request.GET.copy()
    for name in ("after", "seen", "case"):
        kept.pop(name, None)
    return kept.urlencode()


def _todo_count(user):
    """How many wait, counted to 99 at most."""
    waiting = Hazard.objects.in_charge_of(user).filter(waiting_for(user))
    # In any order: sorting would read them all.
    return waiting.order_by()[:100].count()


def _chosen_case(request):
    number = request.GET.get("case", "")
    # The database takes no NUL, and nobody's number has one.
    known = number and number.isprintable()
    hazard = FULL.visible_to(request.user).filter(number=number).first() if known else None
    return case_context(request, hazard) if hazard else {}
