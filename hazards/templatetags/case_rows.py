"""Rows of lists of those in charge."""

from django import template

from hazards.case_page.rows import row_of
from hazards.review.beside import address_of

register = template.Library()

register.simple_tag(row_of, name="case_row")


@register.simple_tag
def queue_row(hazard, parameters):
    """The row of a case that leads to it within the list of these parameters."""
    address = address_of(hazard.number)
    return row_of(hazard, f"{address}?{parameters}" if parameters else address)
