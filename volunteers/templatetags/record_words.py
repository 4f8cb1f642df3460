"""Words about the record, as filters."""

from django import template

from volunteers.record import words

register = template.Library()

for function in (words.hours, words.full_day, words.full_period, words.in_force_words):
    register.filter(function)
