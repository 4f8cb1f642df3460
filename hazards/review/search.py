"""Search in the queue's head: words and numbers lead to an address, a telephone number does not."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Right

from hazards.cases.case_numbers import spelled_number
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.indexes import NUMBER_END
from yuanhang.core import phone_search
from yuanhang.core.models import User

OF = "hazards.hazard"


def asked_phone(text: str) -> str:
    """The digits that a search is for, or nothing where it is for words or a case's number."""
    return "" if spelled_number(text) else phone_search.phone_part(text)


def remember(request: Any, phone: str) -> int:
    """Keep the digits for the list that answers, and note the search; how many cases came."""
    phone_search.remember(request, OF, phone)
    rows = by_phone(Hazard.objects.in_charge_of(request.user), phone).count()
    phone_search.note("hazards.searched", by=request.user, role="staff", rows=rows)
    return rows


def remembered(request: Any) -> str:
    """What was searched for last in this session, or nothing."""
    return phone_search.remembered(request, OF)


def by_phone(hazards: QuerySet[Hazard], phone: str) -> QuerySet[Hazard]:
    """Cases whose reporter's number has these digits; four of them may end a case's number too.

    Each of the three has its own index; people are asked for first, since a question within an
    "or" is answered for each row.
    """
    people = User.objects.filter(phone__holds_digits=phone).values_list("pk", flat=True)
    found = Q(contact_phone__holds_digits=phone) | Q(reporter__in=list(people))
    if len(phone) == NUMBER_END:
        hazards = hazards.alias(number_end=Right("number", NUMBER_END))
        found |= Q(number_end=phone)
    return hazards.filter(found)
