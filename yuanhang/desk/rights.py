"""权益页: whom to ask, work on offer, and what the community does for riders, from three rooms."""

from django.contrib.auth.models import AnonymousUser
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from stations.pages.load_pages import RIGHTS
from stations.pages.models import Page
from stations.pages.presenter import view_of
from volunteers.activities.models.sessions import ActivitySession
from workers.rights.models import JobOffer
from yuanhang.core.paging import Column, page_of, read_moment, read_number

JOBS_SIZE = 10  # a page
CARE_SHOWN = 3
SOONEST_END_FIRST = (Column("ends_at", read_moment), Column("pk", read_number))


@require_safe
def rights(request):
    """The page; the same for everybody, printable."""
    view = view_of(get_object_or_404(Page, slug=RIGHTS))
    offers = JobOffer.objects.current().select_related("organisation")
    page = page_of(offers, request.GET.get("after", ""), JOBS_SIZE, SOONEST_END_FIRST)
    # Nothing that only members see: this page is printed and hangs on a wall.
    coming = ActivitySession.objects.listed_for(AnonymousUser()).filter(activity__kind="care")
    context = {
        "view": view,
        "offers": page.rows,
        "following": page.following,
        "coming": coming.exclude(activity__state="cancelled")[:CARE_SHOWN],
    }
    return render(request, "desk/rights.html", context)
