"""Times and lengths as filters."""

from django import template

from yuanhang.core import words

register = template.Library()

for function in (
    words.spoken,
    words.spoken_date,
    words.month_of,
    words.full_moment,
    words.full_day,
    words.dated,
    words.clock,
    words.calendar_day,
    words.until,
    words.ago,
    words.rest,
    words.waited,
    words.voice_length,
    words.took,
    words.length_words,
    words.spoken_day_of,
):
    register.filter(function)
