"""What the map of cases shows: the open ones, for those in charge of them."""

from django.db.models import Count, Q

from hazards.case_page.row_queries import marks_by_key
from hazards.cases.states import SIGNS
from hazards.cases.words import is_pressing, promise, row_fact, snippet
from hazards.catalogue.models import Urgency

# What a phone draws without stuttering; the others are told as numbers per grid.
CASES_MAX = 200


def cases(hazards, box):
    """The most pressing open cases of a box out of a scoped queryset, and numbers for the rest.

    `box` is (south, west, north, east). `counts` tells per grid how many are open at all and how
    many of them lie in the box; `placeless` counts those that have no point to draw.
    """
    hazards = hazards.open()
    found = hazards.within(*box).order_by("urgency", "waiting_since", "id")
    keys = list(found.values_list("pk", flat=True)[: CASES_MAX + 1])
    shown = marks_by_key(keys[:CASES_MAX])
    counts, signs = list(_counts(hazards, box)), _signs()
    return {
        "cases": [_case(shown[key]) | _sign(shown[key], signs) for key in keys if key in shown],
        "is_cut": len(keys) > CASES_MAX,
        "counts": [{name: row[name] for name in ("grid", "open", "here")} for row in counts],
        "placeless": sum(row["open"] - row["placed"] for row in counts),
    }


def _counts(hazards, box):
    south, west, north, east = box
    here = Q(latitude__range=(south, north), longitude__range=(west, east))
    rows = hazards.values("grid").annotate(
        open=Count("*"), placed=Count("latitude"), here=Count("latitude", filter=here)
    )
    return rows.order_by("grid")


def _case(hazard):
    url = hazard.get_absolute_url()
    return {
        "number": hazard.number,
        "url": url,
        "latitude": hazard.latitude,
        "longitude": hazard.longitude,
        "grid": hazard.grid_id,
        "category": str(hazard.category),
        "seal": hazard.category.seal,
        "where": hazard.where,
        "snippet": " · ".join(filter(None, (snippet(hazard), promise(hazard)))),
        "thumb": f"{url}photos/{hazard.first_photo_key}/thumb/" if hazard.first_photo_key else "",
        "urgent": hazard.urgency == Urgency.URGENT,
        "pressing": is_pressing(hazard),
        "waited": row_fact(hazard),
    }


def _sign(hazard, signs):
    """The sign of the state; a missed deadline shows before it."""
    sign = signs[hazard.state]
    if hazard.is_overdue:
        return sign | {"shape": "▲", "tone": "red"}
    return sign


def _signs():
    """Shape, colour and word by state; made once an answer, as the words are looked up."""
    return {
        state.value: {"shape": sign.shape, "tone": sign.tone, "state": str(state.label)}
        for state, sign in SIGNS.items()
    }
