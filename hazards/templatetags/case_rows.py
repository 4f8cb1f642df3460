"""Rows of lists of those in charge."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from hazards.case_page.rows import item_of, row_of
from hazards.review.beside import address_of

register = template.Library()

register.simple_tag(row_of, name="case_row")


@register.simple_tag
@lru_cache(1)
def together_bar():
    """What is done with several at once: the same for everybody and every list."""
    return render_to_string("hazards/review/_together_bar.html")


@register.simple_tag
def queue_items(hazards, parameters, is_first_page):
    """The cases as items of the queue's list, which lead to them within these parameters."""
    query = f"?{parameters}" if parameters else ""
    items = (
        item_of(hazard, f"{address_of(hazard.number)}{query}", is_first=is_first_page and not at)
        for at, hazard in enumerate(hazards)
    )
    return mark_safe("".join(items))  # noqa: S308
