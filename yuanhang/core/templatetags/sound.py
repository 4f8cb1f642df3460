"""A voice note drawn: the bars of its wave."""

from django import template

from yuanhang.core.media.wave import BARS

register = template.Library()
WIDTH, HEIGHT = 200, 40
TALLEST, LEAST = 36, 4


@register.filter
def bars(wave):
    """(x, y, height) of each bar in a box of 200 × 40; low and even where no wave is known."""
    digits = wave if len(wave) == BARS else "1" * BARS
    step = WIDTH / BARS
    heights = [LEAST + (TALLEST - LEAST) * int(digit) / 9 for digit in digits]
    return [
        (f"{n * step + 1:g}", f"{(HEIGHT - height) / 2:.1f}", f"{height:.1f}")
        for n, height in enumerate(heights)
    ]
