"""The order of the waiting list, without a database."""

from dataclasses import dataclass
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteers.activities import waitlist


@dataclass(frozen=True)
class Person:
    pk: int
    pair: str = ""


def line(letters):
    """「aBBc」: a and c alone, between them the pair B; a capital stands for one of a pair."""
    return [
        Person(pk, pair=letter if letter.isupper() else "") for pk, letter in enumerate(letters)
    ]


def shape(units):
    """The units as the keys of their people."""
    return [[one.pk for one in unit] for unit in units]


def test_both_of_a_pair_are_one_unit_where_the_first_of_them_stands():
    assert shape(waitlist.units_of(line("aBcB"))) == [[0], [1, 3], [2]]
    assert waitlist.units_of([]) == []


@pytest.mark.parametrize(
    ("letters", "free", "places"),
    [
        ("abc", 2, [[0], [1]]),
        ("abc", 0, []),
        ("AAb", 2, [[0, 1]]),
        ("AAb", 1, [[2]]),
        ("AAb", 3, [[0, 1], [2]]),
        ("aBBCCd", 3, [[0], [1, 2]]),
        ("aBBCCd", 4, [[0], [1, 2], [5]]),
    ],
)
def test_who_is_next(letters, free, places):
    units = waitlist.units_of(line(letters))
    assert shape(waitlist.units_that_fit(units, free)) == places


@pytest.mark.parametrize(
    ("letters", "free", "size", "expected"),
    [
        ("", 1, 1, True),
        ("", 0, 1, False),
        ("", 1, 2, False),
        ("", 2, 2, True),
        ("a", 1, 1, False),
        ("AA", 1, 1, True),
        ("AA", 2, 1, False),
    ],
)
def test_a_newcomer_waits_while_anybody_on_the_list_could_use_the_places(
    letters, free, size, expected
):
    units = waitlist.units_of(line(letters))
    assert waitlist.can_come_at_once(units, free, size) is expected


SIZES = st.lists(st.sampled_from([1, 2]), max_size=12)


def group(sizes):
    """Units of these sizes."""
    keys = iter(range(99))
    return [[Person(next(keys)) for _ in range(size)] for size in sizes]


@given(sizes=SIZES, free=st.integers(min_value=0, max_value=20))
def test_places_are_never_too_many_nor_left_to_somebody_who_could_use_them(sizes, free):
    units = group(sizes)
    fitting = waitlist.units_that_fit(units, free)
    given_away = len(list(chain(*fitting)))
    assert given_away <= free
    assert fitting == [unit for unit in units if unit in fitting]
    left = free - given_away
    assert all(len(unit) > left for unit in units if unit not in fitting)


@given(sizes=SIZES, free=st.integers(min_value=0, max_value=20))
def test_nobody_is_overtaken_by_a_unit_of_the_same_size(sizes, free):
    units = group(sizes)
    fitting = waitlist.units_that_fit(units, free)
    for size in (1, 2):
        same = [unit for unit in units if len(unit) == size]
        served = [unit in fitting for unit in same]
        assert served == sorted(served, reverse=True)
