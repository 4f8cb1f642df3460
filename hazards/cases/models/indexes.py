"""The indexes of the table of cases, each with the question that it answers."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right

from hazards.cases.states import OPEN_STATES
from yuanhang.core.infix import DIGITS, infix_index

NUMBER_END = 4  # digits by which people name a case, as the end of its number

INDEXES = [
    # The queue: open cases of one scope, most urgent and longest waiting first.
    *(
        models.Index(
            fields=[scope, "urgency", "waiting_since", "id"],
            name=f"hazard_open_{scope}",
            condition=Q(state__in=[state.value for state in OPEN_STATES]),
        )
        for scope in ("grid", "community", "subdistrict")
    ),
    # What is late or nearly so: the condition follows from a bound on the deadline.
    *(
        models.Index(
            fields=[scope, "urgency", "waiting_since", "id"],
            name=f"hazard_due_{scope}",
            condition=Q(next_due_at__isnull=False),
        )
        for scope in ("grid", "community", "subdistrict")
    ),
    # Repairs to be checked: few among many.
    *(
        models.Index(
            fields=[scope, "urgency", "waiting_since", "id"],
            name=f"hazard_verify_{scope}",
            condition=Q(state="fixed"),
        )
        for scope in ("grid", "community", "subdistrict")
    ),
    # What waits for the centre.
    models.Index(
        fields=["subdistrict", "urgency", "waiting_since", "id"],
        name="hazard_centre",
        condition=Q(state__in=["escalated", "dispatched", "suspended"]),
    ),
    # One state of a scope, newest first; nearly all are closed, and need no index for it.
    *(
        models.Index(
            fields=[scope, "state", "-id"],
            name=f"hazard_state_{scope}",
            condition=~Q(state="closed"),
        )
        for scope in ("grid", "community", "subdistrict")
    ),
    # The numbers on the map: open cases of each grid, and where they are.
    *(
        models.Index(
            fields=list(fields),
            include=["latitude", "longitude"],
            name=f"hazard_map_{fields[0]}",
            condition=Q(state__in=[state.value for state in OPEN_STATES]),
        )
        for fields in (("community", "grid"), ("subdistrict", "grid"))
    ),
    # Everything of one scope, newest first.
    *(
        models.Index(fields=[scope, "-id"], name=f"hazard_all_{scope}")
        for scope in ("grid", "community", "subdistrict")
    ),
    models.Index(fields=["reporter", "-id"], name="hazard_reporter"),
    GinIndex(fields=["search"], name="hazard_search"),
    models.Index(Right("number", NUMBER_END), name="hazard_number_tail"),
    infix_index("contact_phone", "hazard_contact_part", DIGITS),
    # A day or a week of a large scope, which by scope alone is found only by reading it.
    models.Index(fields=["submitted_at"], name="hazard_submitted"),
    # Likely duplicates: one kind, one small box, still open.
    models.Index(
        fields=["category", "latitude", "longitude"],
        name="hazard_category_place",
        condition=Q(state__in=[state.value for state in OPEN_STATES]),
    ),
    # What the watch looks for: running deadlines by due time.
    models.Index(
        fields=["next_due_at"], name="hazard_next_due", condition=Q(next_due_at__isnull=False)
    ),
    # Who remembers only the end of the number is found by the code.
    models.Index(fields=["lookup_code"], name="hazard_lookup_code"),
    # What waits for an answer of its reporter, by the time of the question.
    models.Index(
        fields=["waiting_since"],
        name="hazard_question",
        condition=Q(state="needs_info"),
    ),
    # What waits for a day.
    models.Index(
        fields=["suspended_until"],
        name="hazard_suspended",
        condition=Q(state="suspended"),
    ),
    # What was put right in a month, for everybody.
    models.Index(fields=["-closed_at", "-id"], name="hazard_closed", condition=Q(state="closed")),
    models.Index(fields=["closed_at"], name="hazard_unrepaired", condition=Q(state="unrepaired")),
]
