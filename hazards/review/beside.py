"""A case in the queue: its line, the bar under it, and the moves made from there."""

from functools import lru_cache

from django.db.models import BigIntegerField, QuerySet
from django.http import QueryDict
from django.urls import reverse

from hazards.cases.models.attachments import HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.standards import offered_standards, unit_of
from hazards.deadlines import deadlines
from hazards.review import line, search
from hazards.review.forms import QueueForm
from yuanhang.core import geo
from yuanhang.core.paging import NEWEST_FIRST, Column, read_moment, read_number
from yuanhang.core.prepared import marked, prepared

MOST_URGENT_FIRST = (
    Column("urgency", read_number),
    Column("waiting_since", read_moment),
    Column("pk", read_number),
)
# What an address of the queue has beside its filters.
NOT_FILTERS = ("after", "seen", "case", "then", "select", "filters")


def columns_of(form):
    """How the list of a form's filters is sorted."""
    return NEWEST_FIRST if form.newest_first else MOST_URGENT_FIRST


def order_of(form):
    """The same for `order_by`."""
    return tuple(column.order for column in columns_of(form))


def parameters_of(request):
    """The filters as a query string, without paging and polling."""
    kept = request.GET.copy()
    for name in NOT_FILTERS:
        kept.pop(name, None)
    return kept.urlencode()


def line_of(request):
    """The numbers of the line that an address of the queue stands for; two queries."""
    form = QueueForm(request.GET, user=request.user, phone=search.remembered(request))
    hazards = form.narrow(Hazard.objects.in_charge_of(request.user))
    return line.numbers_of(hazards, order_of(form))


def context_of(request, hazard, place):
    """What the bar under a case needs: its place, where the next one is, where its moves go."""
    filters = parameters_of(request)
    own = QueryDict(filters, mutable=True)
    if place.following:
        own["then"] = place.following
    return {
        "place": place,
        "next_url": f"{address_of(place.following)}{_query(filters)}" if place.following else "",
        "queue_url": f"{reverse('hazards:queue')}{_query(filters)}",
        "acts": address_of(hazard.number),
        "within": _query(own.urlencode()),
    }


@lru_cache(1000)
def address_of(number):
    """The page of a case in the queue."""
    return reverse("hazards:queue-case", args=[number])


def _query(parameters):
    return f"?{parameters}" if parameters else ""


def _way_to(hazard):
    """The address that opens the place in a vendor's map; nothing where nobody knows the point."""
    if not hazard.has_point:
        return ""
    links = geo.navigation_links(
        hazard.latitude, hazard.longitude, str(hazard.category), hazard.where
    )
    return links[0][1]


@prepared
def _notes() -> QuerySet[HazardVoice]:
    case = Hazard(pk=marked("case", "bigint", BigIntegerField()))
    return HazardVoice.objects.shown_with(case, staff=True).order_by("id")


def _facts_of(hazard):
    """The notes and the unit of a row whose own context is not at hand."""
    is_open_question = deadlines.has_make_safe(hazard) and not (
        hazard.standard_case_id or hazard.organisation_id
    )
    offered = offered_standards(hazard) if is_open_question else ()
    return {"voices": _notes(case=hazard.pk), "unit": unit_of(hazard, offered)}


def first_of(rows, context):
    """What the first row shows more than the others where the list is all there is: on phones.

    `context` is that of the list and, where one was asked for, of the case beside it.
    """
    if not rows:
        return {}
    hazard, known = rows[0], context
    if known.get("hazard") != hazard:
        known = _facts_of(hazard)
    urls = [f"{address_of(row.number)}{_query(context['parameters'])}" for row in rows[:2]]
    return {
        "first": hazard,
        "first_voices": known["voices"],
        "first_unit": known["unit"],
        "first_way": _way_to(hazard),
        "first_url": urls[0],
        "first_next_url": urls[1] if urls[1:] else "",
    }
