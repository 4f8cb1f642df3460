"""Complaints of a test."""

import itertools
import uuid

from stations.complaints import complaints
from stations.complaints.complaints import Content

_numbers = itertools.count(1)


def complain(community, *, text="", reader="community", user=None, name="", key=None):
    """(the slip, whether it is new) of a complaint in words of its own, if none are given."""
    words = text or f"驿站的灯太暗，第 {next(_numbers)} 回说了"
    content = Content(words, reader, community, user=user, name=name)
    return complaints.submit(content, submission_key=key or uuid.uuid4())
