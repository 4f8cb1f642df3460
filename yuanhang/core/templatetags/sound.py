"""A voice note drawn: the bars of its wave."""

from functools import lru_cache

from django import template
from django.utils.html import format_html_join

from yuanhang.core.media.wave import BARS

register = template.Library()
WIDTH, HEIGHT = 200, 40
TALLEST, LEAST = 36, 4
BAR = '<rect x="{}" y="{}" width="3" height="{}" rx="1.5"/>'


@register.filter
@lru_cache(1000)
def bars(wave):
    """The bars of a note in a box of 200 × 40; low and even where no wave is known."""
    digits = wave if len(wave) == BARS and wave.isdecimal() else "1" * BARS
    step = WIDTH / BARS
    heights = [LEAST + (TALLEST - LEAST) * int(digit) / 9 for digit in digits]
    rows = (
        (f"{n * step + 1:g}", f"{(HEIGHT - height) / 2:.1f}", f"{height:.1f}")
        for n, height in enumerate(heights)
    )
    return format_html_join("\n", BAR, rows)
