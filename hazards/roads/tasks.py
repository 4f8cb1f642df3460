"""Queue work: a word to those who ride."""

from hazards.roads import telling
from yuanhang.core.jobs import LONG, job, on


@job
@on(LONG)
def tell_of_roads() -> int:
    """What is new on the roads of those who asked."""
    return telling.tell()
