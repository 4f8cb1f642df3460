"""When it is done, its reporter is asked one thing, with two large answers."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile

from tests import media
from tests.factories.hazards import advance, report


def page_of(client, hazard):
    return client.get(hazard.get_absolute_url()).content.decode()


def test_two_answers_and_none_is_chosen_beforehand(town, visit):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    page = page_of(visit(town.rider), hazard)
    assert page.index("现在修好了吗？") < page.index("还没修好") < page.index("修好了，谢谢")
    verdict = page[page.index("verdict-title") :].partition("</section>")[0]
    assert "checked" not in verdict
    assert '<details class="verdict-no" data-verb="reopen" open' not in verdict


def test_thanks_ends_it_and_nothing_red_opens(town, visit):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    client = visit(town.rider)
    answer = client.post(f"{hazard.get_absolute_url()}rate/", {"rating": "3"}, follow=True)
    page = answer.content.decode()
    assert "谢谢你告诉我们。" in page
    assert "verdict-title" not in page
    # The way back stays, closed and quiet.
    assert "还没修好" in page
    assert "is-first" not in page
    assert not re.search(r"<details[^>]* open", page)
    hazard.refresh_from_db()
    assert hazard.rating == 3


def test_a_refused_complaint_stays_open_with_what_is_missing(town, visit):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    refused = visit(town.rider).post(f"{hazard.get_absolute_url()}reopen/", {"reason": ""})
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "写一句或说一句是怎么回事。" in page
    assert 'data-verb="reopen" open' in page


def test_a_complaint_may_be_spoken(town, visit):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    voice = SimpleUploadedFile("a.webm", media.webm(2), "audio/webm")
    sent = visit(town.rider).post(f"{hazard.get_absolute_url()}reopen/", {"voice": voice})
    assert sent.status_code == 302
    hazard.refresh_from_db()
    assert hazard.state == "accepted"
    step = hazard.steps.get(verb="reopen")
    assert step.note == "说的在语音里。"
    assert step.voices.count() == 1


def test_staff_are_not_asked(town, visit):
    hazard = advance(report(town.six, by=town.rider), "closed", reviewer=town.grid_worker)
    assert "verdict-title" not in page_of(visit(town.grid_worker), hazard)


def test_the_question_goes_by_what_the_case_is_about(town, visit):
    hazard = report(town.six, by=town.rider, category="elder")
    hazard = advance(hazard, "closed", reviewer=town.grid_worker)
    page = page_of(visit(town.rider), hazard)
    assert "现在有人管了吗？" in page
    assert "修好了，谢谢" not in page
