"""The names that people use for places."""

from stations.areas.models import Landmark
from yuanhang.core.kept_answers import kept


@kept("stations_landmark")
def names() -> tuple[str, ...]:
    """All of them, in order; kept until one changes."""
    return tuple(Landmark.objects.values_list("name", flat=True))
