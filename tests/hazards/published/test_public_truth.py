"""The public page of what was fixed says nothing that a later or an earlier report contradicts."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.published import public
from hazards.sightings import sightings
from tests import media
from tests.factories.hazards import advance, report, stored_photo
from tests.factories.workers import WorkerFactory
from tests.hazards.published.public_help import PAGE
from yuanhang.core.words import ago


def photos():
    return Attachments(photos=[stored_photo(media.jpeg(64, 48))])


def reported(town, hours_ago, **fields):
    """A report that was made so many hours ago."""
    hazard = report(town.six, submission_key=uuid.uuid4(), **fields)
    at = timezone.now() - timedelta(hours=hours_ago)
    Hazard.objects.filter(pk=hazard.pk).update(submitted_at=at)
    Step.objects.filter(hazard=hazard).update(at=at)
    hazard.refresh_from_db()
    return hazard


def fixed(hazard, town):
    hazard = advance(hazard, "accepted", reviewer=town.grid_worker)
    return cases.fix(hazard, by=town.grid_worker, attachments=photos())


def closed(hazard, town):
    return cases.close(hazard, by=town.grid_worker, condition_met=True)


def everything_public(hazard, town):
    for photo in hazard.photos.all():
        public.publish(photo, by=town.grid_worker, boxes=[])


def the_case(client):
    (case,) = client.get(PAGE).context["cases"]
    return case


def captions(client):
    return [str(words) for _pk, words in the_case(client)["pictures"]]


def test_before_and_after_stand_beside_each_other(town, client):
    hazard = closed(fixed(reported(town, 5, attachments=photos()), town), town)
    everything_public(hazard, town)
    assert captions(client) == ["之前", "修好后"]
    page = client.get(PAGE).content.decode()
    assert ['alt="照片：修前"' in page, 'alt="照片：修好"' in page] == [True, True]
    assert "<strong>5 小时</strong>" in page


def test_a_report_made_after_the_repair_is_no_before(town, client):
    hazard = fixed(reported(town, 5, attachments=photos()), town)
    later = report(town.six, submission_key=uuid.uuid4(), attachments=photos())
    cases.merge(later, by=town.grid_worker, main=hazard)
    # It speaks for 还在 while somebody has yet to look, and takes nothing from the time it took.
    assert sightings.tally(hazard) == {"still": 1, "gone": 0}
    hazard = closed(hazard, town)
    everything_public(hazard, town)
    assert captions(client) == ["之前", "说修好时"]
    page = client.get(PAGE).content.decode()
    assert "<strong>5 小时</strong>" in page
    # What does not hold is no pair, and says so.
    assert client.get(PAGE).context["wall"] == []
    assert ["照片：修前" in page, "照片：说修好时" in page, "照片：修好" in page] == [
        True,
        True,
        False,
    ]


def test_a_report_made_before_the_repair_is_nobodys_still_there(town):
    hazard = reported(town, 5)
    cases.merge(reported(town, 4), by=town.grid_worker, main=hazard)
    hazard = fixed(hazard, town)
    assert sightings.tally(hazard) == {"still": 0, "gone": 0}


def test_whoever_reports_after_the_repair_and_says_it_is_gone_counts_once(town):
    hazard = fixed(reported(town, 5), town)
    passer = WorkerFactory(community=town.community).user
    later = report(town.six, by=passer, submission_key=uuid.uuid4())
    cases.merge(later, by=town.grid_worker, main=hazard)
    assert sightings.tally(hazard) == {"still": 1, "gone": 0}
    sightings.create(hazard, by=passer, says="gone")
    assert sightings.tally(hazard) == {"still": 0, "gone": 1}


def test_a_repair_that_did_not_hold_is_not_shown_as_after(town, client):
    hazard = closed(fixed(reported(town, 5, attachments=photos()), town), town)
    hazard = cases.reopen(hazard, by=town.grid_worker, reason="又塌了")
    hazard = cases.fix(hazard, by=town.grid_worker, attachments=photos())
    everything_public(closed(hazard, town), town)
    assert captions(client) == ["之前", "说修好时", "修好后"]


def test_a_picture_taken_since_is_none_of_before(town, client, visit):
    hazard = fixed(reported(town, 5, attachments=photos()), town)
    hazard = cases.secure(hazard, by=town.grid_worker, attachments=photos())
    hazard = closed(hazard, town)
    everything_public(hazard, town)
    assert captions(client) == ["之前", "说修好时", "修好后又拍的"]
    assert len(the_case(client)["before"]) == 1


@pytest.mark.parametrize(("main_hours", "merged_hours"), [(2, 50), (50, 2)])
def test_the_time_it_took_counts_from_the_first_report(town, client, main_hours, merged_hours):
    main, other = reported(town, main_hours), reported(town, merged_hours)
    cases.merge(other, by=town.grid_worker, main=main)
    closed(fixed(main, town), town)
    assert the_case(client)["seconds"] == pytest.approx(50 * 3600, abs=60)
    page = client.get(PAGE).content.decode()
    assert "<strong>2 天</strong>" in page
    assert "50 小时" not in page


def test_passers_by_read_when_the_place_was_first_reported(town, visit):
    main, other = reported(town, 2), reported(town, 26)
    cases.merge(other, by=town.grid_worker, main=main)
    passer = WorkerFactory(community=town.community).user
    page = visit(passer).get("/hazards/around/").content.decode()
    assert f"{ago(other.submitted_at)}报的" in page
    assert f"{ago(main.submitted_at)}报的" not in page
