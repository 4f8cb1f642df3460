"""One optional tap says which standard is chosen beforehand, and no more."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hazards.cases import corrections
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.load_catalogue import FIRST_SYMPTOMS
from hazards.catalogue.models import Category, StandardCase, Symptom

URL = "/hazards/report/"


def send(client, **changes):
    fields = {"category": "manhole", "description": "井盖", "submission_key": str(uuid.uuid4())}
    return client.post(URL, fields | changes)


def test_every_kind_has_its_words_and_things_their_standard(db):
    for key, words in FIRST_SYMPTOMS.items():
        symptoms = list(Category.objects.get(key=key).symptoms.all())
        assert [one.text for one in symptoms] == [word[0] for word in words]
        is_thing = Category.objects.get(key=key).kind == "thing"
        assert all(bool(one.standard_case) is is_thing for one in symptoms), key
        assert len(symptoms) <= 4


def test_the_tap_is_kept_and_shown(town, client):
    tilted = Symptom.objects.get(category="manhole", text="翘了")
    answer = send(client, symptom=tilted.pk, grid=town.six.pk)
    hazard = Hazard.objects.get()
    assert hazard.symptom == tilted
    assert hazard.urgency == hazard.category.urgency
    assert "井盖道路 · 翘了" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("tap", ["", "x", "999999", "other's", "hidden", "9" * 30])
def test_a_tap_that_says_nothing_refuses_nothing(town, client, tap):
    if tap == "other's":
        tap = Symptom.objects.filter(category="ice").first().pk
    if tap == "hidden":
        Symptom.objects.filter(category="manhole").update(is_active=False)
        tap = Symptom.objects.filter(category="manhole").first().pk
    assert send(client, symptom=tap).status_code == 302
    assert Hazard.objects.get().symptom is None


def test_another_category_forgets_the_word_of_the_first(town, client):
    send(client, symptom=Symptom.objects.get(category="manhole", text="响").pk, grid=town.six.pk)
    hazard = Hazard.objects.get()
    ice = Category.objects.get(key="ice")
    corrections.recategorise(hazard, by=town.grid_worker, reason="是冰", category=ice)
    hazard.refresh_from_db()
    assert hazard.symptom is None


def test_a_word_that_is_deleted_leaves_its_reports(town, client):
    tap = Symptom.objects.get(category="manhole", text="响")
    send(client, symptom=tap.pk)
    tap.delete()
    assert Hazard.objects.get().symptom is None


def test_without_scripts_the_words_are_a_list_by_kind(town, client):
    page = client.get(URL).content.decode()
    listed = page[page.index("<noscript>") : page.index("</noscript>")]
    assert '<optgroup label="井盖道路">' in listed
    assert "旁边塌" in listed


def test_more_words_cost_no_more_queries(town, client):
    def count():
        with CaptureQueriesContext(connection) as caught:
            client.get(URL)
        return len(caught)

    count()  # what staff edit now and then is kept from here on
    few = count()
    case = StandardCase.objects.first()
    for n in range(20):
        Symptom.objects.create(category_id="ice", text=f"冰{n}", standard_case=case)
    assert count() == few
