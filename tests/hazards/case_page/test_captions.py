"""What stands on the pictures of a case: 修好后 only while nothing speaks against it."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from tests import media
from tests.factories.hazards import advance, report, stored_photo

HOUR = timedelta(hours=1)


def photos():
    return Attachments(photos=[stored_photo(media.jpeg(64, 48))])


def pictured(town, **fields):
    """A report of the rider's with a picture, three hours old."""
    hazard = report(town.six, by=town.rider, attachments=photos(), **fields)
    return back_by(hazard, 3)


def back_by(hazard, hours):
    """The case as if everything about it had happened so much earlier."""
    earlier = timezone.now() - hours * HOUR
    Step.objects.filter(hazard=hazard).update(at=earlier)
    Hazard.objects.filter(pk=hazard.pk).update(submitted_at=earlier)
    hazard.refresh_from_db()
    return hazard


def repaired(hazard, town):
    """Accepted and repaired, with a picture of the repair."""
    hazard = advance(hazard, "accepted", reviewer=town.grid_worker)
    return cases.fix(hazard, by=town.grid_worker, attachments=photos())


def words_on(response):
    context = response.context
    return [str(photo.words) for photo in (*context["before"], *context["after"])]


def seen_by(visit, user, hazard):
    return words_on(visit(user).get(hazard.get_absolute_url()))


def test_a_repair_that_nothing_speaks_against_is_after(town, visit):
    hazard = repaired(pictured(town), town)
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "修好后"]
    hazard = cases.close(hazard, by=town.grid_worker, condition_met=True)
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "修好后"]
    assert words_on(visit(None).get(hazard.get_receipt_url())) == ["你拍的", "修好后"]


@pytest.mark.parametrize("with_picture", [True, False])
def test_a_report_made_since_takes_the_word_away_for_everybody(town, visit, with_picture):
    hazard = repaired(pictured(town), town)
    fields = {"attachments": photos()} if with_picture else {}
    later = report(town.six, by=town.stranger, submission_key=uuid.uuid4(), **fields)
    later = cases.merge(later, by=town.grid_worker, main=hazard)
    since = ["修好后又拍的"] if with_picture else []
    assert seen_by(visit, town.grid_worker, hazard) == ["现场", *since, "说修好时"]
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "说修好时"]
    # The later report's own page shows the repair beside what was reported since.
    assert seen_by(visit, town.stranger, later) == [*since, "说修好时"]
    assert words_on(visit(None).get(later.get_receipt_url())) == [*since, "说修好时"]


def test_whoever_reported_before_is_told_of_a_report_made_since(town, visit):
    first = pictured(town)
    follower = report(town.six, by=town.stranger, submission_key=uuid.uuid4())
    follower = cases.merge(back_by(follower, 2), by=town.grid_worker, main=first)
    hazard = repaired(first, town)
    assert seen_by(visit, town.stranger, follower) == ["修好后"]
    later = report(town.six, submission_key=uuid.uuid4())
    cases.merge(later, by=town.grid_worker, main=hazard)
    assert seen_by(visit, town.stranger, follower) == ["说修好时"]


@pytest.mark.parametrize("verb", ["redo", "reopen"])
def test_a_repair_that_did_not_hold_is_after_nothing(town, visit, verb):
    hazard = repaired(pictured(town), town)
    if verb == "reopen":
        hazard = cases.close(hazard, by=town.grid_worker, condition_met=True)
        hazard = cases.reopen(hazard, by=town.rider, reason="又塌了")
    else:
        hazard = cases.redo(hazard, by=town.grid_worker, reason="还是塌的")
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "说修好时"]
    hazard = cases.fix(hazard, by=town.grid_worker, attachments=photos())
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "说修好时", "修好后"]


def test_what_the_grid_worker_pictured_is_not_the_reporters(town, visit):
    hazard = advance(pictured(town), "accepted", reviewer=town.grid_worker)
    hazard = cases.secure(hazard, by=town.grid_worker, attachments=photos())
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "现场"]
    assert seen_by(visit, town.grid_worker, hazard) == ["现场", "现场"]


def test_a_picture_of_a_conversation_is_never_mended(town, visit):
    hazard = pictured(town, category="elder")
    hazard = cases.accept(hazard, by=town.grid_worker, urgency=2)
    hazard = cases.fix(hazard, by=town.grid_worker, attachments=photos())
    assert seen_by(visit, town.rider, hazard) == ["你拍的", "处理后"]
