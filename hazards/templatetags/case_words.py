"""Words about cases, as filters."""

from django import template

from hazards.cases import pictures, words
from hazards.catalogue.cards import card_of
from hazards.deadlines import deadlines

register = template.Library()

for chip in (words.state_chip, words.own_state_chip):
    register.inclusion_tag("hazards/cases/_state_chip.html")(chip)
for function in (
    words.make_safe_deadline,
    words.repair_deadline,
    words.both_deadlines,
    words.promise,
    words.task_due,
    words.kept_in,
    words.time_left,
    words.what_next,
    words.holder,
    words.state_label,
    words.says,
    words.is_secure_late,
    words.is_fix_late,
    words.over_by,
    deadlines.has_make_safe,
    pictures.first_photo,
    pictures.last_repair,
    words.own_row_fact,
    words.asked_by,
    words.snippet,
    words.row_fact,
    words.is_pressing,
    card_of,
):
    register.filter(function)
