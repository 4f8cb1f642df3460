"""What a guest keeps of a report: the fresh receipt, additions, and the way into an account."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests import media
from tests.factories.hazards import into, report, stored_photo, upload
from yuanhang.core import geo
from yuanhang.core.models import AuditEvent

HERE = geo.Point(46.5450, 124.9450, 10.0, "wgs84")


def test_the_fresh_receipt_shows_what_was_sent(town, client):
    pictures = Attachments(photos=[stored_photo(media.jpeg(60, 40))])
    hazard = report(town.six, place="南六街", point=HERE, attachments=pictures)
    page = client.get(hazard.get_receipt_url()).content.decode()
    for shown in ("井盖道路", "南六街", 'class="place-drawing"', "现场照片 1"):
        assert shown in page
    # Taking it back is the last thing on the page.
    assert page.rindex("再补一点") < page.rindex("现场照片 1") < page.rindex("撤回")


def test_a_guest_adds_to_it_until_somebody_takes_it_on(town, client):
    hazard = report(town.six, place="不知道哪")
    url = f"{hazard.get_receipt_url()}supplement/"
    sent = {
        "note": "还有一个坑",
        "place": "南六街与外环路口",
        "grid": town.one.pk,
        "photos": upload(media.jpeg(60, 40)),
        "voice": upload(media.ogg(1.0), "a.ogg", "audio/ogg"),
    }
    assert client.post(url, sent).status_code == 302
    hazard.refresh_from_db()
    assert (hazard.place, hazard.grid, hazard.state) == (
        "南六街与外环路口",
        town.one,
        State.SUBMITTED,
    )
    assert (hazard.photos.count(), hazard.voices.count()) == (1, 1)
    assert town.other_grid_worker.notices.latest("id").kind == "hazards.staff_supplement"
    assert not town.grid_worker.notices.unread().exists()
    into(hazard, "accepted", town)
    assert client.post(url, {"note": "又一个"}).status_code == 409


def test_nothing_added_is_said_so(town, client):
    hazard = report(town.six)
    response = client.post(f"{hazard.get_receipt_url()}supplement/", {})
    assert response.status_code == 409
    assert "不能什么都没有" in response.content.decode()


def test_the_question_is_the_headline_and_the_label_of_the_answer(town, client, visit):
    hazard = report(town.six, by=town.rider)
    cases.ask_info(hazard, by=town.grid_worker, reason="路口东边还是西边？")
    for page in (
        client.get(hazard.get_receipt_url()),
        visit(town.rider).get(hazard.get_absolute_url()),
    ):
        text = page.content.decode()
        headline = text[text.index("<h1>") : text.index("</h1>")]
        assert '<span class="sentence">路口东边还是西边？</span>' in headline
        assert text.count("<h1") == 1
        (form,) = [move.form for move in page.context["moves"] if move.verb == "supply_info"]
        assert form.fields["note"].label == "路口东边还是西边？"
        assert text.index("<h1>") < text.index("supply-info/") < text.index("经过")


def test_a_report_without_a_grid_is_with_the_community(town, client):
    nowhere = report(None, community=town.community)
    page = client.get(nowhere.get_receipt_url()).content.decode()
    assert f"已送到{town.community}" in page
    assert "网格员手里" not in page
    held = report(town.six)
    assert "已送到第六网格员" in client.get(held.get_receipt_url()).content.decode()
    town.grid_worker.postings.all().delete()
    assert f"已送到{town.community}" in client.get(held.get_receipt_url()).content.decode()


@pytest.mark.parametrize("field", ["secure_due_at", "fix_due_at"])
def test_a_broken_promise_is_shown_to_its_reporter_with_who_has_it(town, client, field):
    hazard = into(report(town.six), "dispatched", town)
    late = timezone.now() - timedelta(hours=3, minutes=5)
    Hazard.objects.filter(pk=hazard.pk).update(**{field: late})
    page = client.get(hazard.get_receipt_url()).content.decode()
    assert page.count("▲ 超 3 小时") == 1
    assert f"现在在{town.organisation}手里" in page


def test_a_logged_in_person_puts_a_receipt_under_their_name(town, visit):
    hazard, other = report(town.six), report(town.six, by=town.stranger)
    mine = visit(town.rider)
    button = "记到我名下</button>"
    assert button in mine.get(hazard.get_receipt_url()).content.decode()
    assert button not in Client().get(hazard.get_receipt_url()).content.decode()
    tokens = {"token": [hazard.receipt_token, other.receipt_token, "nonsense", "\0"]}
    response = mine.post("/hazards/receipts/claim/", tokens, follow=True)
    assert "1 件记到你名下了。" in response.content.decode()
    # The phone forgets them now, and not before.
    assert f'data-tokens="{hazard.receipt_token}"' in response.content.decode()
    assert 'id="receipts-claimed"' not in mine.get("/hazards/mine/").content.decode()
    hazard.refresh_from_db()
    other.refresh_from_db()
    assert (hazard.reporter, other.reporter) == (town.rider, town.stranger)
    assert AuditEvent.objects.filter(kind="hazards.claim").count() == 1
    assert button not in mine.get(hazard.get_receipt_url()).content.decode()
    # Whoever sends it twice is told that it is theirs, and the phone forgets it all the same.
    again = mine.post("/hazards/receipts/claim/", tokens, follow=True).content.decode()
    assert "没有要记的" in again
    assert f'data-tokens="{hazard.receipt_token}"' in again
    assert 'id="receipts-claimed"' not in mine.get("/hazards/mine/?claimed=1").content.decode()
