"""Reads a chat message that somebody pasted, and fills what it can; the rest stays words."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from stations.areas import landmarks
from yuanhang.core.phones import find_numbers
from yuanhang.core.text import clean, folded

LINK = re.compile(
    r"(?:https?|geo|[a-z]{3,20}map)://?[^\s\u4e00-\u9fff，。；、（）]+|geo:[\d.,;=&?a-z-]+"
)
DEGREES = r"(?<![\d.])(?P<{}>\d{{2,3}}\.\d{{3,20}})(?![\d.])"
# Two numbers with decimals, latitude first or longitude first: Daqing's cannot be confused.
POINT = re.compile(
    DEGREES.format("first")
    + r"[°度]?\s*[ne]?[,，、;；/\s]{0,3}(?:(?:东|北)?(?:经|纬)度?|lat|lon|lng)?"
    r"(?:itude)?\s*[:：=]?\s*" + DEGREES.format("second") + r"[°度]?\s*[ne]?",
    re.IGNORECASE,
)
AXIS = re.compile(
    r"(?:[东北]?[经纬]度?|lat(?:itude)?|lon(?:gitude)?|lng)\s*[:：=]?\s*$", re.IGNORECASE
)
# What stands around a number for its sake alone.
PHONE_LABEL = re.compile(
    r"(?:(?:联系)?(?:电话|座机|手机号码|手机号|手机|tel|phone)\s*[:：]?\s*)?[（(\[]?$",
    re.IGNORECASE,
)
PHONE_END = re.compile(r"^[\ufe0f\u20e3]*\s*[)）\]]?")
# How links and people name the datum of a pair. Where nobody says, it comes from a map app, and
# these draw in GCJ-02; Baidu's own draws in BD-09.
DATUMS = (
    ("wgs84", re.compile(r"wgs[-_ ]?84|coord_?type=1\b|dev=1\b|^geo:|openstreetmap|gps", re.I)),
    ("gcj02", re.compile(r"gcj[-_ ]?02|gaode|coordinate=gaode|火星", re.I)),
    ("bd09", re.compile(r"bd[-_ ]?09|baidu|百度", re.I)),
)
# What a word in the message says about its kind, the first hit counts.
WORDS = (
    ("manhole", ("井盖", "井圈", "路面", "塌", "坑")),
    ("charging", ("飞线", "充电", "私拉")),
    ("fire_lane", ("消防通道", "楼道", "堆")),
    ("street_light", ("路灯", "灯不亮", "灯杆")),
    ("ice", ("结冰", "积雪", "冰溜", "打滑")),
    ("leak", ("漏水", "冒水", "暖气", "供热", "跑水")),
    ("rubbish", ("垃圾", "渣土", "脏")),
    ("traffic", ("护栏", "红绿灯", "堵车", "违停")),
    ("fraud", ("诈骗", "骗", "到付")),
    ("elder", ("老人", "走失", "迷路")),
    ("oil_gas", ("油味", "燃气", "井场", "抽油机", "管线")),
)


def read_message(text):
    """What the message says, as initial values of the entry form; `description` is all of it.

    Numbers that are a phone or a position are taken out of the words, so that nobody reads a phone
    where only the description is shown.
    """
    text, found = _without_point(clean(text))
    text, phone = _without_phones(text)
    if phone:
        found["contact_phone"] = phone
    names = sorted(landmarks.names(), key=len, reverse=True)
    plain = folded(text)
    if place := next((name for name in names if folded(name) in plain), None):
        found["place"] = place
    for key, words in WORDS:
        if any(word in plain for word in words):
            found["category"] = key
            break
    text = re.sub(r"[ \t]*\n\s*", "\n", text)
    return found | {"description": text.strip(" ，,;；\n")}


def _without_point(text):
    """The text without its position (and the link that carried it), and the fields of it."""
    for link in LINK.finditer(text):
        address = unquote(link[0])
        if pair := POINT.search(address) or _named_pair(address):
            return text.replace(link[0], ""), _point(pair, _datum(address))
    if pair := POINT.search(text):
        before = AXIS.sub("", text[: pair.start()])
        # Within a sentence of the pair, somebody may say what it is.
        near = text[max(0, pair.start() - 20) : pair.end() + 20]
        return before + text[pair.end() :], _point(pair, _datum(near))
    return text, {}


def _named_pair(address):
    """The pair of an address that gives each half a name of its own."""
    values = dict(parse_qsl(urlsplit(address).query))
    for north, east in (
        ("lat", "lon"),
        ("lat", "lng"),
        ("mlat", "mlon"),
        ("latitude", "longitude"),
    ):
        if values.get(north) and values.get(east):
            return POINT.search(f"{values[north]},{values[east]}")
    return None


def _datum(words):
    return next((datum for datum, pattern in DATUMS if pattern.search(words)), "gcj02")


def _point(pair, datum):
    latitude, longitude = sorted((pair["first"], pair["second"]), key=float)
    return {"latitude": latitude, "longitude": longitude, "datum": datum}


def _without_phones(text):
    """The text without telephone numbers, whoever's they are, and the one to ring back.

    The first mobile number, which may have an account and gets SMS, else the first of all.
    """
    numbers = find_numbers(text)
    first = next((one for one in numbers if one.is_mobile), next(iter(numbers), None))
    for one in reversed(numbers):
        before = PHONE_LABEL.sub("", text[: one.start])
        text = before + PHONE_END.sub("", text[one.end :])
    return text, first.number if first else ""
