"""Rows that come as JSON are the rows."""

from django.db.models import OuterRef

from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardPhoto
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from tests import media
from tests.factories.hazards import advance, report, stored_photo
from yuanhang.core.gathered import Kind

STEPS = Kind(Step, "hazard", "verb", "at", "rating", "organisation", "organisation__name")


def asked(hazard, kind, rows):
    question = kind.of(rows.filter(hazard=OuterRef("pk")).order_by("id"))
    return kind.rows(Hazard.objects.filter(pk=hazard.pk).values_list(question, flat=True).get())


def test_they_have_the_values_and_what_their_keys_lead_to(town, django_assert_num_queries):
    hazard = advance(
        report(town.six, by=town.rider), "closed", reviewer=town.grid_worker, officer=town.officer
    )
    with django_assert_num_queries(1):
        found = asked(hazard, STEPS, Step.objects.all())
        units = [step.organisation and step.organisation.name for step in found]
    rows = list(Step.objects.filter(hazard=hazard).select_related("organisation").order_by("id"))
    assert found == rows
    for name in ("hazard_id", "verb", "at", "rating", "organisation_id"):
        assert [getattr(step, name) for step in found] == [getattr(step, name) for step in rows]
    assert units == [step.organisation and step.organisation.name for step in rows]
    assert town.organisation.name in units


def test_what_was_not_brought_is_asked_for(town, django_assert_num_queries):
    hazard = report(town.six)
    hazard = advance(hazard, "accepted", reviewer=town.grid_worker)
    [_first, step] = asked(hazard, STEPS, Step.objects.all())
    with django_assert_num_queries(1):
        assert step.by_role == "reviewer"


def test_names_of_files_and_json_are_as_they_were(town):
    photo = stored_photo(media.jpeg(60, 40))
    hazard = report(town.six, attachments=Attachments(photos=[photo]))
    [found] = asked(hazard, Kind(HazardPhoto, "image", "boxes", "width"), HazardPhoto.objects.all())
    stored = hazard.photos.get()
    assert (found.image.name, found.boxes, found.width) == (
        stored.image.name,
        stored.boxes,
        stored.width,
    )
