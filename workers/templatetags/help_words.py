"""Words about requests for help, as filters."""

from django import template
from django.utils.html import format_html

from workers.help.models import HelpRequest
from workers.help.words import SIGNS

register = template.Library()


@register.filter
def help_chip(call, is_on_way):
    """Where it stands; a lease that ran out is over also before the job wrote it down."""
    state = HelpRequest.State(call.state)
    if state == HelpRequest.State.TAKEN and not is_on_way:
        state = HelpRequest.State.OPEN
    sign, tone = SIGNS[state]
    words = call.get_end_display() if call.end else state.label
    return format_html(
        '<span class="chip chip-{}"><span aria-hidden="true">{}</span>{}</span>', tone, sign, words
    )
