"""Sentences to choose, and what the reporter would read, before anything is said."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.states import State
from hazards.catalogue.models import ReplyTemplate
from tests import media
from tests.factories.hazards import advance, fields, report, stored_photo
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


@pytest.fixture
def hazard(town):
    return report(town.six, by=town.rider, place="南六街")


def post(visit, town, hazard, slug, **data):
    return visit(town.grid_worker).post(f"{hazard.get_absolute_url()}{slug}/", data)


def test_a_chosen_sentence_is_the_reason(town, visit, hazard):
    phrase = ReplyTemplate.objects.filter(verb="reject").first().text
    assert post(visit, town, hazard, "reject", phrase=phrase).status_code == 302
    assert phrase in town.rider.notices.get().body


def test_chosen_and_written_words_stand_together(town, visit, hazard):
    phrase = ReplyTemplate.objects.filter(verb="ask_info").first().text
    post(visit, town, hazard, "ask-info", phrase=phrase, reason="最好白天拍。")
    assert f"{phrase} 最好白天拍。" in town.rider.notices.get().body


def test_a_sentence_of_another_verb_or_kind_is_not_offered(town, visit, hazard):
    ReplyTemplate.objects.create(verb="reject", category_id="ice", text="冰已经铲了。")
    ReplyTemplate.objects.create(verb="reject", category_id="manhole", text="井盖是单位自己的。")
    page = visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
    assert "井盖是单位自己的。" in page
    assert "冰已经铲了。" not in page
    response = post(visit, town, hazard, "reject", phrase="冰已经铲了。")
    assert response.status_code == 400
    assert "没有这句话" in response.content.decode()


def test_neither_chosen_nor_written_is_refused(town, visit, hazard):
    response = post(visit, town, hazard, "reject", phrase="", reason=" ")
    assert response.status_code == 400
    assert "写一句原因" in response.content.decode()


def test_the_preview_shows_the_very_words_and_leaves_nothing(town, visit, hazard, monkeypatch):
    now = timezone.now()  # a promise is to the minute, and the next one may begin in between
    monkeypatch.setattr(timezone, "now", lambda: now)
    data = fields("accept", town) | {"note": "马上过去看，先摆警示桩。"}
    before = (Notice.objects.count(), AuditEvent.objects.count(), hazard.steps.count())
    response = post(visit, town, hazard, "accept", preview="1", **data)
    page = response.content.decode()
    assert response.status_code == 200
    assert "上报人会读到" in page
    assert "前修好。网格员说：「马上过去看，先摆警示桩。」" in page
    hazard.refresh_from_db()
    assert hazard.state == State.SUBMITTED
    assert (Notice.objects.count(), AuditEvent.objects.count(), hazard.steps.count()) == before
    post(visit, town, hazard, "accept", **data)
    assert town.rider.notices.get().body in page


def test_a_preview_of_a_guests_case_says_that_only_the_receipt_tells(town, visit):
    response = post(visit, town, report(town.six), "reject", preview="1", reason="已转物业")
    assert "在回执上能看到" in response.content.decode()


def test_a_preview_too_late_says_so(town, visit, hazard):
    post(visit, town, hazard, "reject", reason="已转物业")
    response = post(visit, town, hazard, "reject", preview="1", reason="已转物业")
    assert response.status_code == 409


def test_the_same_sentence_is_kept_once(db):
    row = ReplyTemplate.objects.filter(category=None).first()
    with pytest.raises(IntegrityError, match="reply_template_once"), transaction.atomic():
        ReplyTemplate.objects.create(verb=row.verb, text=row.text)


def test_a_preview_on_a_receipt_shows_no_more_than_the_receipt(town, client):
    """The reporter's page stays the reporter's, whatever is sent with a form."""
    note = [stored_photo(media.jpeg(64, 48))]
    main = report(town.six, contact_phone="10000019999")
    other = report(town.six, attachments=Attachments(photos=note))
    cases.merge(other, by=town.grid_worker, main=main)
    response = client.post(f"{main.get_receipt_url()}withdraw/", {"preview": "1"})
    page = response.content.decode()
    assert response.status_code == 200
    assert other.number not in page
    assert f"photos/{other.photos.get().pk}/" not in page
    assert not response.context["is_staff_view"]
    main.refresh_from_db()
    assert main.state == State.SUBMITTED


def test_a_preview_that_the_workflow_refuses_is_a_clear_word_and_no_error(town, visit, hazard):
    post(visit, town, hazard, "secure")
    response = post(visit, town, hazard, "secure", preview="1")
    assert response.status_code == 409
    assert "已经围护过了" in response.content.decode()


def test_a_preview_is_offered_only_where_the_reporter_is_told(town, visit, hazard):
    escalated = advance(hazard, "escalated", reviewer=town.grid_worker)
    page = visit(town.officer).get(escalated.get_absolute_url()).content.decode()
    for move in ("dispatch", "return-case", "extend", "secure"):
        part = page[page.index(f'data-move="{move}"') :]
        part = part[: part.index("</form>")]
        assert ("先看看上报人会读到什么" in part) == (move != "return-case"), move
