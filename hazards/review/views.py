"""The queue: list and, on a wide screen, the case beside it."""

import hashlib

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from hazards.case_page.presenter import FULL, case_context
from hazards.cases.access import can_review_queue, waiting_for
from hazards.cases.models.hazards import Hazard
from hazards.review.forms import QueueForm
from stations.postings.access import places_in_words
from yuanhang.core.http import decode_cursor, encode_cursor, page_or_fragment

PAGE_SIZE = 50


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
    """Fifty rows after the cursor, and the cursor for the next fifty (empty at the end)."""
    hazards = hazards.select_related("category", "grid").prefetch_related("photos", "voices")
    if newest_first:
        key = decode_cursor(cursor, 1)
        if key and isinstance(key[0], int):
            hazards = hazards.filter(id__lt=key[0])
        rows = list(hazards.order_by("-id")[: PAGE_SIZE + 1])
        last = [rows[PAGE_SIZE - 1].pk] if len(rows) > PAGE_SIZE else None
    else:
        hazards = _after(hazards, decode_cursor(cursor, 3))
        rows = list(hazards.order_by("urgency", "waiting_since", "id")[: PAGE_SIZE + 1])
        last = None
        if len(rows) > PAGE_SIZE:
            row = rows[PAGE_SIZE - 1]
            last = [row.urgency, row.waiting_since.isoformat(), row.pk]
    return rows[:PAGE_SIZE], encode_cursor(last) if last else ""


def _after(hazards, key):
    """The rows behind (urgency, waiting_since, id); a key that is none of ours is ignored."""
    try:
        urgency, since, pk = int(key[0]), parse_datetime(key[1]), int(key[2])
    except (TypeError, ValueError, IndexError, OverflowError):
        return hazards
    if since is None or since.tzinfo is None:
        return hazards
    later = Q(waiting_since__gt=since) | Q(waiting_since=since, id__gt=pk)
    return hazards.filter(Q(urgency__gte=urgency), Q(urgency__gt=urgency) | later)


def _stamp(rows):
    """A short name for what the list shows, so that a poll can answer "nothing new"."""
    text = ",".join(f"{row.pk}:{row.state}:{row.urgency}" for row in rows)
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
