"""Finding an estate by its name, a gate or a building: 「示意小区甲 8 栋」, 「8号楼」, 「北门」."""

import re
from dataclasses import dataclass

from django.db.models import Q

from stations.estates.models import NUMBER_MAX, Estate, EstateBuilding, FactVersion
from yuanhang.core.text import folded, trimmed

NUMERALS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"两": 2}
BUILDING = re.compile(
    r"(?P<number>\d{1,3}[a-z]?|[a-z]\d{0,2}|[零一二两三四五六七八九十百]{1,4})"
    r"\s*(?:栋|号楼|幢|座|#楼?|号(?!线|院|门|路))\s*楼?"
)
NUMBER = re.compile(rf"\d{{1,3}}[A-Z]?|[A-Z]\d{{0,2}}|[\u4e00-\u9fff]{{1,{NUMBER_MAX}}}")
ALONE = re.compile(r"\d{1,3}[a-z]?|[a-z]\d{1,2}")
GATE = re.compile(r"(?:[东南西北正后前侧大小中]{1,3}|[一二三四五六七八九十]|\d{1,2}号)门")
WORDS_MAX = 5
TEXT_MAX = 60


@dataclass(frozen=True)
class Query:
    """What somebody looks for: words of a name, a building's number, a gate; all may be empty."""

    words: tuple[str, ...] = ()
    building: str = ""
    gate: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.building or self.gate)


def number_of(text: str) -> str:
    """A building's number as it is stored: 「８号楼」 is 8, 「十二栋」 12, 「b2座」 B2."""
    plain = "".join(folded(text).split())
    found = BUILDING.fullmatch(plain)
    plain = found["number"] if found else plain
    if plain and set(plain) <= set(NUMERALS) | {"十", "百"}:
        return str(_whole(plain))
    return (plain.lstrip("0") or plain).upper()[:NUMBER_MAX]


def is_number(number: str) -> bool:
    """Whether this can be a building's: 8, 12A, B2, or a word as 门诊; 「3单元」 is none."""
    return NUMBER.fullmatch(number) is not None


def _whole(numerals: str) -> int:
    """「二十一」 is 21; digits one after the other, as in 「一二」, are 12."""
    if not set(numerals) & {"十", "百"}:
        return int("".join(str(NUMERALS[one]) for one in numerals))
    total = unit = 0
    for one in numerals:
        if one in NUMERALS:
            unit = NUMERALS[one]
        else:
            total += (unit or 1) * (10 if one == "十" else 100)
            unit = 0
    return total + unit


def query_of(text: str) -> Query:
    """What was typed, taken apart; nothing is ever refused."""
    rest, building, gate = folded(text)[:TEXT_MAX], "", ""
    if found := GATE.search(rest):
        gate, rest = found[0], rest.replace(found[0], " ", 1)
    if found := BUILDING.search(rest):
        building, rest = number_of(found["number"]), rest.replace(found[0], " ", 1)
    words = [word for word in map(trimmed, re.split(r"[\s,，、;；/·]+", rest)) if word]
    if not building and words and ALONE.fullmatch(words[-1]):
        building = number_of(words.pop())
    return Query(tuple(words[:WORDS_MAX]), building, gate)


def matching(query: Query):
    """The estates that have all of it, whoever may see them."""
    rows = Estate.objects.all()
    for word in query.words:
        rows = rows.filter(name__holds=word)
    shown = FactVersion.objects.shown().order_by()
    if query.gate:
        gates = shown.filter(name=query.gate)
        rows = rows.filter(pk__in=gates.values("fact__estate"))
    if query.building:
        drawn = EstateBuilding.objects.filter(number=query.building).order_by()
        near = shown.filter(buildings__contains=[query.building])
        rows = rows.filter(Q(pk__in=drawn.values("estate")) | Q(pk__in=near.values("fact__estate")))
    return rows
