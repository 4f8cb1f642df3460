"""Cards that say the same to everybody are rendered once, and never say what is no longer so."""

import re

import pytest

from tests.factories.volunteers import ActivityFactory, riders, session
from volunteers.activities import kept_cards, signups
from volunteers.activities.models.activities import Activity


@pytest.fixture(autouse=True)
def _no_card_kept():
    kept_cards.forget()


@pytest.fixture
def activity(town):
    """With three sessions of two places."""
    made = ActivityFactory(community=town.community, organiser=town.staff)
    for days in range(3):
        session(made, hours=48 + 24 * days, maximum=2)
    return made


@pytest.fixture
def drawn(monkeypatch):
    """The sessions whose cards were rendered to be kept."""
    pks, real = [], kept_cards.markup

    def markup(card, *, draw, **rest):
        return real(card, draw=lambda: pks.append(card.session.pk) or draw(), **rest)

    monkeypatch.setattr(kept_cards, "markup", markup)
    return pks


def page(client, activity):
    return client.get(activity.get_absolute_url()).content.decode()


def cards(html):
    """The cards of a page without the tokens, which no two pages share."""
    found = re.findall(r"<article.*?</article>", html, re.S)
    return [re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", card) for card in found]


@pytest.mark.django_db
def test_a_second_look_renders_no_card_and_shows_the_same(visit, activity, drawn):
    first, second = riders(2)
    seen = page(visit(first), activity)
    assert len(drawn) == 3
    again = page(visit(second), activity)
    assert len(drawn) == 3
    assert cards(seen) == cards(again)
    kept_cards.forget()
    assert cards(page(visit(second), activity)) == cards(seen)


@pytest.mark.django_db
def test_each_page_has_a_token_of_its_own(visit, activity):
    tokens = []
    for person in riders(2):
        html = page(visit(person), activity)
        found = set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', html))
        assert all(len(token) == 64 for token in found)
        assert "\0" not in html
        tokens.append(found)
    assert not tokens[0] & tokens[1]


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["place taken", "own", "closed", "guest"])
def test_what_changed_is_on_the_next_page(visit, activity, drawn, change):
    first, second = riders(2)
    before = cards(page(visit(second), activity))
    place = activity.sessions.earliest("starts_at")
    viewer = second
    if change == "place taken":
        signups.sign_up(place, by=first)
    elif change == "own":
        signups.sign_up(place, by=second)
    elif change == "closed":
        Activity.objects.update(state=Activity.State.CLOSED)
    else:
        viewer = None
    after = cards(page(visit(viewer), activity))
    kept_cards.forget()
    assert after == cards(page(visit(viewer), activity))
    assert after[0] != before[0]
