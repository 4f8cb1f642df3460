"""The page of what was fixed in a month, for everybody."""

from datetime import timedelta

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hazards.fixed_wall.forms import MonthForm
from hazards.published import public
from yuanhang.core.paging import Column, is_first_page, page_of, read_moment, read_number

PAGE_SIZE = 30
WALL_MAX = 12  # pairs that a month begins with; more of them stand in the list
LATEST_CLOSED_FIRST = (
    Column("closed_at", read_moment, is_descending=True),
    Column("pk", read_number, is_descending=True),
)


@require_safe
def fixed(request):
    """What was put right in a month: place by street, pictures where published, no person."""
    month = MonthForm(request.GET)
    cases = public.fixed_cases(*month.span)
    after = request.GET.get("after", "")
    wall = _wall(cases)
    rest = cases.exclude(pk__in=[case["pk"] for case in wall])
    page = page_of(rest, after, PAGE_SIZE, LATEST_CLOSED_FIRST)
    shown = wall if is_first_page(after, LATEST_CLOSED_FIRST) else []
    others = public.public_facts(page.rows)
    context = {
        "wall": shown,
        "others": others,
        "cases": shown + others,
        "figures": public.fixed_figures(*month.span),
        "month": month.first,
        "unrepaired": public.unrepaired_count(*month.span),
        "previous": month.first - timedelta(days=1),
        "next": month.following if month.following <= MonthForm({}).first else None,
        "following": page.following,
    }
    return render(request, "hazards/fixed_wall/fixed_wall.html", context)


def _wall(cases):
    """The latest pairs of before and after, on every page the same, so that none stands twice."""
    latest = public.wall_of(cases).order_by("-closed_at", "-pk")[:WALL_MAX]
    return [case for case in public.public_facts(latest) if case["is_pair"]]
