"""A word search goes three ways, by how common its words are; all find the same."""

import pytest
from django.db import connection

from hazards.cases import term_shares
from hazards.cases.models import querysets
from hazards.cases.models.hazards import Hazard
from tests.factories.hazards import report

SAID = [
    ("井盖翘起来了", "南六街 6 号"),
    ("路灯不亮", "南六街 8 号"),
    ("井盖，路灯都坏了", "东门 16 号"),
    ("e-bike 电池", "B2 车库"),
    ("积水", "南六街南侧 6 米"),
]
QUERIES = [
    "井盖",
    "南六街",
    "井盖 路灯",
    "井",
    "6",
    "16 号",
    "b2",
    "e-bike",
    "灯 井盖",
    "没人写过",
    "6 米",
]


@pytest.fixture
def said(town):
    return [report(town.six, description=text, place=place) for text, place in SAID]


@pytest.fixture
def forgotten(monkeypatch):
    """The statistics are asked for anew, before and after."""
    monkeypatch.setattr(term_shares, "_kept", (0.0, {}))


def plainly(words, said):
    """Whatever has every word somewhere, read without any index."""
    return {
        number
        for number, (hazard, texts) in enumerate(zip(said, SAID, strict=True))
        if all(
            any(word in text.lower() for text in (*texts, hazard.number)) for word in words.split()
        )
    }


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    ("common", "dense"),
    [(False, False), (True, True), (True, False)],
    ids=["by the index", "walked", "common words that never stand together"],
)
def test_each_way_finds_the_same(said, monkeypatch, query, common, dense):
    monkeypatch.setattr(term_shares, "are_common", lambda terms: common)
    monkeypatch.setattr(querysets, "PROBED_HITS", 1 if dense else 50)
    found = {said.index(hazard) for hazard in Hazard.objects.matching(query)}
    assert found == plainly(query, said)


@pytest.mark.parametrize("query", ["井盖 路灯", "6"])
def test_a_walk_is_one_that_no_index_answers(said, monkeypatch, query):
    monkeypatch.setattr(term_shares, "are_common", lambda terms: True)
    monkeypatch.setattr(querysets, "PROBED_HITS", 1)
    assert "arraycontains" in str(Hazard.objects.matching(query).query)
    monkeypatch.setattr(querysets, "PROBED_HITS", 50)
    assert "arraycontains" not in str(Hazard.objects.matching(query).query)


def test_what_is_common_the_statistics_say(town, forgotten):
    assert not term_shares.are_common(["井盖"])
    for number in range(40):
        report(town.six, description="井盖", place=f"{number} 号")
    report(town.six, description="鸵鸟", place="东门")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE hazards_hazard")
    # What was asked is kept for a while.
    assert not term_shares.are_common(["井盖"])
    term_shares._kept = (0.0, {})
    assert term_shares.are_common(["井盖"])
    assert not term_shares.are_common(["井盖", "没人写过"])
