"""What the tests of estates write."""

from datetime import time

from stations.estates import facts
from stations.estates.facts import Content
from stations.estates.models import EstateFact


def north(**changes):
    """The north gate, for e-bikes from six to ten."""
    said = {
        "name": "北门",
        "bikes": "in",
        "opens": time(6),
        "closes": time(22),
        "words": "抬杆自动开，不用登记",
        "buildings": ["7", "8"],
    }
    return Content(**(said | changes))


def written(estate, by, content=None, kind="gate"):
    """A fact that waits to be confirmed, or is believed where staff wrote it."""
    return facts.write(estate, kind, content or north(), by=by)


def believed(estate, riders, content=None, kind="gate"):
    """A fact that the first rider wrote and two others confirmed."""
    version = written(estate, riders[0], content, kind)
    for rider in riders[1:3]:
        version = facts.confirm(version, by=rider)
    return version


def fact_of(version):
    return EstateFact.objects.get(pk=version.fact_id)
