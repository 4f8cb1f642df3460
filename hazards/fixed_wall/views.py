"""The page of what was fixed in a month, for everybody."""

from datetime import timedelta

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hazards.fixed_wall.forms import MonthForm
from hazards.published import public
from hazards.sightings.views import with_sightings
from yuanhang.core.paging import Column, page_of, read_moment, read_number

PAGE_SIZE = 30
LATEST_CLOSED_FIRST = (
    Column("closed_at", read_moment, is_descending=True),
    Column("pk", read_number, is_descending=True),
)


@require_safe
def fixed(request):
    """What was put right in a month: place by street, pictures where published, no person."""
    month = MonthForm(request.GET)
    cases = public.fixed_cases(*month.span)
    page = page_of(cases, request.GET.get("after", ""), PAGE_SIZE, LATEST_CLOSED_FIRST)
    context = {
        "cases": with_sightings(request.user, page.rows),
        "back": request.get_full_path(),
        "month": month.first,
        "unrepaired": public.unrepaired_count(*month.span),
        "previous": month.first - timedelta(days=1),
        "next": month.following if month.following <= MonthForm({}).first else None,
        "following": page.following,
    }
    return render(request, "hazards/fixed_wall/fixed_wall.html", context)
