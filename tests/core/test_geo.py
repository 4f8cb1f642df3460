from math import asin, atan2, cos, degrees, radians, sin
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuanhang.core import geo
from yuanhang.core.geo import InvalidPointError, Point, parse_point

# The demo centre and what the map vendors call it, from their own converters.
WGS84 = (46.545, 124.945)
GCJ02 = (46.546762, 124.951497)
BD09 = (46.552728, 124.957996)

in_china = st.tuples(st.floats(18, 53), st.floats(75, 134))


def test_the_demo_centre_in_every_datum():
    assert geo.wgs84_to_gcj02(*WGS84) == pytest.approx(GCJ02, abs=1e-6)
    assert geo.wgs84_to_bd09(*WGS84) == pytest.approx(BD09, abs=1e-6)
    assert geo.gcj02_to_bd09(*GCJ02) == pytest.approx(BD09, abs=1e-6)
    assert geo.bd09_to_gcj02(*BD09) == pytest.approx(GCJ02, abs=1e-6)
    assert geo.gcj02_to_wgs84(*GCJ02) == pytest.approx(WGS84, abs=1e-6)
    assert geo.bd09_to_wgs84(*BD09) == pytest.approx(WGS84, abs=1e-6)


def test_a_wrong_datum_is_as_far_off_as_the_domain_notes_say():
    assert geo.distance(*WGS84, *GCJ02) == pytest.approx(535, abs=1)
    assert geo.distance(*WGS84, *BD09) == pytest.approx(1317, abs=5)


@given(in_china)
def test_there_and_back_is_within_a_centimetre(place):
    assert geo.distance(*place, *geo.gcj02_to_wgs84(*geo.wgs84_to_gcj02(*place))) < 0.01
    assert geo.distance(*place, *geo.bd09_to_gcj02(*geo.gcj02_to_bd09(*place))) < 0.01
    assert geo.distance(*place, *geo.bd09_to_wgs84(*geo.wgs84_to_bd09(*place))) < 0.01


@pytest.mark.parametrize(
    "convert",
    [
        geo.wgs84_to_gcj02,
        geo.gcj02_to_wgs84,
        geo.gcj02_to_bd09,
        geo.bd09_to_gcj02,
        geo.wgs84_to_bd09,
        geo.bd09_to_wgs84,
    ],
)
def test_nothing_moves_outside_china(convert):
    assert convert(48.8566, 2.3522) == (48.8566, 2.3522)
    assert convert(-33.9, 151.2) == (-33.9, 151.2)


def test_a_browser_fix_is_kept_as_it_is():
    assert parse_point("46.545", "124.945", "12.5") == Point(46.545, 124.945, 12.5, "wgs84")


@pytest.mark.parametrize(("datum", "pair"), [("gcj02", GCJ02), ("bd09", BD09), ("BD09", BD09)])
def test_a_vendor_position_is_stored_as_wgs84_and_remembers_its_origin(datum, pair):
    point = parse_point(str(pair[0]), str(pair[1]), "30", datum)
    assert (point.latitude, point.longitude) == pytest.approx(WGS84, abs=1e-6)
    assert (point.accuracy, point.datum) == (30.0, datum.lower())


def test_no_position_at_all_is_fine():
    assert parse_point("", "") is None
    assert parse_point(None, None, "12") is None
    assert parse_point("  ", "") is None


def test_full_width_digits_and_numbers_are_read():
    assert parse_point("４６．５４５", " 124.945 ") == Point(46.545, 124.945)
    assert parse_point(46.545, 124.945, 8) == Point(46.545, 124.945, 8.0)
    assert parse_point("-0", "+180") == Point(0.0, 180.0)


@pytest.mark.parametrize(
    "accuracy", [None, "", "0", "-5", "NaN", "Infinity", "about 5", "100001", "1e9"]
)
def test_an_accuracy_that_tells_nothing_is_dropped_but_the_place_is_kept(accuracy):
    assert parse_point("46.545", "124.945", accuracy) == Point(46.545, 124.945, None)


@pytest.mark.parametrize(
    ("latitude", "longitude", "words"),
    [
        ("46.545", "", "只收到一半"),
        (None, "124.945", "只收到一半"),
        ("91", "124.945", "超出了地球"),
        ("-90.0001", "124.945", "超出了地球"),
        ("46.5", "180.5", "超出了地球"),
        ("200", "46", "超出了地球"),
        ("nan", "124.945", "看不懂"),
        ("46.545", "inf", "看不懂"),
        ("1e999", "124.9", "看不懂"),
        ("4_6", "124.9", "看不懂"),
        ("46,545", "124,945", "看不懂"),
        ("<script>", "124.9", "看不懂"),
        ("4" * 10_000, "124.9", "看不懂"),
        ("124.945", "46.545", "写反了"),
        ("-124.9", "46.5", "写反了"),
    ],
)
def test_an_impossible_position_is_refused_in_words(latitude, longitude, words):
    with pytest.raises(InvalidPointError) as refused:
        parse_point(latitude, longitude)
    assert words in refused.value.message


def test_an_unknown_datum_is_refused():
    with pytest.raises(InvalidPointError) as refused:
        parse_point("46.5", "124.9", datum="mars")
    assert "不认识这种坐标" in refused.value.message


def test_distance_of_a_degree_and_across_the_date_line():
    assert geo.distance(0, 0, 1, 0) == pytest.approx(111_195.08, abs=0.01)
    assert geo.distance(0, 179.5, 0, -179.5) == pytest.approx(111_195.08, abs=0.01)
    assert geo.distance(*WGS84, *WGS84) == 0
    assert geo.distance(0, 0, 0, 180) == pytest.approx(geo.MEAN_EARTH_RADIUS * 3.14159265, abs=1)


@given(in_china, st.floats(1, 50_000), st.floats(0, 6.283))
def test_the_box_holds_the_circle(place, metres, bearing):
    lat, lon, angle = *map(radians, place), metres * 0.9999 / geo.MEAN_EARTH_RADIUS
    to_lat = asin(sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing))
    to_lon = lon + atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(to_lat))
    south, west, north, east = geo.bounds(*place, metres)
    assert south <= degrees(to_lat) <= north
    assert west <= degrees(to_lon) <= east


def test_the_box_is_no_wider_than_it_must_be():
    south, west, north, east = geo.bounds(46.545, 124.945, 50)
    assert geo.distance(south, 124.945, north, 124.945) == pytest.approx(100, abs=0.01)
    assert geo.distance(46.545, west, 46.545, east) == pytest.approx(100, abs=0.01)


def test_the_box_at_the_pole_and_the_date_line_spans_all_longitudes():
    assert geo.bounds(89.9999, 10, 5000)[1::2] == (-180, 180)
    assert geo.bounds(89.9999, 10, 5000)[2] == 90
    assert geo.bounds(0, 179.9999, 5000)[1::2] == (-180, 180)


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (0, "0 米"),
        (17.6, "18 米"),
        (999.4, "999 米"),
        (999.6, "1 公里"),
        (1_317, "1.3 公里"),
        (9_960, "10 公里"),
        (12_400, "12 公里"),
    ],
)
def test_distance_in_words(metres, words):
    assert geo.distance_in_words(metres) == words


def test_links_to_the_map_apps_keep_each_vendor_axis_order():
    assert geo.navigation_links(46.545, 124.945, "南六街 & 外环路", "第六网格") == [
        (
            "高德地图",
            "https://uri.amap.com/marker?position=124.945000,46.545000"
            "&name=%E5%8D%97%E5%85%AD%E8%A1%97%20%26%20%E5%A4%96%E7%8E%AF%E8%B7%AF"
            "&src=yuanhang&coordinate=wgs84",
        ),
        (
            "腾讯地图",
            "https://apis.map.qq.com/uri/v1/marker?marker=coord:46.545000,124.945000;title:"
            "%E5%8D%97%E5%85%AD%E8%A1%97%20%26%20%E5%A4%96%E7%8E%AF%E8%B7%AF;addr:"
            "%E7%AC%AC%E5%85%AD%E7%BD%91%E6%A0%BC&coord_type=1&referer=yuanhang",
        ),
        (
            "百度地图",
            "http://api.map.baidu.com/marker?location=46.545000,124.945000"
            "&title=%E5%8D%97%E5%85%AD%E8%A1%97%20%26%20%E5%A4%96%E7%8E%AF%E8%B7%AF"
            "&content=%E7%AC%AC%E5%85%AD%E7%BD%91%E6%A0%BC&output=html&coord_type=wgs84"
            "&src=yuanhang",
        ),
    ]


def test_a_name_cannot_smuggle_fields_into_a_link():
    links = dict(geo.navigation_links(46.5, 124.9, "a;coord:1,2&x=1#/", ""))
    assert (
        "marker=coord:46.500000,124.900000;title:a%EF%BC%9Bcoord%EF%BC%9A1,2%26x%3D1%23%2F;addr:"
        in (links["腾讯地图"])
    )
    assert "name=a%3Bcoord%3A1%2C2%26x%3D1%23%2F&" in links["高德地图"]


@pytest.mark.parametrize("name", ["100%", "%s", "%(name)s", "{0}", "{name}", "a&b=c#d"])
def test_signs_in_a_name_are_words_to_the_map_apps(name):
    for _label, url in geo.navigation_links(46.5, 125.0, name, name):
        named = {value for values in parse_qs(urlsplit(url).query).values() for value in values}
        assert any(name in value for value in named), url
