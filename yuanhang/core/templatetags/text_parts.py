"""Parts of a text, for pages that set them apart."""

import re

from django import template

register = template.Library()
END = re.compile(r"(?<=[。？！?!])\s*")


@register.filter
def sentences(text):
    """The sentences of a text, each with its stop: a headline breaks between them."""
    return [part for part in END.split(str(text).strip()) if part]
