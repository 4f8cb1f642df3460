"""Two at the same instant: one goes, one request is made, one end counts."""

import uuid

import pytest

from tests.threads import at_once, meet, together, without_row_locks
from tests.workers.help.help_help import asker, attached, call, neighbour
from workers.help import asking, help_requests
from workers.help.models import HelpRequest, HelpTake
from yuanhang.core.errors import NotAllowedNowError

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(results):
    return [str(one) for one in results if isinstance(one, NotAllowedNowError)]


def both_go(town, monkeypatch):
    """Two neighbours press 我去 after both have read that nobody goes."""
    first, second = neighbour(town), neighbour(town)
    row = call(town, by=asker(town))
    meet(monkeypatch, help_requests, "_locked", after=True)
    return together(
        lambda: help_requests.take(row, by=first), lambda: help_requests.take(row, by=second)
    )


def test_of_two_neighbours_exactly_one_goes(town, monkeypatch):
    results = both_go(town, monkeypatch)
    assert sum(isinstance(one, HelpTake) for one in results) == 1, results
    (words,) = refusals(results)
    assert words.startswith("已被他人处理")
    assert HelpTake.objects.live().count() == 1


def test_without_the_lock_only_the_constraint_would_hold_the_second_back(town, monkeypatch):
    without_row_locks(monkeypatch)
    results = both_go(town, monkeypatch)
    # The second read that nobody goes: it is refused by the table, with the wrong explanation.
    assert refusals(results) == ["已经有一件在你手上，先去那一件，或者先说去不了。"]


def sent_twice(town, monkeypatch, **more):
    key = uuid.uuid4()
    meet(monkeypatch, asking, "_new", after=True)
    return at_once(
        lambda: asking.ask(
            by=None, submission_key=key, kind="stuck", grid=town.six, words="陷住", **more
        )
    )


def test_the_same_form_from_two_tabs_makes_one_request(town, monkeypatch, stored_files):
    one, two = sent_twice(town, monkeypatch, attached=attached())
    assert one == two
    assert HelpRequest.objects.count() == 1
    assert len(stored_files()) == 3  # of the second nothing stays on the disk


def test_without_the_keys_rule_the_second_would_be_an_error(town, monkeypatch):
    monkeypatch.setattr(asking, "sent_before", lambda key, **_more: (key, None))
    results = sent_twice(town, monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["IntegrityError", "tuple"]


def sent_home_or_done(town, monkeypatch):
    """The asker sends the helper home while the helper says that it is done."""
    near = neighbour(town)
    row = call(town, by=asker(town))
    take = help_requests.take(row, by=near)
    meet(monkeypatch, help_requests, "_locked", after=True)
    return together(
        lambda: help_requests.refuse(row, by=town.rider),
        lambda: help_requests.finish(take, by=near),
    )


def test_sent_home_and_done_at_once_is_one_of_the_two(town, monkeypatch):
    assert len(refusals(sent_home_or_done(town, monkeypatch))) == 1


def test_without_the_lock_both_would_be_so(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert refusals(sent_home_or_done(town, monkeypatch)) == []


def ended_twice(town, monkeypatch):
    row = call(town, by=asker(town))
    meet(monkeypatch, help_requests, "_locked", after=True)
    return at_once(lambda: help_requests.close(row, by=town.rider, end="helped"))


def test_two_ends_are_one(town, monkeypatch):
    assert len(refusals(ended_twice(town, monkeypatch))) == 1


def test_without_the_lock_it_would_end_twice(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert refusals(ended_twice(town, monkeypatch)) == []


def both_to_one_helper(town, monkeypatch):
    """One neighbour presses 我去 on two requests at once."""
    near = neighbour(town)
    rows = [call(town, by=asker(town)), call(town, by=town.rider, words="另一件")]
    meet(monkeypatch, help_requests, "_locked", after=True)
    return together(*(lambda row=row: help_requests.take(row, by=near) for row in rows))


def test_nobody_goes_to_two_at_once(town, monkeypatch):
    results = both_to_one_helper(town, monkeypatch)
    assert sum(isinstance(one, HelpTake) for one in results) == 1, results
    assert refusals(results) == ["已经有一件在你手上，先去那一件，或者先说去不了。"]
