"""Words about errands, as filters."""

from django import template

from volunteers.errands import words

register = template.Library()

for function in (
    words.errand_chip,
    words.by_day,
):
    register.filter(function)
