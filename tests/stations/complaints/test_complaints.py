"""The box that stands in every footer: taken once, answered, and public without the person."""

import re
import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from stations.complaints import complaints
from stations.complaints.models import Complaint, ComplaintSlip
from tests.factories.complaints import complain
from tests.factories.workers import UserFactory, post
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

PAGE, INBOX = "/complaints/", "/complaints/inbox/"
SAID = "驿站晚上的灯太暗，台阶看不清"
# A Monday; the five workdays after it end on the next one.
NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """`clock(days=7)` is that long after noon of a Monday."""

    def at(**later):
        monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(**later))

    at()
    return at


def phone(user=None):
    """A browser that has opened the page, and so has a name of its own."""
    client = Client()
    if user is not None:
        client.force_login(user)
    client.get(PAGE)
    return client


def sent(client, text=SAID, key=None, **fields):
    """The answer to a form as the page sends it."""
    data = {"text": text, "submission_key": key or uuid.uuid4(), "reader": "community"}
    return client.post(PAGE, data | fields)


def notices(kind):
    return Notice.objects.filter(kind=f"stations.complaint_{kind}")


# --- sending ------------------------------------------------------------------------------------


def test_a_guest_writes_gets_a_receipt_and_reads_the_answer_there(town, visit):
    guest = phone()
    answer = sent(guest)
    assert answer.status_code == 302
    receipt = guest.get(answer.url)
    page = receipt.content.decode()
    assert SAID in page
    assert "最晚 11 月 30 日答复" in page
    assert "匿名" in page
    assert receipt["Cache-Control"] == "private, no-store"
    assert receipt["X-Robots-Tag"] == "noindex"
    one = Complaint.objects.get()
    staff = visit(town.staff)
    assert SAID in staff.get(INBOX).content.decode()
    told = staff.post(one.get_absolute_url(), {"act": "answer", "answer": "周五换亮的灯。"})
    assert told.status_code == 302
    page = guest.get(answer.url).content.decode()
    assert "周五换亮的灯。" in page
    assert "社区 · 今天 12:00" in page


def test_nobody_is_kept_who_did_not_sign(town):
    rider = phone(town.rider)
    sent(rider)
    slip = ComplaintSlip.objects.get()
    assert (slip.user, slip.name) == (None, "")
    assert AuditEvent.objects.get(kind="stations.complaint_submit").actor_id is None
    assert not AuditEvent.objects.filter(actor_id=town.rider.pk).exists()


def test_who_signs_with_the_account_is_told_of_the_answer(town):
    rider = phone(town.rider)
    answer = sent(rider, signed="on")
    slip = ComplaintSlip.objects.get()
    assert slip.user == town.rider
    assert "有了答复，会在「通知」里告诉你" in rider.get(answer.url).content.decode()
    complaints.answer(slip.complaint, text="换了", by=town.staff)
    told = notices("answered").get()
    assert (told.recipient, told.url) == (town.rider, slip.get_absolute_url())
    assert SAID not in told.title + told.body


def test_the_readers_are_told_once_a_day_and_never_in_its_words(town):
    for _time in range(3):
        sent(phone(), text=f"{SAID}{_time}")
    told = notices("arrived").get()
    assert told.recipient == town.staff
    assert SAID not in told.title + told.body
    assert told.url == INBOX


def test_sent_twice_is_one_and_what_was_changed_is_a_second(town):
    guest, key = phone(), uuid.uuid4()
    first = sent(guest, key=key)
    assert sent(guest, key=key).url == first.url
    assert ComplaintSlip.objects.count() == 1
    # The page was come back to, and something else written in it: sent twice, too.
    other = sent(guest, text="窗户漏风", key=key)
    assert other.url != first.url
    assert sent(guest, text="窗户漏风", key=key).url == other.url
    assert ComplaintSlip.objects.count() == Complaint.objects.count() == 2


def test_two_hundred_equal_posts_fold_into_one_row_and_a_persons_gets_its_receipt(town, visit):
    """Bots buried the real ones elsewhere: 1,300 posts from 516 addresses."""
    spam = "加微信 领红包"
    tokens = set()
    for number in range(200):
        # Each in a spelling of its own, from a browser without a name.
        text = [spam, "加微信领红包", "加微信　领红包 ", "加微信\n领红包"][number % 4]
        slip, _new = complain(town.community, text=text)
        tokens.add(slip.token)
    answer = sent(phone())
    assert len(tokens) == 200
    assert Complaint.objects.count() == 2
    assert Complaint.objects.get(times=200).slips.count() == 200
    page = visit(town.staff).get(INBOX).content.decode()
    assert page.count('class="row-item"') == 2
    assert "200 份一样的" in page
    assert SAID in phone().get(answer.url).content.decode()
    assert notices("arrived").count() == 1


def test_what_is_said_again_after_the_answer_is_a_new_matter(town):
    first, _new = complain(town.community, text=SAID)
    complaints.answer(first.complaint, text="换了", by=town.staff)
    again, _new = complain(town.community, text=SAID)
    assert again.complaint != first.complaint
    assert again.complaint.is_waiting


def test_one_device_may_not_write_all_day_and_its_neighbours_may(town):
    busy = phone()
    answers = [sent(busy, text=f"第 {number} 件事").status_code for number in range(11)]
    assert answers == [302] * 10 + [429]
    refused = sent(busy, text="还有一件")
    assert "写得太勤了" in refused.content.decode()
    assert "还有一件" in refused.content.decode()
    assert sent(phone()).status_code == 302  # the same address


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "写几个字再发。"),
        ({"text": " \u200b\n"}, "写几个字再发。"),
        ({"text": "长" * 1001}, "太长了，最多 1000 个字。"),
        ({"reader": "everybody"}, "选一个：给社区看"),
        ({"key": "no-key"}, "这个页面过期了，请再点一次发出。"),
        ({"community": "99999999"}, "没有这个社区，请重新选。"),
        ({"name": "名" * 61}, "太长了，最多 60 个字。"),
    ],
)
def test_bad_input_saves_nothing_says_why_and_keeps_what_was_typed(town, fields, words):
    answer = sent(phone(), **{"text": SAID, "name": "老王", **fields})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert "老王" in page or "name" in fields
    assert not Complaint.objects.exists()
    # The next try has a key that works.
    key = re.search(r'name="submission_key" value="([^"]+)"', page)[1]
    assert sent(phone(), key=key).status_code == 302


ODD = ["井盖\uffff坏\ufffe了", "一\x0b二\x00三", "𠮷" * 1000, "<b>粗</b>"]


@pytest.mark.parametrize("text", ODD)
def test_odd_text_is_stored_as_it_can_be_read(town, visit, text):
    answer = sent(phone(), text=text)
    assert answer.status_code == 302
    page = visit(town.staff).get(Complaint.objects.get().get_absolute_url()).content.decode()
    assert "<b>" not in page
    assert "\x0b" not in page


def test_the_page_says_who_reads_it(town):
    page = phone().get(PAGE).content.decode()
    assert "说的就是他们，选「给街道看」" in page
    assert "管理员两种都看得到，别人都看不到。" in page


@pytest.mark.parametrize("address", ["/", "/stations/qingxiaoyi/", "/accounts/login/", "/me/"])
def test_it_stands_in_the_footer_of_every_page(town, visit, address):
    client = visit(town.rider if address == "/me/" else None)
    footer = client.get(address).content.decode().split("<footer")[1]
    assert 'href="/complaints/"' in footer


def test_it_stands_in_the_footer_of_the_admin(town, visit):
    page = visit(town.staff).get("/admin/").content.decode()
    assert 'href="/complaints/"' in page.split('<footer id="footer">')[1]


# --- who reads ----------------------------------------------------------------------------------


def test_what_is_written_to_the_subdistrict_the_community_never_sees(town, visit):
    sent(phone(), reader="subdistrict")
    one = Complaint.objects.get()
    for user, status in {
        town.staff: 404,
        town.other_staff: 404,
        town.officer: 200,
        town.admin: 200,
    }.items():
        assert visit(user).get(one.get_absolute_url()).status_code == status
    assert SAID not in visit(town.staff).get(INBOX).content.decode()
    assert notices("arrived").get().recipient == town.officer
    with pytest.raises(NotAllowedNowError, match="不是写给你的"):
        complaints.answer(one, text="没有这回事", by=town.staff)


def test_without_a_reader_the_administrators_are_told(town):
    town.officer.postings.all().delete()
    complain(town.community, reader="subdistrict")
    assert notices("arrived").get().recipient == town.admin


def test_what_may_be_answered_is_what_is_visible(town):
    rows = [
        complain(town.community)[0].complaint,
        complain(town.other)[0].complaint,
        complain(town.community, reader="subdistrict")[0].complaint,
        complain(town.other, reader="subdistrict")[0].complaint,
    ]
    seen = {
        user: {row for row in rows if complaints.can_answer(user, row)}
        for user in (town.staff, town.other_staff, town.officer, town.admin, town.rider)
    }
    assert list(seen.values()) == [{rows[0]}, {rows[1]}, {*rows[2:]}, {*rows}, set()]
    assert all({*Complaint.objects.visible_to(user)} == found for user, found in seen.items())


def test_a_signature_is_seen_by_the_reader_and_that_is_kept(town, visit):
    slip, _new = complain(town.community, name="老王")
    page = visit(town.staff).get(slip.complaint.get_absolute_url()).content.decode()
    assert "老王" in page
    assert AuditEvent.objects.get(kind="stations.complaint_viewed").actor_id == town.staff.pk


# --- public -------------------------------------------------------------------------------------


@pytest.fixture
def answered(town):
    slip, _new = complain(town.community, text=SAID, name="老王")
    return complaints.answer(slip.complaint, text="老王你好，周五换。", by=town.staff)


def test_nothing_is_public_until_staff_write_a_version_for_everybody(town, visit, answered):
    assert SAID not in phone().get(PAGE).content.decode()
    sent_form = {"act": "publish", "public_text": "台阶灯暗", "public_answer": "周五换了灯"}
    assert visit(town.staff).post(answered.get_absolute_url(), sent_form).status_code == 302
    page = phone().get(PAGE).content.decode()
    assert "台阶灯暗" in page
    assert "周五换了灯" in page
    for private in (SAID, "老王"):
        assert private not in page
    assert visit(town.staff).post(answered.get_absolute_url(), {"act": "unpublish"}).url
    assert "台阶灯暗" not in phone().get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [("老王说台阶暗", "有写信人的名字「老王」"), ("台阶暗，问 138 0013 8000", "有手机号")],
)
def test_a_public_version_may_not_tell_who_wrote(town, visit, answered, text, words):
    sent_form = {"act": "publish", "public_text": text, "public_answer": "换了"}
    answer = visit(town.staff).post(answered.get_absolute_url(), sent_form)
    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert text in answer.content.decode()
    assert not Complaint.objects.published().exists()


def test_what_is_not_answered_cannot_be_public(town):
    slip, _new = complain(town.community)
    with pytest.raises(NotAllowedNowError, match="现在是「等答复」"):
        complaints.publish(slip.complaint, text="灯", answer="换了", by=town.staff)


def test_the_readers_list_goes_on_by_key_and_costs_the_same(
    town, visit, django_assert_max_num_queries
):
    for _number in range(33):
        complain(town.community)
    staff = visit(town.staff)
    with django_assert_max_num_queries(8):
        page = staff.get(INBOX).content.decode()
    assert page.count('class="row-item"') == 30
    following = re.search(r'href="\?after=([^"]+)"', page)[1]
    rest = staff.get(INBOX, {"after": following}).content.decode()
    assert rest.count('class="row-item"') == 3


# --- the clock ----------------------------------------------------------------------------------


def test_five_workdays_leave_out_the_weekend_and_the_holidays(town, clock):
    assert complain(town.community)[0].complaint.due_on == date(2026, 11, 30)
    # The last day of September 2026 was a Wednesday; the holiday is off until 7 October, and
    # Saturday the 10th is made up for.
    clock(days=-54)
    assert complain(town.community)[0].complaint.due_on == date(2026, 10, 13)


def test_readers_are_reminded_a_workday_before_and_once_when_it_is_late(town, clock, visit):
    slip, _new = complain(town.community)
    complain(town.community)
    clock(days=3)  # Thursday
    assert complaints.remind() == (0, 0)
    clock(days=4)
    assert complaints.remind() == (2, 0)
    assert complaints.remind() == (0, 0)
    told = notices("soon").get()
    assert (told.recipient, "2 件" in told.title) == (town.staff, True)
    complaints.answer(slip.complaint, text="好", by=town.staff)
    clock(days=7, hours=11, minutes=59)
    assert complaints.remind() == (0, 0)
    clock(days=8)
    assert complaints.remind() == (0, 1)
    assert set(notices("overdue").values_list("recipient", flat=True)) == {
        town.staff.pk,
        town.admin.pk,
    }
    assert complaints.remind() == (0, 0)
    assert "超期" in visit(town.staff).get(INBOX).content.decode()


def test_nobody_is_reminded_on_a_day_off(town, clock):
    complain(town.community)
    clock(days=12)  # Saturday
    assert complaints.remind() == (0, 0)
    clock(days=14)
    assert complaints.remind() == (0, 1)


def test_a_late_one_says_so_to_who_waits(town, clock):
    slip, _new = complain(town.community)
    clock(days=8)
    page = phone().get(slip.get_absolute_url()).content.decode()
    assert "说好最晚 昨天答复，过了还没答复。" in page
    assert "催过" not in page
    complaints.remind()
    assert "催过看的人了" in phone().get(slip.get_absolute_url()).content.decode()


def test_a_reader_of_another_place_is_told_of_theirs_alone(town, clock):
    complain(town.other)
    complain(town.community, reader="subdistrict")
    clock(days=7)
    complaints.remind()
    assert set(notices("soon").values_list("recipient", flat=True)) == {
        town.other_staff.pk,
        town.officer.pk,
    }


def test_an_account_that_was_deleted_leaves_the_words_and_no_name(town):
    person = UserFactory()
    post(person, "grid_worker", town.one)
    slip, _new = complain(town.community, user=person)
    ComplaintSlip.objects.filter(pk=slip.pk).update(user=None)
    slip.refresh_from_db()
    assert slip.signature == ""
