"""Before a report is sent: who is offered what as the same case, and what choosing it does."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import OPEN_STATES, State
from hazards.published import public
from tests import media
from tests.factories.hazards import advance, into, report, stored_photo, upload
from tests.factories.stations import LandmarkFactory
from tests.factories.workers import UserFactory
from tests.hazards.reporting.nearby_help import (
    AT,
    HERE,
    URL,
    at_point,
    confirmed,
    pictured,
    send,
)
from yuanhang.core.models import AuditEvent

SECRETS = {
    "description": "张三家的车压坏的",
    "place": "张三家门口",
    "contact_name": "李四",
    "contact_phone": "10000012345",
}


def ask(client, **fields):
    """(number, metres) of what is offered; the answer is empty or a whole piece."""
    response = client.post(URL, AT | fields)
    assert response.status_code == (200 if response.content else 204)
    if not response.content:
        return []
    return [(row["number"], row["metres"]) for row in response.context["rows"]]


def piece(client, **fields):
    return client.post(URL, AT | fields).content.decode()


# --- what is offered ------------------------------------------------------------------------


def test_same_kind_within_fifty_metres_is_offered_nearest_first(client, town):
    at_point(town, 51)
    edge, near = at_point(town, 49.9), at_point(town, 21)
    at_point(town, 3, category="ice")
    assert ask(client) == [(near.number, 20), (edge.number, 50)]
    page = piece(client)
    assert "约 20 米" in page
    assert "第六网格" in page
    assert "待受理" in page


def test_how_near_is_told_in_tens_of_metres_only(client, town):
    hazard = at_point(town, 1)
    assert ask(client) == [(hazard.number, 10)]


def test_seven_days_and_not_a_minute_longer(client, town):
    hazard = at_point(town)
    rows = Hazard.objects.filter(pk=hazard.pk)
    rows.update(submitted_at=timezone.now() - timedelta(days=7) + timedelta(minutes=1))
    assert ask(client) == [(hazard.number, 10)]
    rows.update(submitted_at=timezone.now() - timedelta(days=7, minutes=1))
    assert ask(client) == []


@pytest.mark.parametrize("state", [state.value for state in State])
def test_only_what_is_still_open_is_offered(client, town, state):
    hazard = into(at_point(town), state, town)
    assert ask(client) == ([(hazard.number, 10)] if state in OPEN_STATES else [])


@pytest.mark.parametrize("category", ["elder", "fraud"])
def test_what_is_about_people_is_offered_to_nobody(visit, town, category):
    hazard = at_point(town, category=category, by=town.rider)
    for user in (None, town.rider, town.grid_worker):
        assert ask(visit(user), category=category) == []
    sent = send(visit(None), category=category, same_as=hazard.number)
    assert (sent.state, sent.main) == (State.SUBMITTED, None)


def test_without_a_point_the_same_landmark_stands_for_it(client, town):
    LandmarkFactory(community=town.community, name="外环路公交站", latitude=None, longitude=None)
    hazard = report(town.six, place="外环路公交站")
    report(town.six, place="南六街公交站")
    nowhere = {"latitude": "", "longitude": "", "accuracy": ""}
    assert ask(client, **nowhere, place="外环路公交站") == [(hazard.number, None)]
    page = piece(client, **nowhere, place="外环路公交站")
    assert "外环路公交站" in page
    assert "米" not in page
    assert ask(client, **nowhere, place="南六街公交站") == []


def test_words_of_their_own_tell_nobody_who_wrote_the_same(client, town):
    hazard = report(town.six, place="六栋二单元张三家门口")
    fields = {"latitude": "", "longitude": "", "accuracy": "", "place": hazard.place}
    assert ask(client, **fields) == []
    assert ask(client, **fields, grid=town.six.pk) == []


def test_a_landmark_with_a_point_counts_as_that_point(client, town):
    LandmarkFactory(community=town.community, name="大集东口", latitude=HERE[0], longitude=HERE[1])
    hazard = at_point(town, 30)
    fields = {"latitude": "", "longitude": "", "accuracy": "", "place": "大集东口"}
    assert ask(client, **fields) == [(hazard.number, 30)]


@pytest.mark.parametrize(
    "fields",
    [
        {"category": ""},
        {"category": "no-such-kind"},
        {"latitude": "", "longitude": ""},
        {"latitude": "north"},
        {"latitude": "45.803", "longitude": "126.535"},  # another city
        {"place": "很" * 200},
        {"grid": "x"},
    ],
)
def test_what_is_not_enough_or_not_right_answers_nothing(client, town, fields):
    at_point(town)
    assert ask(client, **fields) == []


def test_positions_go_in_the_body_and_need_the_pages_token(town):
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(URL, AT).status_code == 405
    assert strict.post(URL, AT).status_code == 403
    assert not Hazard.objects.exists()


def test_asking_too_often_is_refused_without_a_word(client, town, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"nearby": "2/h/ip"}
    at_point(town)
    answers = [client.post(URL, AT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].content == b""


@pytest.mark.parametrize("who", ["guest", "stranger", "confirmed", "grid_worker"])
def test_no_words_name_or_voice_of_a_reporter_are_in_it(visit, town, who):
    at_point(town, 3, by=UserFactory(display_name="王五"), attachments=pictured(), **SECRETS)
    town.confirmed = confirmed(town)
    page = piece(visit(getattr(town, who, None)))
    assert "就是这一件" in page
    for secret in [*SECRETS.values(), "王五", "voices", "audio", "receipt", str(HERE[0])]:
        assert secret not in page


def look(client, photo):
    """The thumbnail, or None where it is not there; it is never for a shared cache."""
    response = client.get(f"{URL}photos/{photo.pk}/")
    if response.status_code == 404:
        return None
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    return Image.open(io.BytesIO(response.getvalue()))


def test_a_picture_is_for_confirmed_workers_until_it_is_public(visit, town):
    hazard = at_point(town, attachments=pictured())
    photo, link = hazard.photos.get(), f"{URL}photos/{hazard.photos.get().pk}/"
    strangers = [None, town.stranger, town.rider, town.grid_worker, town.admin]  # rider: waiting
    for user in strangers:
        assert look(visit(user), photo) is None
        assert link not in piece(visit(user))
    worker = confirmed(town)
    assert look(visit(worker), photo).size == (320, 240)
    assert link in piece(visit(worker))

    public.publish(photo, by=town.grid_worker, boxes=[[0, 0, 1, 1]])
    for user in [*strangers, worker]:
        shown = look(visit(user), photo)
        assert shown.size == (480, 360)
        # Everybody gets the covered copy.
        assert max(shown.convert("L").tobytes()) < 60
        assert link in piece(visit(user))


def test_a_repair_and_old_closed_or_personal_cases_show_no_picture(visit, town):
    client = visit(confirmed(town))
    over = at_point(town, attachments=pictured())
    cases.reject(over, by=town.grid_worker, reason="没有")
    old = at_point(town, attachments=pictured())
    Hazard.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=8))
    person = at_point(town, attachments=pictured(), category="elder")
    mended = advance(at_point(town), "dispatched", reviewer=town.grid_worker, officer=town.officer)
    repair = Attachments(photos=[stored_photo(media.jpeg(60, 40))])
    cases.fix(mended, by=town.officer, role="centre", attachments=repair)
    for hazard in (over, old, person, mended):
        assert look(client, hazard.photos.get()) is None
    assert (mended.number, 10) in ask(client)
    assert "photos/" not in piece(client)


# --- choosing one ---------------------------------------------------------------------------


def test_this_is_the_one_joins_and_the_reporter_follows(visit, town):
    main = at_point(town, 20, by=UserFactory())
    photo = upload(media.jpeg())
    mine = send(visit(town.rider), same_as=main.number, photos=photo)
    assert (mine.state, mine.main, mine.reporter) == (State.MERGED, main, town.rider)
    assert list(mine.steps.values_list("verb", "by_role")) == [
        ("submit", "reporter"),
        ("merge", "reporter"),
    ]
    kinds = AuditEvent.objects.filter(target_id=str(mine.pk)).values_list("kind", flat=True)
    assert list(kinds.order_by("id")) == ["hazards.submit", "hazards.merge"]
    # The reviewer hears of the one case and sees both pictures there.
    told = list(town.grid_worker.notices.order_by("id").values_list("kind", "url"))
    assert told == [
        ("hazards.staff_submit", main.get_absolute_url()),
        ("hazards.staff_merge", main.get_absolute_url()),
    ]
    page = visit(town.grid_worker).get(main.get_absolute_url()).content.decode()
    assert f"photos/{mine.photos.get().pk}/" in page
    page = visit(town.rider).get(mine.get_receipt_url()).content.decode()
    assert "收到了，谢谢你" in page
    assert "已并到一起。每走一步都会告诉你。" in page
    advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    last = town.rider.notices.order_by("id").last()
    assert (last.kind, last.url) == ("hazards.close", mine.get_absolute_url())
