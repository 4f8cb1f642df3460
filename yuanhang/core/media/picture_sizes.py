"""How much of a picture is kept, and by what it is shrunk at first; pure."""

LONGEST_SIDE = 2048
# A long screenshot or a panorama in 2048 pixels is a strip that nobody can read: such a picture
# keeps this much of its shorter side, within as many pixels as two ordinary photos have.
READABLE_SIDE = 1024
LONG_SIDE_MAX = 12_000
LONG_PIXELS_MAX = 6_500_000

# Pictures are first shrunk by a whole number, as long as this much remains of what the longest
# side is to have. It is below 1 so that 12 megapixels (4000 wide) are decoded at half size:
# the result is 2000 wide instead of 2048 in a quarter of the memory and half the time.
FEWEST_LEFT = 1600 / 2048

Size = tuple[int, int]


def kept_size(size: Size) -> Size:
    """What is kept of a picture of this size: never more, never nothing."""
    longest, shortest = max(size), min(size)
    usual = LONGEST_SIDE / longest
    area = (LONG_PIXELS_MAX / (longest * shortest)) ** 0.5
    readable = min(READABLE_SIDE / shortest, LONG_SIDE_MAX / longest, area)
    scale = min(1.0, max(usual, readable))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink_factor(size: Size) -> int:
    """The whole number to shrink by at first."""
    return max(1, int(max(size) / (max(kept_size(size)) * FEWEST_LEFT)))
