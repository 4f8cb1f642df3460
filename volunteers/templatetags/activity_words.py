"""Words about activities, as filters."""

from django import template

from volunteers.activities import words

register = template.Library()

for function in (
    words.day_words,
    words.poster_day,
    words.hours_words,
    words.session_words,
    words.joinable,
    words.places_chip,
    words.own_chip,
    words.why_waiting,
    words.by_when,
    words.counted,
):
    register.filter(function)
