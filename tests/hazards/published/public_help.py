"""What the tests of public share."""

PAGE = "/hazards/fixed/"


def address(photo):
    return f"{PAGE}photos/{photo.pk}/"
