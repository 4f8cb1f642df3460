"""The wave of a voice note: how loud it is along its way, to be drawn beside the player.

It is told by `BARS` digits: 0 for silence, 9 for the loudest moment of this recording.
"""

from collections.abc import Sequence

BARS = 40
STRIDE = 8  # of the samples one in eight is looked at: for a drawing that is plenty
FLOOR = 0.004  # what is quieter than this, -48 dB, is hiss and stays flat


def level_of(samples: memoryview) -> float:
    """The loudest of a frame of planar floats between -1 and 1."""
    looked_at = samples.cast("B").cast("f")[::STRIDE]
    return max(max(looked_at, default=0.0), -min(looked_at, default=0.0))


def digits_of(levels: Sequence[float]) -> str:
    """`BARS` digits for the levels of a recording's frames; an empty text for none."""
    if not levels:
        return ""
    count = len(levels)
    bars = []
    for bar in range(BARS):
        start = bar * count // BARS
        bars.append(max(levels[start : max((bar + 1) * count // BARS, start + 1)]))
    loudest = max(bars)
    if loudest < FLOOR:
        return "0" * BARS
    return "".join(str(min(9, round(9 * bar / loudest))) for bar in bars)
