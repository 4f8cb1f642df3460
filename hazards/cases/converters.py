"""The parts of addresses that name a case, a receipt, a transition or a size of a picture."""

from django.urls.converters import StringConverter

from .transitions import BY_SLUG


class NumberConverter(StringConverter):
    """`YH20261123-0007`."""

    regex = r"[A-Z]{2,6}\d{8}-\d{4,}"


class TokenConverter(StringConverter):
    """The unguessable part of a receipt's link: URL-safe base64."""

    regex = r"[\w-]{1,64}"


class TransitionConverter(StringConverter):
    """The verbs of the table, with hyphens."""

    regex = "|".join(BY_SLUG)


class SizeConverter(StringConverter):
    """The full picture, the one for a page, or the thumbnail."""

    regex = "full|page|thumb"


class SlipActConverter(StringConverter):
    """What an officer does with a slip."""

    regex = "code|stop|new"
