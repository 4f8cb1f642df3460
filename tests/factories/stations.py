"""A small town: one subdistrict, two communities, three grids in a row, a station."""

import factory

from stations.areas.models import Community, Grid, Landmark, Subdistrict
from stations.estates.models import Estate
from stations.houses.models import OpeningHours, Station
from stations.postings.models import Organisation
from stations.streets import street_maps
from stations.streets.models import StreetMap
from stations.streets.reading import read_street_map


def square(south, west, size=0.01):
    """A GeoJSON square with its south-west corner at the given WGS-84 degrees."""
    north, east = round(south + size, 6), round(west + size, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


class SubdistrictFactory(factory.django.DjangoModelFactory):
    """街道."""

    class Meta:
        model = Subdistrict

    name = factory.Sequence(lambda n: f"街道{n}")


class CommunityFactory(factory.django.DjangoModelFactory):
    """社区."""

    class Meta:
        model = Community

    subdistrict = factory.SubFactory(SubdistrictFactory)
    name = factory.Sequence(lambda n: f"社区{n}")


class GridFactory(factory.django.DjangoModelFactory):
    """网格; each next one lies east of the one before."""

    class Meta:
        model = Grid

    community = factory.SubFactory(CommunityFactory)
    number = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda grid: f"第{grid.number}网格")
    boundary = factory.Sequence(lambda n: square(46.54, round(124.90 + 0.01 * n, 6)))


class StationFactory(factory.django.DjangoModelFactory):
    """驿站."""

    class Meta:
        model = Station

    community = factory.SubFactory(CommunityFactory)
    name = "庆小驿温暖站"
    slug = factory.Sequence(lambda n: f"station-{n}")
    address = "南六街（示意）"
    latitude, longitude = 46.545, 124.945
    desk_phone = "0459-0000000"


class OpeningHoursFactory(factory.django.DjangoModelFactory):
    """开放时间."""

    class Meta:
        model = OpeningHours


class OrganisationFactory(factory.django.DjangoModelFactory):
    """责任单位."""

    class Meta:
        model = Organisation

    subdistrict = factory.SubFactory(SubdistrictFactory)
    name = factory.Sequence(lambda n: f"市政维护所{n}")
    kind = Organisation.Kind.RESPONSIBLE


class LandmarkFactory(factory.django.DjangoModelFactory):
    """地标."""

    class Meta:
        model = Landmark

    community = factory.SubFactory(CommunityFactory)
    name = factory.Sequence(lambda n: f"地标{n}")
    latitude, longitude = 46.545, 124.945


class StreetMapFactory(factory.django.DjangoModelFactory):
    """底图, without shapes."""

    class Meta:
        model = StreetMap

    community = factory.SubFactory(CommunityFactory)


def line(kind, name, *pairs):
    """A street as GeoJSON, of (longitude, latitude) pairs."""
    return feature("LineString", [list(pair) for pair in pairs], kind=kind, name=name)


def feature(geometry, coordinates, **properties):
    """A GeoJSON feature."""
    shape = {"type": geometry, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": shape}


def street_net():
    """Grid six of the test town: two main streets that cross in its middle, a block, a green."""
    return {
        "type": "FeatureCollection",
        "features": [
            line("main", "南六街", (124.9400, 46.5450), (124.9500, 46.5450)),
            line("main", "外环路", (124.9450, 46.5400), (124.9450, 46.5500)),
            line("street", "平房二巷", (124.9400, 46.5478), (124.9500, 46.5478)),
            feature("Polygon", square(46.5454, 124.9456, 0.0006)["coordinates"], kind="block"),
            feature("Polygon", square(46.5440, 124.9433, 0.0008)["coordinates"], kind="green"),
        ],
    }


def with_streets(community, by):
    """Give a community the streets of `street_net`."""
    return street_maps.replace(community, read_street_map(street_net(), "wgs84"), by=by)


class EstateFactory(factory.django.DjangoModelFactory):
    """友好小区, three gates wide."""

    class Meta:
        model = Estate

    community = factory.SubFactory(CommunityFactory)
    name = factory.Sequence(lambda n: f"示意小区{n}")
    slug = factory.Sequence(lambda n: f"e{n:08d}")
    address = "南六街（示意）"
    latitude, longitude = 46.5455, 124.9455
