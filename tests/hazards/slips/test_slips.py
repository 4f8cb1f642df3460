"""接力单: a link and a code for a foreman without an account."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from hazards.published import public
from hazards.slips import keys, slips
from hazards.slips.models import Slip
from tests import media
from tests.factories.hazards import into, report, stored_photo, upload
from tests.factories.stations import OrganisationFactory
from tests.threads import at_once, together
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

WORDS = "我每天送完第三单路过这里"


@pytest.fixture
def case(town):
    """A dispatched case of the rider's, with a photo nobody released."""
    hazard = report(
        town.six,
        by=town.rider,
        place="南六街与外环路口",
        description=WORDS,
        attachments=Attachments(photos=[stored_photo(media.jpeg(64, 48))]),
    )
    hazard = into(hazard, State.ESCALATED, town)
    return cases.dispatch(
        hazard,
        by=town.officer,
        organisation=town.organisation,
        outside_number="SZ-7",
        note="翘起来的那块换新的。",
    )


@pytest.fixture
def slip(case):
    cache.clear()
    return slips.live_slip(case)


def opened(slip):
    """A phone on which the right code was said."""
    phone = Client()
    phone.get(slip.get_absolute_url())
    answer = phone.post(slip.get_absolute_url(), {"code": slip.code})
    assert answer.status_code == 302
    return phone


def press(phone, slip, slug, **data):
    return phone.post(f"{slip.get_absolute_url()}{slug}/", data)


def text(response):
    return response.content.decode()


# --- the link and the code ------------------------------------------------------------------


def test_neither_key_nor_code_lies_in_the_database(slip):
    row = Slip.objects.filter(pk=slip.pk).values().get()
    assert len(slip.key) == 32
    assert slip.key not in str(row)
    assert slip.code not in str(row)
    assert keys.digest(slip.key) == row["key_digest"]


def test_looking_spends_nothing_and_shows_nothing(slip, case):
    phone = Client()
    for method in (phone.get, phone.get, phone.get, phone.head):
        page = method(slip.get_absolute_url())
        assert page.status_code == 200
        assert case.number not in text(page)
    assert opened(slip).get(slip.get_absolute_url()).status_code == 200


def test_what_the_foreman_reads_and_what_not(slip, case, town):
    page = text(opened(slip).get(slip.get_absolute_url()))
    for word in ("井盖道路", "南六街与外环路口", "翘起来的那块换新的。", "SZ-7", "2 紧急工作时"):
        assert word in page
    assert WORDS not in page
    assert town.rider.display_name not in page
    assert "<img" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.S)


def test_a_photo_goes_out_covered_or_not_at_all(slip, case, town, settings):
    phone, photo = opened(slip), case.photos.get()
    url = reverse("slips:photo", args=[slip.key, photo.pk])
    assert phone.get(url).status_code == 404
    public.publish(photo, by=town.grid_worker, boxes=[[0, 0, 50, 50]])
    sent = phone.get(url)
    assert sent.status_code == 200
    assert sent.getvalue().startswith(b"\xff\xd8")
    assert Client().get(url).status_code == 404  # without the code
    assert url in text(phone.get(slip.get_absolute_url()))


def test_five_wrong_codes_pause_that_phone_and_no_other(slip):
    guesser = Client()
    guesser.get(slip.get_absolute_url())
    wrong = f"{(int(slip.code) + 1) % 10**6:06d}"
    answers = [guesser.post(slip.get_absolute_url(), {"code": wrong}) for _n in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    # The right one does not help there now, and does on the foreman's phone.
    assert guesser.post(slip.get_absolute_url(), {"code": slip.code}).status_code == 429
    assert opened(slip).get(slip.get_absolute_url()).status_code == 200


def test_right_codes_are_not_counted(slip):
    phone = opened(slip)
    for _n in range(7):
        assert phone.post(slip.get_absolute_url(), {"code": slip.code}).status_code == 302


@pytest.mark.parametrize("typed", ["{0} {1}", "{0}-{1}", " {0}{1} "])
def test_a_code_is_taken_however_it_is_spaced(slip, typed):
    phone = Client()
    code = typed.format(slip.code[:3], slip.code[3:])
    assert phone.post(slip.get_absolute_url(), {"code": code}).status_code == 302


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\x00", "１２３４５"])
def test_what_is_no_code_is_said_and_is_no_guess(slip, typed):
    phone = Client()
    for _n in range(7):
        assert phone.post(slip.get_absolute_url(), {"code": typed}).status_code == 400


def test_another_code_shuts_out_who_came_by_the_old_one(slip, case, town, visit):
    phone, old = opened(slip), slip.code
    visit(town.officer).post(reverse("hazards:slip-manage", args=[case.number, "code"]))
    slip.refresh_from_db()
    assert slip.code != old
    assert case.number not in text(phone.get(slip.get_absolute_url()))
    assert press(phone, slip, "arrive").status_code == 302
    assert not case.steps.filter(verb="arrive").exists()
    assert opened(slip).get(slip.get_absolute_url()).status_code == 200


@pytest.mark.django_db
def test_a_link_nobody_has_is_not_there():
    assert Client().get(reverse("slips:slip", args=["A" * 22])).status_code == 404


# --- who sees it on the case page -----------------------------------------------------------


def test_the_code_stands_on_the_officers_page_alone(slip, case, town, visit):
    assert slip.code_words in text(visit(town.officer).get(case.get_absolute_url()))
    for person in (town.grid_worker, town.staff, town.rider):
        answer = visit(person).get(case.get_absolute_url())
        assert slip.code_words not in text(answer)
        assert slip.key not in text(answer)
    sheet = text(visit(town.officer).get(f"{case.get_absolute_url()}handover/"))
    assert slip.link in sheet
    assert slip.code not in sheet
    assert slip.code_words not in sheet
    assert visit(town.officer).get(reverse("hazards:handover-code", args=[case.number])).content


def test_stopped_it_is_gone_and_a_new_one_has_another_key(slip, case, town, visit):
    phone = opened(slip)
    manage = visit(town.officer)
    manage.post(reverse("hazards:slip-manage", args=[case.number, "stop"]))
    assert phone.get(slip.get_absolute_url()).status_code == 410
    assert press(phone, slip, "fix").status_code == 302
    assert "停用" in text(manage.get(case.get_absolute_url()))
    manage.post(reverse("hazards:slip-manage", args=[case.number, "new"]))
    fresh = slips.live_slip(case)
    assert fresh.key != slip.key
    case.refresh_from_db()
    assert case.state == State.DISPATCHED
    kinds = AuditEvent.objects.filter(kind__contains="slip").values_list("kind", flat=True)
    assert set(kinds) == {"hazards.stop_slip", "hazards.issue_slip"}


def test_the_sites_other_secret_leaves_the_link_and_asks_for_a_new_one(
    slip, case, town, visit, settings
):
    url = slip.get_absolute_url()
    settings.SECRET_KEY = "another secret of the site, long enough to be one, 0123456789"
    assert Client().get(url).status_code == 200
    assert slips.live_slip(case).key == ""
    visitor = Client()
    visitor.force_login(town.officer)
    assert "密钥换过" in text(visitor.get(case.get_absolute_url()))


# --- what the foreman does ------------------------------------------------------------------


def test_the_whole_way_without_an_account(slip, case, town):
    phone = opened(slip)
    for slug in ("arrive", "secure", "fix"):
        files = {"photos": upload(media.jpeg(64, 48))} if slug == "fix" else {}
        assert press(phone, slip, slug, **files).status_code == 302
    case.refresh_from_db()
    assert case.state == State.FIXED
    steps = list(case.steps.filter(by_role="unit").order_by("id"))
    assert [step.verb for step in steps] == ["arrive", "secure", "fix"]
    assert {(step.by_id, step.organisation_id) for step in steps} == {(None, town.organisation.pk)}
    # Private until a reviewer covers it.
    assert not case.photos.get(is_repair=True).is_public
    told = set(town.officer.notices.values_list("kind", flat=True))
    assert told >= {"hazards.staff_arrive", "hazards.staff_secure", "hazards.staff_fix"}
    assert "等网格员去看一眼" in text(phone.get(slip.get_absolute_url()))
    events = AuditEvent.objects.filter(actor_role="unit", actor_id=None)
    assert events.count() == 3


def test_a_repair_that_did_not_hold_comes_back_to_the_same_slip(slip, case, town):
    phone = opened(slip)
    press(phone, slip, "fix")
    case.refresh_from_db()
    cases.redo(case, by=town.grid_worker, reason="还在晃")
    page = text(phone.get(slip.get_absolute_url()))
    assert "还在晃" in page
    assert press(phone, slip, "fix").status_code == 302


def test_not_ours_goes_back_to_the_centre_and_ends_the_slip(slip, case, town):
    phone = opened(slip)
    assert press(phone, slip, "refuse", reason="").status_code == 400
    assert press(phone, slip, "refuse", reason="这是热力井", whose="热力公司").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.organisation) == (State.ESCALATED, None)
    note = case.steps.get(verb="refuse").note
    assert "这是热力井" in note
    assert "归热力公司管。" in note
    assert phone.get(slip.get_absolute_url()).status_code == 410
    assert str(town.organisation) in town.officer.notices.get(kind="hazards.staff_refuse").title


def test_more_time_is_asked_once_and_moves_nothing_before_the_centre_agrees(slip, case, town):
    phone, due = opened(slip), case.fix_due_at
    day = timezone.localdate() + timedelta(days=3)
    for _n in range(2):
        press(phone, slip, "ask-time", until=day.isoformat(), reason="等井盖到货")
    case.refresh_from_db()
    assert case.fix_due_at == due
    assert case.steps.filter(verb="ask_time").count() == 1
    page = text(phone.get(slip.get_absolute_url()))
    assert "街道还没答复" in page
    cases.extend(case, by=town.officer, reason="等货")
    case.refresh_from_db()
    assert case.fix_due_at > due
    assert "街道还没答复" not in text(phone.get(slip.get_absolute_url()))


def test_a_no_is_read_on_the_slip_and_asks_for_a_request(slip, case, town, visit):
    officer = visit(town.officer)
    url = reverse("hazards:move", args=[case.number, "deny-time"])
    assert officer.post(url, {"reason": "不行"}).status_code == 409
    phone = opened(slip)
    day = timezone.localdate() + timedelta(days=3)
    press(phone, slip, "ask-time", until=day.isoformat(), reason="等井盖到货")
    assert "等井盖到货" in text(officer.get(case.get_absolute_url()))
    assert officer.post(url, {"reason": "明天有大集，不行"}).status_code == 302
    page = text(phone.get(slip.get_absolute_url()))
    assert "明天有大集，不行" in page
    assert "街道还没答复" not in page


@pytest.mark.parametrize("day", ["", "昨天", "2020-01-01", "2099-01-01"])
def test_a_day_that_is_none_is_said_and_kept(slip, case, day):
    phone = opened(slip)
    answer = press(phone, slip, "ask-time", until=day, reason="等井盖到货")
    assert answer.status_code == 400
    assert "等井盖到货" in text(answer)
    assert not case.steps.filter(verb="ask_time").exists()


@pytest.mark.parametrize("slug", ["accept", "close", "end-unrepaired", "deny-time", "nonsense"])
def test_the_slip_opens_no_other_move(slip, case, slug):
    assert press(opened(slip), slip, slug).status_code == 404


def test_put_off_there_is_nothing_to_press(slip, case, town):
    phone = opened(slip)
    until = timezone.localdate() + timedelta(days=9)
    cases.suspend(case, by=town.officer, reason="上冻了", until=until)
    page = text(phone.get(slip.get_absolute_url()))
    assert "先不用去" in page
    assert f"{slip.get_absolute_url()}fix/" not in page
    assert press(phone, slip, "fix").status_code == 409


def test_sent_to_somebody_else_the_old_link_does_nothing(slip, case, town):
    phone = opened(slip)
    case = cases.return_case(case, by=town.officer, reason="派错了")
    other = OrganisationFactory(subdistrict=town.subdistrict)
    cases.dispatch(case, by=town.officer, organisation=other)
    assert phone.get(slip.get_absolute_url()).status_code == 410
    with pytest.raises(NotAllowedNowError, match="停用"):
        slips.act(slip, Hazard.objects.get(pk=case.pk), "fix")
    assert slips.live_slip(case).organisation == other


def test_the_story_says_that_the_unit_said_it(slip, case, town, visit):
    press(opened(slip), slip, "arrive")
    page = text(visit(town.officer).get(case.get_absolute_url()))
    assert f"{town.organisation}：到现场了" in page


def test_the_officers_page_of_a_dispatched_case_asks_few_questions(
    slip, case, town, visit, django_assert_max_num_queries
):
    officer = visit(town.officer)
    officer.get(case.get_absolute_url())
    with django_assert_max_num_queries(15):
        officer.get(case.get_absolute_url())
    phone = opened(slip)
    with django_assert_max_num_queries(15):
        phone.get(slip.get_absolute_url())


# --- two at once ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_fingers_repair_once(slip, case):
    answers = at_once(lambda: slips.act(slip, Hazard.objects.get(pk=case.pk), "fix").state)
    refused = [one for one in answers if isinstance(one, NotAllowedNowError)]
    assert len(refused) == 1
    assert refused[0].message.startswith("已")
    assert Step.objects.filter(hazard=case, verb="fix").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_phones_ask_for_time_once(slip, case):
    day = timezone.localdate() + timedelta(days=3)

    def ask():
        row = Hazard.objects.get(pk=case.pk)
        return slips.act(slip, row, "ask_time", until=day, reason="等货")

    answers = at_once(ask)
    refused = [one for one in answers if isinstance(one, NotAllowedNowError)]
    assert [error.message[:2] for error in refused] == ["已经"]
    assert Step.objects.filter(hazard=case, verb="ask_time").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_officers_issue_one_slip(slip, case, town):
    slips.stop(slip, by=town.officer)
    answers = at_once(lambda: slips.issue(case, by=town.officer))
    refused = [one for one in answers if isinstance(one, NotAllowedNowError)]
    assert len(refused) == 1
    assert Slip.objects.live().filter(hazard=case).count() == 1


@pytest.mark.django_db(transaction=True)
def test_stopped_while_the_foreman_presses_either_happened_first(slip, case, town):
    stopped, pressed = together(
        lambda: slips.stop(slip, by=town.officer),
        lambda: slips.act(slip, Hazard.objects.get(pk=case.pk), "fix").state,
    )
    assert stopped is None
    slip.refresh_from_db()
    assert slip.ended_at is not None
    case.refresh_from_db()
    if isinstance(pressed, NotAllowedNowError):
        assert case.state == State.DISPATCHED
    else:
        assert case.state == pressed == State.FIXED


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_stopped_slip_would_act(slip, case, town, monkeypatch):
    """The negative control: judged before the lock, the stop in between is not seen."""
    before = Slip.objects.get(pk=slip.pk)
    slips.stop(slip, by=town.officer)
    monkeypatch.setattr(slips, "_held", lambda _slip: before)
    assert slips.act(slip, Hazard.objects.get(pk=case.pk), "fix").state == State.FIXED
