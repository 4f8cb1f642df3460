"""A kind with a card of advice links to it, where one reports and where one reads."""

import pytest

from hazards.catalogue.cards import CARDS, card_of
from hazards.catalogue.models import Category
from stations.pages.models import Page
from tests.factories.hazards import report

pytestmark = pytest.mark.django_db


def test_every_card_has_its_category_and_its_page():
    assert {card.category for card in CARDS} <= set(Category.objects.values_list("key", flat=True))
    slugs = set(Page.objects.filter(is_card=True).values_list("slug", flat=True))
    assert {card.slug for card in CARDS} <= slugs
    assert card_of("manhole") is None


@pytest.mark.parametrize(("kind", "slug"), [("fraud", "fraud"), ("fire_lane", "fire")])
def test_the_card_stands_on_the_form_the_receipt_and_the_case(town, visit, kind, slug):
    link = f'href="/pages/{slug}/"'
    form = visit(None).get("/hazards/report/").content.decode()
    assert f'data-kind="{kind}" {link}' in form
    case = report(town.six, by=town.rider, category=kind)
    assert link in visit(None).get(case.get_receipt_url()).content.decode()
    assert link in visit(town.grid_worker).get(case.get_absolute_url()).content.decode()
    other = report(town.six, by=town.rider, category="manhole")
    assert link not in visit(town.grid_worker).get(other.get_absolute_url()).content.decode()
