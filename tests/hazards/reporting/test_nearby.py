"""Before a report is sent: who is offered what as the same case, and what choosing it does."""

import io
import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import OPEN_STATES, State
from hazards.published import public
from tests import media
from tests.factories.hazards import advance, form, into, report, stored_photo, stored_voice, upload
from tests.factories.stations import LandmarkFactory
from tests.factories.workers import UserFactory, WorkerFactory
from tests.threads import PATIENCE, at_once
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

URL, REPORT = "/hazards/nearby/", "/hazards/report/"
HERE = (46.5450, 124.9450)
AT = {"category": "manhole", "latitude": str(HERE[0]), "longitude": str(HERE[1]), "accuracy": "9"}
SECRETS = {
    "description": "张三家的车压坏的",
    "place": "张三家门口",
    "contact_name": "李四",
    "contact_phone": "10000012345",
}


def at_point(town, north_metres=0.0, **fields):
    """A report so many metres north of HERE."""
    point = geo.Point(HERE[0] + north_metres / 111_195, HERE[1], 10.0, "wgs84")
    return report(town.six, point=point, **fields)


def pictured():
    return Attachments(
        photos=[stored_photo(media.jpeg(800, 600))], voices=[stored_voice(media.wav(1.0))]
    )


def ask(client, **fields):
    """(number, metres) of what is offered; the answer is empty or a whole piece."""
    response = client.post(URL, AT | fields)
    assert response.status_code == (200 if response.content else 204)
    if not response.content:
        return []
    return [(row["number"], row["metres"]) for row in response.context["rows"]]


def piece(client, **fields):
    return client.post(URL, AT | fields).content.decode()


def send(client, **fields):
    """Send a report from HERE; the case it made, which is always one."""
    response = client.post(REPORT, AT | form(description="我也看到了") | fields)
    assert response.status_code == 302, response.context["form"].errors
    return Hazard.objects.get(receipt_token=response.url.split("/")[-2])


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
        {"place": "a\x00b"},
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


# --- pictures -------------------------------------------------------------------------------


def confirmed(town):
    """A registered worker whom staff have confirmed."""
    user = UserFactory()
    WorkerFactory(
        user=user, community=town.community, station=town.station, confirmed_at=timezone.now()
    )
    return user


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
        assert shown.size == (320, 240)
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


def test_a_guest_may_say_so_and_reads_on_at_the_receipt(client, town):
    main = at_point(town)
    mine = send(client, same_as=main.number)
    assert (mine.main, mine.reporter) == (main, None)
    page = client.get(mine.get_receipt_url()).content.decode()
    assert "每走一步都写在这个页面上" in page
    cases.fix(
        advance(main, "accepted", reviewer=town.grid_worker), by=town.grid_worker, note="换好了"
    )
    assert "换好了" in client.get(mine.get_receipt_url()).content.decode()


@pytest.mark.parametrize("choice", ["", "不是", "\x00", "YH20200101-0001", "9" * 5000])
def test_no_choice_or_a_senseless_one_is_a_report_like_any_other(client, town, choice):
    at_point(town)
    mine = send(client, same_as=choice)
    assert (mine.state, mine.main) == (State.SUBMITTED, None)
    assert "收到了，谢谢你" in client.get(mine.get_receipt_url()).content.decode()


def test_a_forged_number_attaches_to_no_case_of_the_town(client, town):
    others = [
        at_point(town, 500),
        at_point(town, 3, category="ice"),
        report(town.far),
        into(at_point(town), State.CLOSED, town),
        into(at_point(town), State.REJECTED, town),
    ]
    others.append(cases.merge(at_point(town), by=town.grid_worker, main=at_point(town)))
    for other in others:
        mine = send(client, same_as=other.number)
        assert (mine.state, mine.main) == (State.SUBMITTED, None)
        assert "staff_submit" in Notice.objects.latest("id").kind


def test_choosing_asks_for_no_less_and_no_more(client, town):
    main = at_point(town)
    response = client.post(REPORT, AT | form(same_as=main.number))
    assert response.status_code == 400
    assert "有一样就能发" in response.content.decode()
    # The plain form has the choice still.
    assert f'name="same_as" value="{main.number}"' in response.content.decode()
    assert Hazard.objects.count() == 1
    assert send(client, same_as=main.number).main == main


def test_sent_again_it_joins_once(client, town):
    main, key = at_point(town), str(uuid.uuid4())
    first = send(client, same_as=main.number, submission_key=key)
    cases.close(
        advance(main, "fixed", reviewer=town.grid_worker, officer=town.officer),
        by=town.grid_worker,
        condition_met=True,
    )
    again = send(client, same_as=main.number, submission_key=key)
    assert again == first
    assert list(first.steps.values_list("verb", flat=True)) == ["submit", "merge"]
    assert Hazard.objects.count() == 2


def test_staff_entering_a_report_merge_in_the_queue_instead(visit, town):
    main = at_point(town)
    data = AT | form(description="打电话来说的", same_as=main.number)
    assert visit(town.grid_worker).post("/hazards/new/", data).status_code == 302
    assert Hazard.objects.latest("id").main is None


# --- two at once ----------------------------------------------------------------------------

race = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@race
def test_one_report_sent_twice_at_once_joins_once(town):
    main, data = at_point(town), AT | form(description="井盖")
    data["same_as"] = main.number
    answers = at_once(lambda: Client().post(REPORT, data))
    mine = main.merged.get()
    assert [(a.status_code, a.url) for a in answers] == [(302, mine.get_receipt_url())] * 2
    assert list(mine.steps.values_list("verb", flat=True)) == ["submit", "merge"]


def while_it_ends(town, main, end):
    """Send a report that joins `main` while somebody ends that case, before they commit."""
    locked = threading.Event()
    turns = iter(["reviewer", "reporter"])

    def reviewer():
        with transaction.atomic():
            end(main)
            locked.set()
            time.sleep(0.7)

    def reporter():
        assert locked.wait(timeout=PATIENCE)
        return Client().post(REPORT, AT | form(description="井盖", same_as=main.number))

    found = at_once(lambda: {"reviewer": reviewer, "reporter": reporter}[next(turns)]())
    return next(answer for answer in found if answer is not None)


def closing(town):
    def end(main):
        cases.close(main, by=town.grid_worker, condition_met=True)

    return end


def merging(town):
    other = at_point(town, 5)

    def end(main):
        cases.merge(main, by=town.grid_worker, main=other)

    return end


@race
@pytest.mark.parametrize(("ending", "state"), [(closing, "fixed"), (merging, "submitted")])
def test_a_case_that_ends_meanwhile_takes_nothing_and_the_report_goes_in(town, ending, state):
    main, end = into(at_point(town), state, town), ending(town)
    answer = while_it_ends(town, main, end)
    assert answer.status_code == 302
    mine = Hazard.objects.get(description="井盖")
    assert (mine.state, mine.main) == (State.SUBMITTED, None)
    main.refresh_from_db()
    assert not main.is_open


@race
def test_without_the_lock_that_report_would_be_refused(town, monkeypatch):
    monkeypatch.setattr(cases, "_held_open", lambda case: case)
    answer = while_it_ends(town, into(at_point(town), "fixed", town), closing(town))
    assert answer.status_code == 409
    assert not Hazard.objects.filter(description="井盖").exists()


@race
def test_whoever_joins_while_it_is_closed_learns_the_end_or_stands_alone(town):
    """Nobody is left behind: merged before the close and told of it, or a case of their own."""
    for _ in range(3):
        main, rider = into(at_point(town), "fixed", town), UserFactory()
        sender = Client()
        sender.force_login(rider)
        acts = iter(
            [
                lambda main=main: cases.close(main, by=town.grid_worker, condition_met=True),
                lambda main=main, sender=sender: sender.post(
                    REPORT, AT | form(description="井盖", same_as=main.number)
                ),
            ]
        )
        found = at_once(lambda acts=acts: next(acts)())
        assert not [answer for answer in found if isinstance(answer, Exception)]
        mine = Hazard.objects.get(reporter=rider)
        ends = rider.notices.filter(kind="hazards.close").count()
        assert (mine.state, ends) in {(State.MERGED, 1), (State.SUBMITTED, 0)}
        Hazard.objects.filter(pk=mine.pk).exclude(state=State.MERGED).update(state=State.WITHDRAWN)


def test_the_workflow_alone_refuses_to_follow_what_is_over(town):
    """The verb itself stays strict; only the report is never lost."""
    over = into(at_point(town), State.CLOSED, town)
    with pytest.raises(NotAllowedNowError):
        cases.merge(at_point(town), by=None, role="reporter", main=over)
    mine = report(town.six, same_as=over)
    assert mine.state == State.SUBMITTED
    assert Step.objects.filter(hazard=mine).count() == 1


# --- how much it asks the database ----------------------------------------------------------


@pytest.mark.parametrize(("who", "expected"), [(None, 15), ("confirmed", 6)])
def test_the_database_is_asked_as_often_for_one_as_for_many(visit, town, who, expected):
    town.confirmed = confirmed(town)

    def count():
        client = visit(getattr(town, who) if who else None)
        with CaptureQueriesContext(connection) as caught:
            assert client.post(URL, AT).status_code == 200
        return len(caught)

    at_point(town, attachments=pictured())
    few = count()
    for _ in range(8):
        at_point(town, 4, attachments=pictured())
    assert (few, count()) == (expected, expected)
