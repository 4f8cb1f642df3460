"""Words about the record, as filters."""

from django import template

from volunteers.record import words

register = template.Library()

for function in (words.hours,):
    register.filter(function)
