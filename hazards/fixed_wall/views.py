"""What everybody sees of closed cases, and the page where a reviewer covers and publishes."""

from datetime import timedelta

from django.db.models import Q
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from hazards.fixed_wall.forms import MonthForm
from hazards.published import public
from hazards.sightings.views import with_sightings
from yuanhang.core.http import decode_cursor, encode_cursor

PAGE_SIZE = 30


@require_safe
def fixed(request):
    """What was put right in a month: place by street, pictures where published, no person."""
    month = MonthForm(request.GET)
    found = _after(public.fixed_cases(*month.span), request.GET.get("after", ""))
    rows = list(found[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    context = {
        "cases": with_sightings(request.user, rows[:PAGE_SIZE]),
        "back": request.get_full_path(),
        "month": month.first,
        "previous": month.first - timedelta(days=1),
        "next": month.following if month.following <= MonthForm({}).first else None,
        "following": encode_cursor([last.closed_at.isoformat(), last.pk]) if last else "",
    }
    return render(request, "hazards/fixed_wall/fixed_wall.html", context)


def _after(hazards, cursor):
    """The cases behind (closed_at, id); a key that is none of ours is ignored."""
    key = decode_cursor(cursor, 2)
    try:
        moment, pk = parse_datetime(key[0]), int(key[1])
    except (TypeError, ValueError, OverflowError):
        return hazards
    if moment is None or moment.tzinfo is None or not 0 <= pk < 2**63:
        return hazards
    return hazards.filter(closed_at__lte=moment).filter(
        Q(closed_at__lt=moment) | Q(closed_at=moment, id__lt=pk)
    )
