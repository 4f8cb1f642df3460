"""The queue: the list, and beside it the case that was asked for.

Without one the page is the list alone, since a phone shows no more; on a wide screen a script opens
the first case (`static/js/queue.js`).
"""

import hashlib

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from hazards.case_page.presenter import FULL, case_context
from hazards.case_page.row_queries import cases_by_key
from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.review import beside, line, search, tabs
from hazards.review.forms import FindForm, QueueForm
from stations.postings.access import places_in_words
from yuanhang.core.http import page_or_fragment, stands_on
from yuanhang.core.paging import page_of

PAGE_SIZE = 50
LONGEST = 200  # characters of a search; more would not fit the address it leads to


@require_safe
@login_required
def queue(request):
    """What waits for this person, most urgent and longest waiting first, fifty at a time."""
    # First: the same query says what this person may see.
    places = places_in_words(request.user)
    if not can_review_queue(request.user):
        raise PermissionDenied
    shows_filters = bool(request.GET.get("filters"))
    form = QueueForm(
        request.GET,
        user=request.user,
        phone=search.remembered(request),
        shows_choices=shows_filters,
    )
    hazards = form.narrow(Hazard.objects.in_charge_of(request.user))
    after, columns = request.GET.get("after", ""), beside.columns_of(form)
    page = page_of(hazards, after, PAGE_SIZE, columns, read=cases_by_key)
    counts = tabs.counts(request.user)
    stamp = _stamp(page.rows, counts)
    if request.htmx and request.GET.get("seen") == stamp:
        return HttpResponse(status=204)
    context = {
        "form": form,
        "find_form": FindForm(),
        "hazards": page.rows,
        "following": page.following,
        "stamp": stamp,
        "parameters": beside.parameters_of(request),
        "is_first_page": not request.GET.get("after"),
        "tabs": [(tab, label, counts.get(tab, "")) for tab, label in tabs.TABS],
        "waiting": counts.get(tabs.TODO, ""),
        "places": places,
        "selects": bool(request.GET.get("select")),
        "shows_filters": shows_filters,
        "opens_first": _opens_first(request, page),
    }
    if not request.htmx:
        context |= _chosen_case(request, form, hazards, page)
    if context["is_first_page"]:
        context |= beside.first_of(page.rows, context)
    return page_or_fragment(
        request, "hazards/review/queue.html", "hazards/review/_queue_list.html", context
    )


def _stamp(rows, counts):
    """A short name for what the list shows, so that a poll can answer "nothing new"."""
    text = ",".join(
        f"{row.pk}:{row.state}:{row.urgency}:{row.is_taken}:{row.heard}" for row in rows
    )
    text += repr(sorted(counts.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _opens_first(request, page):
    """Whether the first case is to be opened on arrival, so that work can begin."""
    # Whoever is setting the filters looks at those.
    return bool(page.rows) and not (request.GET.get("case") or request.GET.get("filters"))


def _chosen_case(request, form, hazards, page):
    """The case that was asked for, beside the list."""
    number = request.GET.get("case", "")
    if not number:
        return {}
    known = {row.number: row for row in page.rows}
    if number in known:
        hazard = known[number]
    else:
        # The database takes no NUL, and nobody's number has one.
        cases = FULL.visible_to(request.user)
        hazard = cases.filter(number=number).first() if number.isprintable() else None
    if hazard is None:
        return {}
    if request.GET.get("after"):
        numbers, is_cut = line.numbers_of(hazards, beside.order_of(form)), False
    else:
        numbers, is_cut = list(known), bool(page.following)
    place = line.place_of(hazard.number, numbers, is_cut=is_cut)
    return case_context(request, hazard) | beside.context_of(request, hazard, place)


@require_POST
@login_required
@stands_on("hazards:queue")
def find(request):
    """The search in the queue's head: words by an address, a telephone number by the session."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    asks = FindForm(request.POST)
    text = asks.cleaned_data["find"][:LONGEST] if asks.is_valid() else ""
    phone = search.asked_phone(text)
    if phone:
        search.remember(request, phone)
        asked = {"tab": tabs.ALL, "by_phone": "1"}
    else:
        asked = {"tab": tabs.ALL, "q": text} if text else {}
    address = reverse("hazards:queue")
    return redirect(f"{address}?{urlencode(asked)}" if asked else address)
