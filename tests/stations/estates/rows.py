"""What the permission table needs of estates: addresses of rows of their own."""

from stations.estates import facts, property_links
from stations.estates.facts import Content
from stations.estates.models import FactPhoto
from tests import media
from tests.factories.hazards import stored_photo
from tests.factories.stations import EstateFactory


def estate_of(town):
    """An estate of the town's first community."""
    return EstateFactory(community=town.community)


def fact_of(town):
    """Something that staff wrote of one, with a photo."""
    photos = (stored_photo(media.jpeg(64, 48)),)
    content = Content(words="车停门外白线里")
    return facts.write(estate_of(town), "parking", content, by=town.staff, photos=photos).fact


def _of_fact(_role, town):
    fact = fact_of(town)
    return [fact.estate.slug, fact.pk]


def _photo(_role, town):
    return [FactPhoto.objects.get(version__fact=fact_of(town)).pk]


ARGUMENTS = {
    "estates:estate": lambda _role, town: [estate_of(town).slug],
    "estates:sheet": lambda _role, town: [estate_of(town).slug],
    "estates:sheet-code": lambda _role, town: [estate_of(town).slug],
    "hazards:gate-refused": lambda _role, town: [estate_of(town).slug],
    "estates:write": lambda _role, town: [estate_of(town).slug, "gate"],
    "estates:confirm": lambda _role, town: [estate_of(town).slug],
    "estates:keep": lambda _role, town: [estate_of(town).slug],
    "estates:correct": _of_fact,
    "estates:history": _of_fact,
    "estates:photo": _photo,
    "estates:property": lambda _role, town: [property_links.give(estate_of(town), by=town.staff)],
}
