"""Certificates: asked for with one tap, issued from the ledger, checked by anybody."""

import re
import threading
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, held, riders
from tests.factories.workers import UserFactory, WorkerFactory, post
from tests.threads import at_once
from volunteers.record import attendance, certificates, service_records
from volunteers.record.models.certificates import Certificate, CertificateRequest
from volunteers.record.models.service_records import Counter, ServiceRecord
from yuanhang.core.errors import NotAllowedNowError

SIGNED = {"person_in_charge": "主任（演示）", "contact": "0459-0000000"}


@pytest.fixture
def served(town):
    """The rider took part in two sessions."""
    activity = ActivityFactory(community=town.community, organiser=town.staff, title="大集疏导")
    for days in (2, 3):
        attendance.settle_session(held(activity, [town.rider], days=days), by=town.staff)
    return activity


def issued(town, user=None, **period):
    asked = certificates.request(user or town.rider, community=town.community, **period)
    return certificates.issue(asked, by=town.staff, **SIGNED)


def check(client, certificate, code=None):
    address = reverse("volunteers:certificate", args=[certificate.number])
    return client.get(address, {"code": certificate.code if code is None else code})


def test_asked_with_one_tap_issued_with_one_button(visit, town, served):
    record = visit(town.rider).get(reverse("volunteers:record")).content.decode()
    assert "申请证明" in record
    ask = {"community": town.community.pk, "period": "all"}
    visit(town.rider).post(reverse("volunteers:certificate-ask"), ask)
    visit(town.rider).post(reverse("volunteers:certificate-ask"), ask)
    asked = CertificateRequest.objects.get()
    assert town.staff.notices.filter(kind="volunteers.staff_certificate").count() == 1
    desk = visit(town.staff).get(reverse("volunteers:records")).content.decode()
    assert "2 小时" in desk
    answer = visit(town.staff).post(
        reverse("volunteers:request-answer", args=[asked.pk]), SIGNED | {"remarks": "入党用"}
    )
    assert answer.status_code == 302
    certificate = Certificate.objects.get()
    assert re.fullmatch(r"FW20\d\d-00001", certificate.number)
    assert certificate.minutes == 120
    assert town.rider.notices.filter(kind="volunteers.certificate").count() == 1
    paper = visit(town.rider).get(certificate.get_absolute_url()).content.decode()
    for words in (
        town.rider.display_name,
        certificate.number,
        certificate.code,
        str(town.rider.volunteer_number),
        "大集疏导",
        "2 小时",
        "主任（演示）",
        str(town.staff),
        "0459-0000000",
        "入党用",
        "远航社区",
        "盖章",
        "<svg",
    ):
        assert words in paper, words


def test_another_period_is_not_taken_for_the_one_that_waits(visit, town, served):
    month_ago = timezone.localdate() - timedelta(days=30)
    certificates.request(town.rider, community=town.community, start=month_ago)
    ask = {"community": town.community.pk, "period": "all"}
    answer = visit(town.rider).post(reverse("volunteers:certificate-ask"), ask, follow=True)
    assert "社区还在办你上一份" in answer.content.decode()
    assert "申请交上去了" not in answer.content.decode()
    assert CertificateRequest.objects.get().start == month_ago


def test_the_public_page_tells_number_period_hours_validity_and_nothing_else(client, town, served):
    certificate = issued(town)
    page = check(client, certificate)
    text = page.content.decode()
    for words in (certificate.number, "2 小时", "真实有效"):
        assert words in text
    holder = certificate.holder
    for private in (holder.name, holder.volunteer_number, "大集疏导", "主任", str(town.staff)):
        assert private not in text, private
    assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("code", ["AAAAAAAA", "x", "\x00", "编号", "1" * 500])
def test_a_number_without_its_code_tells_nothing(client, town, served, code):
    certificate = issued(town)
    wrong = check(client, certificate, code)
    missing = client.get(f"/volunteers/certificates/FW2020-00001/?code={code}")
    assert wrong.status_code == missing.status_code == 404
    text = wrong.content.decode().replace(certificate.number, "FW2020-00001")
    assert text == missing.content.decode()
    assert client.get("/volunteers/certificates/%E2%98%83/?code=A").status_code == 404


def test_it_is_frozen_while_the_ledger_goes_on(client, town, served):
    certificate = issued(town)
    attendance.settle_session(held(served, [town.rider]), by=town.staff)
    assert "2 小时" in check(client, certificate).content.decode()


def test_the_next_one_of_the_same_period_supersedes_and_others_stay(client, town, served):
    first = issued(town)
    year = timezone.localdate().year
    other_period = issued(town, start=date(year - 1, 1, 1), end=timezone.localdate())
    attendance.settle_session(held(served, [town.rider]), by=town.staff)
    second = issued(town)
    for certificate in (first, other_period):
        certificate.refresh_from_db()
    assert (first.state, first.superseded_by) == ("superseded", second)
    assert other_period.state == "valid"
    assert "已换新" in check(client, first).content.decode()
    assert "真实有效" in check(client, second).content.decode()
    assert second.holder.volunteer_number == first.holder.volunteer_number


def test_staff_revoke_with_a_reason_and_everybody_sees_it(visit, client, town, served):
    certificate = issued(town)
    address = reverse("volunteers:certificate-revoke", args=[certificate.number])
    assert visit(town.staff).post(address, {"reason": " "}).status_code == 400
    assert visit(town.staff).post(address, {"reason": "名字写错"}).status_code == 302
    assert visit(town.staff).post(address, {"reason": "再来"}).status_code == 409
    assert "已作废" in check(visit(None), certificate).content.decode()
    assert "名字写错" not in check(visit(None), certificate).content.decode()
    assert town.rider.notices.get(kind="volunteers.certificate_revoked").body == "名字写错"


def test_nothing_counted_means_no_certificate(visit, town):
    visit(town.rider).post(reverse("volunteers:certificate-ask"), {"community": "9" * 30})
    with pytest.raises(NotAllowedNowError, match="没有记上"):
        certificates.request(town.rider, community=town.community)
    service_records.enter_by_hand(
        user=town.rider,
        community=town.community,
        minutes=60,
        on=timezone.localdate(),
        content="送药",
        reason="没网",
        by=town.staff,
    )
    with pytest.raises(NotAllowedNowError, match="没有记上"):
        certificates.request(town.rider, community=town.community)
    assert not CertificateRequest.objects.exists()


def test_each_community_certifies_its_own_entries_and_no_entry_outside_the_period(town, served):
    other = ActivityFactory(community=town.other, organiser=town.other_staff)
    attendance.settle_session(held(other, [town.rider]), by=town.other_staff)
    assert issued(town).minutes == 120
    own = town.rider.service_records.filter(community=town.community)
    day = own.earliest("on").on
    period = {"start": day, "end": day}
    entries = certificates.entries_of(town.rider, town.community, day, day)
    assert issued(town, **period).minutes == entries.total() < 120


def test_nobody_issues_their_own_and_blanks_are_refused(visit, town, served):
    attendance.settle_session(held(served, [town.staff]), by=town.staff)
    asked = certificates.request(town.staff, community=town.community)
    address = reverse("volunteers:request-answer", args=[asked.pk])
    answer = visit(town.staff).post(address, SIGNED)
    assert answer.status_code == 409
    assert "别人" in answer.content.decode()
    assert visit(town.admin).post(address, SIGNED | {"contact": ""}).status_code == 400
    declined = visit(town.admin).post(address, {"decline": "1", "reason": "先找社区"})
    assert declined.status_code == 302
    assert town.staff.notices.get(kind="volunteers.certificate_declined").body == "先找社区"
    assert not Certificate.objects.exists()


def test_many_kinds_of_work_are_summed_so_that_one_page_holds_them(town):
    for number in range(14):
        activity = ActivityFactory(community=town.community, title=f"活动{number}")
        attendance.settle_session(held(activity, [town.rider]), by=town.staff)
    lines = issued(town).holder.lines
    assert len(lines) == 10
    assert lines[-1] == ["其他", 5, 300]
    assert sum(line[2] for line in lines) == 840


def test_an_erased_account_leaves_number_and_hours_only(client, town, served):
    certificate = issued(town)
    town.rider.delete()
    assert "真实有效" in check(client, certificate).content.decode()
    assert not hasattr(Certificate.objects.get(), "holder")
    client.force_login(town.staff)
    assert client.get(certificate.get_absolute_url()).status_code == 404


def test_a_volunteer_number_is_given_once_and_holds_nothing_personal(town, served):
    numbers = [
        service_records.volunteer_number(user, town.community) for user in (town.rider, *riders(2))
    ]
    assert numbers == [f"ZY{town.community.pk:03d}-{n:05d}" for n in (1, 2, 3)]
    assert service_records.volunteer_number(town.rider, town.other) == numbers[0]


# --- at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_staff_issue_one_certificate(town, served):
    asked = certificates.request(town.rider, community=town.community)
    colleague = UserFactory()
    post(colleague, "community_staff", town.community)
    staff = [town.staff, colleague]
    results = at_once(lambda: certificates.issue(asked, by=staff.pop(), **SIGNED))
    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["Certificate", "NotAllowedNowError"]
    assert Certificate.objects.count() == 1
    assert Counter.objects.get(key__startswith="certificate").last == 1


def requests_of(town, number):
    activity = ActivityFactory(community=town.community)
    people = [WorkerFactory(community=town.community).user for _ in range(number)]
    attendance.settle_session(held(activity, people), by=town.staff)
    return [certificates.request(user, community=town.community) for user in people]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_numbers_are_gapless_when_many_are_issued_and_one_fails(town, monkeypatch):
    asked = requests_of(town, 6)
    broken = asked[0].user_id
    real = certificates._supersede

    def break_one(certificate, user):
        if user.pk == broken:
            raise RuntimeError("the power went")
        real(certificate, user)

    monkeypatch.setattr(certificates, "_supersede", break_one)
    results = at_once(lambda: certificates.issue(asked.pop(), by=town.staff, **SIGNED), 6)
    assert sorted(type(r).__name__ for r in results) == ["Certificate"] * 5 + ["RuntimeError"]
    numbers = Certificate.objects.order_by("number").values_list("number", flat=True)
    assert [number[-5:] for number in numbers] == [f"{n:05d}" for n in range(1, 6)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_counting_the_certificates_instead_gives_a_number_twice(town, monkeypatch):
    """Negative control: without the counter's row both take the same number."""
    asked, barrier = requests_of(town, 2), threading.Barrier(2)

    def count(key):
        if not key.startswith("certificate"):
            return asked_count.pop()
        found = Certificate.objects.count() + 1
        barrier.wait(timeout=20)
        return found

    asked_count = [1, 2]
    monkeypatch.setattr(Counter, "following", count)
    results = at_once(lambda: certificates.issue(asked.pop(), by=town.staff, **SIGNED))
    assert {type(result).__name__ for result in results} == {"Certificate", "IntegrityError"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_one_request_is_issued_twice(town, served, monkeypatch):
    """Negative control: both find the request open; the database alone stops the second."""
    asked = certificates.request(town.rider, community=town.community)
    barrier = threading.Barrier(2)

    def unlocked(pk):
        found = CertificateRequest.objects.select_related("user", "community").get(pk=pk)
        barrier.wait(timeout=20)
        return found

    monkeypatch.setattr(certificates, "_locked_request", unlocked)
    at_once(lambda: certificates.issue(asked, by=town.staff, **SIGNED))
    assert Certificate.objects.count() == 2
    assert ServiceRecord.objects.counting().total() == 120
