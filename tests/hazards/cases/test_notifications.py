"""What people read when a case moves: a template for every telling, plain, nothing personal."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone

from hazards.cases import cases, notifications
from hazards.cases.states import State
from hazards.cases.transitions import (
    TO_CENTRE,
    TO_CENTRE_BY_UNIT,
    TO_FOLLOWERS,
    TO_REPORTER,
    TO_REVIEWERS,
    TRANSITIONS,
)
from hazards.slips import slips
from tests.factories.hazards import advance, arguments, into, report
from tests.factories.workers import UserFactory, post
from yuanhang.core.outbox.models import Notice

FOLDER = Path(settings.BASE_DIR) / "templates/hazards/notices"
PHONE, NAME = "10000019999", "路人甲（演示）"
# Words of offices and of adverts, which nobody says to a person.
OFFICIALESE = [
    "予以",
    "您",
    "敬请",
    "烦请",
    "兹",
    "特此",
    "现将",
    "贵",
    "该",
    "鉴于",
    "依据",
    "按照",
    "有关规定",
    "相关部门",
    "相关人员",
    "及时",
    "切实",
    "妥善",
    "处置",
    "办理完毕",
    "广大",
    "温馨提示",
    "尊敬",
    "祝您",
    "感谢您",
    "知悉",
    "反馈",
    "工单",
    "流转",
    "闭环",
    "赋能",
]
LONGEST_TITLE, LONGEST_BODY = 40, 80


def staff_kinds():
    verbs = TRANSITIONS.notifying(TO_REVIEWERS) | TRANSITIONS.notifying(TO_CENTRE)
    verbs |= TRANSITIONS.notifying(TO_CENTRE_BY_UNIT)
    return {f"staff_{verb}" for verb in verbs | {"submit", "redo", "merge"}}


# Told by the clock, not by a move.
WATCH = {"staff_soon", "staff_overdue", "staff_many_due", "staff_suspension"}
WATCH |= {"question", "staff_question"}
# Who is at a case is a word to nobody; a No to the unit is read on its slip.
SILENT = {"take", "release", "deny_time"}
PASSERS = {"staff_still_there"}  # told by what passers-by say
RIDERS = {"road"}  # told of the road, and of no case of theirs


# --- templates ------------------------------------------------------------------------------


def test_every_telling_has_its_template_and_no_template_is_beside_it():
    files = {path.stem for path in FOLDER.glob("*.txt")}
    assert files == TRANSITIONS.notifying(TO_REPORTER) | staff_kinds() | WATCH | PASSERS | RIDERS
    for name in files:
        get_template(f"hazards/notices/{name}.txt")


def test_every_verb_that_tells_is_a_move_or_the_report_itself():
    verbs = (
        TRANSITIONS.notifying(TO_REPORTER)
        | TRANSITIONS.notifying(TO_REVIEWERS)
        | TRANSITIONS.notifying(TO_CENTRE)
        | TRANSITIONS.notifying(TO_CENTRE_BY_UNIT)
    )
    assert verbs == TRANSITIONS.keys() - SILENT
    assert verbs >= TRANSITIONS.notifying(TO_FOLLOWERS)


# --- helpers of the story -------------------------------------------------------------------


def into_suspension(hazard, town):
    until = timezone.localdate() + timedelta(days=3)
    hazard = cases.suspend(hazard, by=town.officer, reason="上冻了，开春再修", until=until)
    return cases.resume(hazard, by=town.officer)


def correct(hazard, town):
    for verb in ("reprioritise", "restandard", "split", "recategorise", "reassign"):
        by = town.grid_worker if verb == "split" else town.officer
        role = TRANSITIONS[verb].actors[0 if verb == "split" else 1]
        hazard = cases.VERBS[verb](hazard, by=by, role=role, **arguments(verb, town))


def by_the_unit(new, town):
    """What a foreman says by the slip."""
    hazard = into(new(), "dispatched", town)
    for verb in ("arrive", "secure", "ask_time", "refuse"):
        slip = slips.live_slip(hazard)
        hazard = slips.act(slip, hazard, verb, **arguments(verb, town))
    hazard = into(new(), "dispatched", town)
    slips.act(slips.live_slip(hazard), hazard, "fix")


def followed_by_two(new, town):
    """The main case is taken back: the oldest that followed it leads, the other one follows."""
    main = new()
    for _n in range(2):
        cases.merge(new(), by=town.grid_worker, main=main)
    cases.withdraw(main, by=town.rider)


# --- one of each, as people get them --------------------------------------------------------


@pytest.fixture
def story(town):
    """Every telling there is, about the rider's cases, with a contact that nobody may read."""
    contact = {"contact_name": NAME, "contact_phone": PHONE, "place": "南六街"}

    def new():
        return report(town.six, by=town.rider, **contact)

    hazard = cases.ask_info(new(), by=town.grid_worker, reason="路口东边还是西边？")
    cases.supply_info(hazard, by=town.rider, note="东边")
    hazard = advance(hazard, "accepted", reviewer=town.grid_worker)
    cases.secure(hazard, by=town.grid_worker, note="摆了警示桩")
    hazard = cases.escalate(hazard, by=town.grid_worker)
    hazard = cases.return_case(hazard, by=town.officer, reason="照片看不清")
    hazard = cases.escalate(hazard, by=town.grid_worker)
    hazard = cases.dispatch(hazard, by=town.officer, organisation=town.organisation)
    hazard = cases.extend(hazard, by=town.officer, reason="等井盖到货")
    hazard = into_suspension(hazard, town)
    hazard = cases.fix(hazard, by=town.officer)
    hazard = cases.redo(hazard, by=town.grid_worker, reason="还是会响")
    hazard = cases.fix(hazard, by=town.officer)
    hazard = cases.close(hazard, by=town.grid_worker, condition_met=True)
    cases.reopen(hazard, by=town.rider, reason="又翘了")
    cases.reopen(
        into(new(), "closed", town), by=town.grid_worker, role="reviewer", reason="复查不合格"
    )
    cases.rate(into(new(), "closed", town), by=town.rider, rating=3)
    merged = cases.merge(new(), by=town.grid_worker, main=new())
    cases.unmerge(merged, by=town.grid_worker)
    cases.merge(new(), by=town.rider, role="reporter", main=new())
    cases.reject(new(), by=town.grid_worker, reason="这是小区里面的事，已转物业")
    cases.unreject(cases.reject(new(), by=town.grid_worker, reason="看错了"), by=town.grid_worker)
    ended = into(new(), "dispatched", town)
    reason = arguments("end_unrepaired", town)
    cases.end_unrepaired(ended, by=town.officer, role="centre", **reason)
    cases.supplement(new(), by=town.rider, note="还有一个坑")
    correct(into(new(), "accepted", town), town)
    followed_by_two(new, town)
    by_the_unit(new, town)
    cases.stop_asking(cases.ask_info(new(), by=town.grid_worker, reason="哪一边？"))
    return list(Notice.objects.order_by("id"))


def test_the_story_has_one_of_each(story):
    kinds = {notice.kind.removeprefix("hazards.") for notice in story}
    assert kinds == TRANSITIONS.notifying(TO_REPORTER) | staff_kinds()


def test_a_reason_does_not_run_into_the_date_after_it(story):
    told = {notice.kind: notice.body for notice in story}
    assert "原因：「等井盖到货」新的期限：" in told["hazards.extend"]
    assert "原因：「上冻了，开春再修」到 " in told["hazards.suspend"]


def test_who_is_told_of_what(story, town):
    told = {}
    for notice in story:
        told.setdefault(notice.recipient_id, set()).add(notice.kind.removeprefix("hazards."))
    assert told == {
        town.rider.pk: TRANSITIONS.notifying(TO_REPORTER),
        town.grid_worker.pk: staff_kinds()
        - {"staff_escalate", "staff_redo", "staff_reassign"}
        - {"staff_arrive", "staff_secure", "staff_ask_time"},
        town.officer.pk: {"staff_escalate", "staff_redo", "staff_reopen"}
        | {f"staff_{verb}" for verb in TRANSITIONS.notifying(TO_CENTRE_BY_UNIT)},
        town.other_grid_worker.pk: {"staff_reassign"},
    }


def test_nobodys_phone_or_name_is_in_any_notice(story, town):
    people = [town.rider, town.grid_worker, town.officer]
    secrets = [PHONE, NAME] + [
        secret for person in people for secret in (person.phone, person.display_name)
    ]
    for notice in story:
        for text in (notice.title, notice.body, notice.url):
            assert not any(secret in text for secret in secrets), notice.kind
            assert not re.search(r"1\d{10}", text), notice.kind


def test_addresses_hold_no_personal_data_and_no_key_of_a_receipt(story, town):
    """A notice's link is the case page, which asks who is there; nothing else is in it."""
    for notice in story:
        # What was passed on to another grid leads those of the old one nowhere.
        assert re.fullmatch(r"(/hazards/YH\d{8}-\d{4,}/)?", notice.url), notice.kind


def test_the_link_opens_for_the_one_who_got_it(story, town, visit):
    for notice in filter(lambda notice: notice.url, story):
        assert visit(notice.recipient).get(notice.url).status_code == 200, notice.kind


def test_notices_are_short_and_in_words_a_person_would_say(story):
    for notice in story:
        assert 0 < len(notice.title) <= LONGEST_TITLE, notice.kind
        assert 0 < len(notice.body) <= LONGEST_BODY, notice.kind
        found = [word for word in OFFICIALESE if word in notice.title + notice.body]
        assert found == [], notice.kind


def test_what_the_templates_say_themselves_is_plain_whatever_the_case():
    for path in FOLDER.glob("*.txt"):
        text = path.read_text()
        assert [word for word in OFFICIALESE if word in text] == [], path.name


def test_the_reporter_reads_you_and_the_staff_read_the_number(story):
    for notice in story:
        if notice.kind.startswith("hazards.staff_"):
            assert re.search(r"YH\d{8}-\d{4}", notice.body), notice.kind
            assert "你报的" not in notice.title
        else:
            what = "积雪结冰" if notice.kind == "hazards.recategorise" else "井盖道路"
            assert notice.title.startswith(f"你报的「{what}」，"), notice.kind


def test_a_notice_read_another_day_still_says_which_day_is_meant(story):
    dated = [notice for notice in story if re.search(r"\d+ 月 \d+ 日", notice.body)]
    assert {"hazards.accept", "hazards.extend", "hazards.staff_extend"} <= {n.kind for n in dated}
    for notice in story:
        assert not re.search("今天|明天|昨天", notice.title + notice.body), notice.kind


def test_what_the_worker_wrote_reaches_the_reporter_word_for_word(town):
    hazard = report(town.six, by=town.rider)
    words = "A & B <看> 'x' \"y\"\n第二行"
    cases.reject(hazard, by=town.grid_worker, reason=words)
    assert words in town.rider.notices.get().body


def test_a_notice_of_the_same_step_is_stored_once(town):
    hazard = report(town.six, by=town.rider)
    notifications.notify_step(hazard, hazard.steps.get())
    assert town.grid_worker.notices.count() == 1


def test_the_newest_word_on_a_case_is_the_only_unread_one(town):
    first, second = (report(town.six, by=town.rider) for _ in range(2))
    for hazard in (first, second):
        advance(hazard, "accepted", reviewer=town.grid_worker)
    cases.fix(first, by=town.grid_worker)
    rows = town.rider.notices.unread().order_by("id").values_list("kind", "url")
    assert list(rows) == [
        ("hazards.accept", second.get_absolute_url()),
        ("hazards.fix", first.get_absolute_url()),
    ]
    assert town.rider.notices.count() == 3


def test_a_case_that_one_reviewer_took_is_no_news_to_the_others(town):
    other = UserFactory()
    post(other, "grid_worker", town.six)
    hazard, untouched = (report(town.six, by=town.rider) for _ in range(2))
    advance(hazard, "accepted", reviewer=town.grid_worker)
    for user in (town.grid_worker, other):
        left = user.notices.unread().values_list("url", flat=True)
        assert list(left) == [untouched.get_absolute_url()]
    # The reporter has news, and what the reporter does is news to the reviewers.
    assert town.rider.notices.unread().count() == 1
    cases.withdraw(untouched, by=town.rider)
    kinds = other.notices.unread().values_list("kind", flat=True)
    assert list(kinds) == ["hazards.staff_withdraw"]


# --- who is spared --------------------------------------------------------------------------


def test_nobody_is_told_of_their_own_deed(town):
    report(town.six, by=town.grid_worker)
    assert Notice.objects.count() == 0
    hazard = advance(report(town.six, by=town.rider), "accepted", reviewer=town.grid_worker)
    Notice.objects.all().delete()
    cases.fix(hazard, by=town.grid_worker)
    assert list(Notice.objects.values_list("recipient", flat=True)) == [town.rider.pk]


def test_a_worker_who_reports_gets_the_reporters_words_only(town):
    hazard = report(town.six, by=town.grid_worker)
    advance(hazard, "accepted", reviewer=town.admin)
    cases.fix(hazard, by=town.admin)
    kinds = list(town.grid_worker.notices.order_by("id").values_list("kind", flat=True))
    assert kinds == ["hazards.accept", "hazards.fix"]


def test_people_without_an_active_account_or_a_current_post_are_not_told(town):
    town.grid_worker.postings.update(start="2020-01-01", end="2020-12-31")
    report(town.six)
    assert town.grid_worker.notices.count() == 0
    assert town.staff.notices.count() == 1
    town.staff.is_active = False
    town.staff.save()
    report(town.six)
    assert Notice.objects.count() == 1


def test_a_guest_without_a_phone_is_told_by_the_receipt_alone(town):
    hazard = report(town.six)
    advance(hazard, "closed", reviewer=town.grid_worker, officer=town.officer)
    recipients = set(Notice.objects.values_list("recipient", flat=True))
    assert recipients == {town.grid_worker.pk, town.officer.pk}
    hazard.refresh_from_db()
    assert hazard.state == State.CLOSED


def test_without_a_gateway_a_guests_phone_gets_nothing(town):
    hazard = report(town.six, contact_phone=PHONE)
    cases.reject(hazard, by=town.grid_worker, reason="不归我们")
    assert set(Notice.objects.values_list("kind", flat=True)) == {"hazards.staff_submit"}


def test_with_a_gateway_a_guest_is_told_by_sms_with_the_receipts_link(town, settings):
    settings.SMS_GATEWAY = "tests.gateway.Gateway"
    hazard = report(town.six, contact_phone=PHONE)
    cases.reject(hazard, by=town.grid_worker, reason="不归我们")
    notice = Notice.objects.get(recipient=None)
    assert (notice.kind, notice.url) == ("hazards.reject", hazard.get_receipt_url())
    delivery = notice.deliveries.get()
    assert (delivery.channel, delivery.address) == ("sms", PHONE)
    assert PHONE not in notice.title + notice.body + notice.url


@pytest.mark.parametrize("wanted", [True, False])
def test_a_rider_is_told_by_sms_only_if_wished(town, settings, wanted):
    settings.SMS_GATEWAY = "tests.gateway.Gateway"
    town.rider.worker.wants_sms = wanted
    town.rider.worker.save()
    hazard = report(town.six, by=town.rider)
    cases.reject(hazard, by=town.grid_worker, reason="不归我们")
    assert town.rider.notices.get().deliveries.count() == wanted
