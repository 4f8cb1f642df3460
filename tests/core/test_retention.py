"""The table of rules: each a second before and after its moment, also at half past midnight."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.photo_places import PhotoPlace
from stations.complaints import complaints
from stations.complaints.models import Complaint, ComplaintSlip
from stations.faults.models import FacilityFault, FaultTap
from tests import media
from tests.factories.complaints import complain
from tests.factories.hazards import advance, into, report, stored_photo, stored_voice
from tests.factories.rights import job_offer
from tests.factories.volunteers import searched
from tests.stations.estates import retention_cases as estates
from tests.threads import at_once, meet, without_row_locks
from tests.workers.aid.aid_help import aid_done
from tests.workers.help.help_help import attached, call
from tests.workers.proofs.test_proofs import proof
from volunteers.errands.models import Errand
from volunteers.searches.models import SearchNotice
from workers.help import help_requests
from workers.help.models import HelpRequest, HelpVoice
from workers.models import PrivacyNotice
from workers.proofs import proofs
from workers.proofs.models import Proof
from workers.rights.models import JobOffer
from yuanhang.core import audit, retention, tasks
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice
from yuanhang.core.retention import Span
from yuanhang.core.uploads import draft_uploads
from yuanhang.core.uploads.models import DraftUpload

SECOND = timedelta(seconds=1)


def local(*parts):
    """A moment by Shanghai's clock."""
    return timezone.make_aware(datetime(*parts))


def spoken_report(town, **fields):
    """A report with a voice note and a photo."""
    attachments = Attachments(
        photos=[stored_photo(media.jpeg(64, 48))], voices=[stored_voice(media.wav(1.0))]
    )
    return report(town.six, by=town.rider, attachments=attachments, **fields)


def tap_at_the_door(town, moment):
    """Somebody said that it is locked."""
    fault = FacilityFault.objects.create(
        station=town.station, kind="locked", first_at=moment, last_at=moment
    )
    tap = fault.taps.create(device="d", address="a", words="敲了没人", at=moment)
    return lambda: not FaultTap.objects.get(pk=tap.pk).address


def fault_over(town, moment):
    """What was said at the door, once it is over; with all that was said of it."""
    tap_at_the_door(town, moment)
    FacilityFault.objects.update(ended_at=moment, end="repaired")
    return lambda: not FaultTap.objects.exists()


def closed_case(town, moment):
    """One whose voice is to go."""
    case = advance(spoken_report(town), "closed", reviewer=town.grid_worker)
    Hazard.objects.filter(pk=case.pk).update(closed_at=moment)
    return lambda: not HazardVoice.objects.filter(hazard=case).exists()


def rejected_case(town, moment):
    """One that was not taken on."""
    case = into(spoken_report(town), "rejected", town)
    Hazard.objects.filter(pk=case.pk).update(waiting_since=moment)
    return lambda: not Hazard.objects.filter(pk=case.pk).exists()


def look(town, moment):
    """Somebody opened somebody's page."""
    event = audit.record("workers.viewed", town.rider.worker, by=town.staff)
    AuditEvent.objects.filter(pk=event.pk).update(at=moment)
    return lambda: not AuditEvent.objects.filter(pk=event.pk).exists()


def errand_done(town, moment):
    """An errand with a name and an address."""
    errand = Errand.objects.create(
        community=town.community, grid=town.six, kind="other", title="送药", near="东口",
        person_name="张婆婆", state="cancelled", ended_at=moment, due_on=moment.date(),
    )  # fmt: skip
    return lambda: Errand.objects.get(pk=errand.pk).person_name == ""


def search_over(town, moment):
    """A search at the end of its time."""
    notice = searched(town)
    times = {"activated_at": moment - timedelta(days=13), "ends_at": moment}
    SearchNotice.objects.filter(pk=notice.pk).update(**times)
    return lambda: SearchNotice.objects.get(pk=notice.pk).erased_at is not None


def draft_upload(town, moment):
    """A photo whose form was not sent again."""
    photo = stored_photo(media.jpeg(64, 48))
    draft = draft_uploads.keep(photo, "0" * 64, owner=town.rider)
    DraftUpload.objects.filter(pk=draft.pk).update(created_at=moment)
    return lambda: not DraftUpload.objects.filter(pk=draft.pk).exists()


def photo_place(town, moment):
    """Where a photo was taken, which its sender never said anything to."""
    place = PhotoPlace.objects.create(
        hazard=report(town.six, by=town.rider), latitude=46.545, longitude=124.945, at=moment
    )
    return lambda: not PhotoPlace.objects.filter(pk=place.pk).exists()


def complaint_answered(town, moment):
    """Somebody's words, and the answer to them."""
    one = complain(town.community, name="老王")[0].complaint
    complaints.answer(one, text="换了灯", by=town.staff)
    Complaint.objects.filter(pk=one.pk).update(answered_at=moment)
    return lambda: (
        list(Complaint.objects.filter(pk=one.pk).values_list("text", "answer")) == [("", "")]
    )


def slip_of_an_answered_one(town, moment):
    """Who said it."""
    complaint_answered(town, moment)
    return lambda: not ComplaintSlip.objects.exists()


def help_over(town, moment):
    """A request for help that ended, with its photo and its voice."""
    row = call(town, attached=attached())
    help_requests.close(row, by=None, end="helped")
    HelpRequest.objects.update(ended_at=moment)
    return lambda: not (HelpRequest.objects.exists() or HelpVoice.objects.exists())


def job_over(town, moment):
    """An offer whose last day is over."""
    offer = job_offer(town)
    JobOffer.objects.filter(pk=offer.pk).update(ends_at=moment)
    return lambda: not JobOffer.objects.filter(pk=offer.pk).exists()


def proof_alone(town, moment):
    """Somebody's word that they helped, which nobody confirmed; a confirmed one stays."""
    for _ in range(2):
        proof(town)
    stays = proofs.confirm(Proof.objects.first(), by=town.staff, against="witness", unit="消防站")
    Proof.objects.update(received_at=moment)
    return lambda: list(Proof.objects.all()) == [stays]


# What counts from a moment, by the key of its rule, and how long after it goes.
CASES = {
    "hazards.voice": (closed_case, Span(days=90)),
    "hazards.rejected": (rejected_case, Span(days=30)),
    "hazards.photo_places": (photo_place, Span(days=1)),
    "volunteers.errand": (errand_done, Span(days=7)),
    "volunteers.search": (search_over, Span()),
    "workers.job_offers": (job_over, Span(days=30)),
    "workers.help": (help_over, Span(days=30)),
    "workers.proofs": (proof_alone, Span(days=90)),
    "workers.aid_done": (aid_done, Span(days=90)),
    "stations.faults": (fault_over, Span(days=30)),
    "stations.tap_addresses": (tap_at_the_door, Span(days=1)),
    "stations.complaints": (complaint_answered, Span(days=180)),
    "stations.complaint_slips": (slip_of_an_answered_one, Span(days=180)),
    **estates.CASES,
    "core.looks": (look, Span(months=6)),
    "core.draft_uploads": (draft_upload, Span(days=1)),
}
MOMENTS = {
    # The hour at which the day by UTC is still yesterday's; six months on, so is the month's end.
    "half past midnight": (local(2026, 4, 1, 0, 30), local(2026, 10, 1, 0, 30)),
    "noon": (local(2026, 5, 7, 12, 0), local(2026, 11, 7, 12, 0)),
}


def test_every_rule_of_the_table_is_tried_here():
    assert [rule.key for rule in retention.rules()] == list(CASES)


@pytest.mark.parametrize("hour", MOMENTS)
@pytest.mark.parametrize("key", CASES)
def test_a_row_goes_at_its_moment_and_not_a_second_before(town, key, hour):
    make, after = CASES[key]
    start, six_months_on = MOMENTS[hour]
    due = six_months_on if after.months else start + timedelta(days=after.days)
    is_gone = make(town, start)
    assert retention.rule(key).after == after
    retention.erase(retention.rule(key), due - SECOND)
    assert not is_gone()
    retention.erase(retention.rule(key), due + SECOND)
    assert is_gone()
    assert retention.erase(retention.rule(key), due + SECOND) == 0


def test_months_are_those_of_the_local_calendar():
    half_past = datetime(2026, 9, 30, 16, 30, tzinfo=UTC)  # the first of October in Shanghai
    assert Span(months=6).before(half_past) == local(2026, 4, 1, 0, 30)
    assert Span(months=6).before(local(2027, 2, 28, 23, 59)) == local(2026, 8, 28, 23, 59)
    assert Span(months=6).before(local(2027, 3, 1, 0, 0)) == local(2026, 9, 1, 0, 0)
    assert Span(months=6).before(local(2026, 8, 31, 9, 0)) == local(2026, 2, 28, 9, 0)
    assert Span(months=14, days=1).before(local(2027, 1, 1)) == local(2025, 10, 31)


# --- what goes, and what stays --------------------------------------------------------------


def long_ago(case, **times):
    moment = timezone.now() - timedelta(days=200)
    Hazard.objects.filter(pk=case.pk).update(**dict.fromkeys(times or {"closed_at"}, moment))


def test_files_go_with_their_rows_and_the_case_stays(town, stored_files, commit):
    case = advance(spoken_report(town), "closed", reviewer=town.grid_worker)
    long_ago(case)
    assert len(stored_files()) == 3
    with commit():
        assert retention.erase(retention.rule("hazards.voice")) == 1
    assert len(stored_files()) == 2  # the photo and its thumbnail
    assert Hazard.objects.filter(pk=case.pk).exists()


def test_a_case_opened_again_keeps_its_voice(town):
    case = advance(spoken_report(town), "closed", reviewer=town.grid_worker)
    cases.reopen(case, by=town.rider, reason="还是翘着", role="reporter")
    later = timezone.now() + timedelta(days=400)
    assert retention.erase(retention.rule("hazards.voice"), later) == 0


def test_a_voice_of_a_merged_report_goes_with_the_end_of_the_main_one(town):
    main = report(town.six)
    merged = cases.merge(spoken_report(town), by=town.grid_worker, main=main)
    advance(main, "closed", reviewer=town.grid_worker)
    long_ago(main)
    assert retention.erase(retention.rule("hazards.voice")) == 1
    assert not merged.voices.exists()


def test_a_rejected_report_goes_with_files_notices_and_what_was_merged_into_it(
    town, stored_files, commit
):
    main = spoken_report(town)
    # A chain: the second came with the first, and the rows point at each other.
    follower, deep = spoken_report(town), spoken_report(town)
    cases.merge(deep, by=town.grid_worker, main=follower)
    follower = cases.merge(follower, by=town.grid_worker, main=main)
    deep.refresh_from_db()
    assert (deep.main, deep.merged_into) == (main, follower)
    cases.reject(main, by=town.grid_worker, reason="归物业管", holds_for_place=True)
    long_ago(main, waiting_since=True)
    assert Notice.objects.filter(url=main.get_absolute_url()).exists()
    with commit():
        assert retention.erase(retention.rule("hazards.rejected")) == 1
    assert not Hazard.objects.filter(pk__in=[main.pk, follower.pk, deep.pk]).exists()
    assert not Notice.objects.filter(url=main.get_absolute_url()).exists()
    assert stored_files() == []


@pytest.mark.parametrize("state", ["submitted", "needs_info", "accepted", "closed", "withdrawn"])
def test_no_other_report_is_deleted(town, state):
    case = into(report(town.six, by=town.rider), state, town)
    long_ago(case, waiting_since=True)
    assert retention.erase(retention.rule("hazards.rejected")) == 0
    assert Hazard.objects.filter(pk=case.pk).exists()


def test_looks_go_and_deeds_stay(town):
    long_past = timezone.now() - timedelta(days=400)
    looks = {"workers.viewed", "volunteers.record_viewed", "volunteers.errand_address_seen"}
    looks |= {"hazards.exported", "hazards.revealed", "workers.searched"}
    deeds = {"workers.confirm", "hazards.reject", "stations.edit_posting"}
    for kind in looks | deeds:
        audit.record(kind, town.six, by=town.staff)
    AuditEvent.objects.update(at=long_past)
    retention.erase(retention.rule("core.looks"))
    kept = set(AuditEvent.objects.filter(at=long_past).values_list("kind", flat=True))
    assert kept == deeds


# --- runs -----------------------------------------------------------------------------------


def test_a_run_goes_in_small_batches_and_is_kept(town, monkeypatch, caplog):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        look(town, timezone.now() - timedelta(days=400))
    sizes = []
    real = retention._carry_out

    def counted(rule, keys, now):
        sizes.append(len(keys))
        return real(rule, keys, now)

    monkeypatch.setattr(retention, "_carry_out", counted)
    with caplog.at_level(logging.INFO, logger="yuanhang.core.retention"):
        assert retention.erase(retention.rule("core.looks")) == 5
    assert sizes == [2, 2, 1]
    assert "retention core.looks: 5 erased" in caplog.text
    event = AuditEvent.objects.get(kind="core.retention")
    assert event.changes == {"rule": "core.looks", "rows": 5}


def test_a_run_whose_time_is_over_leaves_the_rest_to_the_next(town, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 1)
    ticks = iter(range(0, 1000, 20))
    monkeypatch.setattr(retention.time, "monotonic", lambda: next(ticks))
    for _ in range(3):
        look(town, timezone.now() - timedelta(days=400))
    OrmQ.objects.all().delete()
    assert tasks.erase("core.looks") == 1
    assert OrmQ.objects.count() == 1


def test_the_night_queues_every_rule_and_the_hour_those_that_may_not_wait(db):
    assert tasks.erase_nightly() == len(CASES)
    # What waits already is not queued once more.
    assert tasks.erase_hourly() == 0
    OrmQ.objects.all().delete()
    assert tasks.erase_hourly() == 6
    first = Schedule.objects.get(func="yuanhang.core.tasks.erase_nightly").next_run
    assert timezone.localtime(first).strftime("%H:%M") == "03:00"
    assert timezone.now() < first <= timezone.now() + timedelta(days=1)


def two_runs_at_once(town, monkeypatch):
    """How many rows two runs say they erased that have both read which are due."""
    for _ in range(4):
        look(town, timezone.now() - timedelta(days=400))
    meet(monkeypatch, retention.RetentionRule, "rows", after=False)
    return sum(at_once(lambda: retention.erase(retention.rule("core.looks"))))


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_erase_each_row_once(town, monkeypatch):
    assert two_runs_at_once(town, monkeypatch) == 4


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_count_each_row(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert two_runs_at_once(town, monkeypatch) == 8


# --- the notice -----------------------------------------------------------------------------


def test_the_notice_says_what_the_table_says(town, visit):
    page = visit(None).get("/workers/privacy/").content.decode()
    for words in ("语音在办结 90 天后删", "不受理的上报 30 天后删", "查看记录留 6 个月"):
        assert words in page
    for rule in retention.rules():
        assert rule.in_words() in page
    assert "{" not in PrivacyNotice.current().text


def test_staff_hear_that_the_notice_no_longer_says_what_is_done(town, visit, settings):
    settings.SITE_OPERATOR = "远航社区居民委员会"
    front = visit(town.staff).get("/admin/").content.decode()
    assert "放多久" not in front
    old = PrivacyNotice.current()
    changed = old.text.replace("90 天", "60 天") + "\n我们自己加的一句。"
    PrivacyNotice.objects.filter(pk=old.pk).update(text=changed)
    assert "「放多久」和系统实际做的不一样" in visit(town.staff).get("/admin/").content.decode()
    form = visit(town.admin).get("/admin/workers/privacynotice/add/").context["adminform"].form
    assert "语音在办结 90 天后删" in form.initial["text"]
    assert "60 天" not in form.initial["text"]
    assert "我们自己加的一句。" in form.initial["text"]


@pytest.mark.parametrize(("operator", "is_told"), [("", True), ("远航社区居民委员会", False)])
def test_staff_hear_that_no_operator_is_named(town, visit, settings, operator, is_told):
    settings.SITE_OPERATOR = operator
    for user in (town.staff, town.admin):
        assert ("还没写主办单位" in visit(user).get("/admin/").content.decode()) is is_told


@pytest.mark.parametrize("operator", ["", "远航社区居民委员会"])
def test_the_notice_owns_up_to_an_operator_that_nobody_named(town, visit, settings, operator):
    settings.SITE_OPERATOR = operator
    page = visit(town.rider).get("/workers/privacy/").content.decode()
    assert ("主办单位还没有写上" in page) is (not operator)
    assert not operator or operator in page
