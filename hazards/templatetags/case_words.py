"""Words about cases, as filters."""

from django import template

from hazards.cases import words

register = template.Library()

register.inclusion_tag("hazards/cases/_state_chip.html")(words.state_chip)
for function in (
    words.make_safe_deadline,
    words.repair_deadline,
    words.both_deadlines,
    words.kept_in,
    words.time_left,
    words.what_next,
    words.first_photo,
    words.snippet,
):
    register.filter(function)
