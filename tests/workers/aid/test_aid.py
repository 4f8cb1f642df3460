"""综合救助: asked, answered, referred, taken back, handed on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from stations.postings.models import Organisation
from tests.factories.stations import OrganisationFactory
from tests.factories.workers import UserFactory
from tests.threads import at_once
from tests.workers.aid.aid_help import SECRET, client, page, text
from workers.aid import aid
from workers.aid.models import AidNote, AidRequest
from yuanhang.core import people, retention
from yuanhang.core.errors import NotAllowedNowError

# --- asking ---------------------------------------------------------------------------------


def test_asked_with_a_consent_and_not_without(desk, worker):
    visitor, url = client(worker.user), reverse("aid:ask")
    assert "checked" not in text(visitor.get(url))
    refused = visitor.post(url, {"text": SECRET})
    assert refused.status_code == 400
    assert SECRET in text(refused)
    assert not AidRequest.objects.exists()
    done = visitor.post(url, {"text": SECRET, "agrees": "on"})
    row = AidRequest.objects.get()
    assert done.url == reverse("aid:request", args=[row.number])
    facts = aid.read(row)
    assert (facts["asker"], facts["text"]) == (worker.user_id, SECRET)
    assert facts["notice"]
    assert (row.handler, row.deputy) == (desk.handler, desk.deputy)


def test_only_the_asker_the_handler_and_the_deputy_read_it(asked, desk, worker, town):
    assert SECRET in text(page(worker.user, "aid:request", asked.number))
    for reader in (desk.handler, desk.deputy):
        answer = text(page(reader, "aid:handle", asked.number))
        assert SECRET in answer
        assert worker.user.display_name in answer
    for other in (town.admin, town.staff, town.officer, town.rider, desk.handler):
        assert page(other, "aid:request", asked.number).status_code == 404
    for other in (town.admin, town.staff, town.officer, worker.user):
        assert page(other, "aid:handle", asked.number).status_code == 404
        assert page(other, "aid:handled").status_code == 404


def test_an_administrator_sees_a_number_a_stage_and_a_day(asked, town):
    admin = client(town.admin)
    listed = text(admin.get("/admin/workers/aidrequest/"))
    opened = text(admin.get(f"/admin/workers/aidrequest/{asked.pk}/change/"))
    for answer in (listed, opened):
        assert asked.number in answer
        assert SECRET not in answer
        assert asked.sealed not in answer
        assert asked.asker_mark not in answer
    assert client(town.staff).get("/admin/workers/aidrequest/").status_code == 403


def test_nobody_to_ask_is_said_with_the_telephone(worker, town):
    town.community.desk_phone = "0459-6000000"
    town.community.save()
    answer = page(worker.user, "aid:ask")
    assert "还没有人负责收" in text(answer)
    assert "0459-6000000" in text(answer)
    refused = client(worker.user).post(reverse("aid:ask"), {"text": SECRET, "agrees": "on"})
    assert refused.status_code == 409


def test_without_a_key_nothing_is_taken(desk, worker, settings):
    settings.AID_KEYS = []
    refused = client(worker.user).post(reverse("aid:ask"), {"text": SECRET, "agrees": "on"})
    assert refused.status_code == 409
    assert not AidRequest.objects.exists()


def test_who_is_not_registered_is_asked_to_register(town):
    assert page(UserFactory(), "aid:ask").status_code == 403


@pytest.mark.parametrize("odd", ["\x00", "\uffff", "​", " \n ", "字" * 2001])
def test_odd_text_is_refused_or_kept_as_it_is(desk, worker, odd):
    answer = client(worker.user).post(reverse("aid:ask"), {"text": odd, "agrees": "on"})
    assert answer.status_code == 400
    assert not AidRequest.objects.exists()


# --- the way of a request -------------------------------------------------------------------


def test_they_write_to_each_other_and_each_sees_that_there_is_news(asked, desk, worker):
    handler, url = client(desk.handler), reverse("aid:act", args=[asked.number, "answer"])
    assert handler.post(url, {"text": "明天上午来找我"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.stage, asked.news_for_asker) == ("in_hand", True)
    front = text(client(worker.user).get("/me/"))
    assert "你的一件事有回音了" in front
    assert "救助" not in front[front.index("你的一件事") - 200 : front.index("你的一件事")]
    assert "明天上午来找我" in text(page(worker.user, "aid:request", asked.number))
    assert "你的一件事有回音了" not in text(client(worker.user).get("/me/"))
    add = reverse("aid:add", args=[asked.number])
    assert client(worker.user).post(add, {"text": "好的"}).status_code == 302
    asked.refresh_from_db()
    assert asked.news_for_handler


def test_nothing_goes_to_a_partner_before_the_asker_agrees_to_this_one(asked, desk, worker):
    unit = OrganisationFactory(
        subdistrict=worker.community.subdistrict, kind=Organisation.Kind.PARTNER
    )
    handler = client(desk.handler)
    url = reverse("aid:act", args=[asked.number, "refer"])
    assert handler.post(url, {"text": "请帮忙"}).status_code == 400
    assert handler.post(url, {"text": "请帮忙", "organisation": unit.pk}).status_code == 302
    assert "先别告诉他们" in text(page(desk.handler, "aid:handle", asked.number))
    decide = reverse("aid:decide", args=[asked.number, "agree"])
    assert client(desk.handler).post(decide).status_code == 404
    assert client(worker.user).post(decide).status_code == 302
    asked.refresh_from_db()
    assert asked.stage == "referred"
    [consent] = aid.read(asked)["referrals"]
    assert consent["unit"] == unit.pk
    assert "可以联系" in text(page(desk.handler, "aid:handle", asked.number))


def test_a_no_keeps_the_partner_out(asked, desk, worker):
    unit = OrganisationFactory(
        subdistrict=worker.community.subdistrict, kind=Organisation.Kind.PARTNER
    )
    aid.propose_referral(asked, by=desk.handler, organisation=unit, text="请帮忙")
    client(worker.user).post(reverse("aid:decide", args=[asked.number, "decline"]))
    asked.refresh_from_db()
    assert (asked.stage, asked.referred_to) == ("in_hand", None)


def test_taken_back_it_is_gone(asked, desk, worker):
    aid.answer(asked, by=desk.handler, text="好")
    url = reverse("aid:decide", args=[asked.number, "withdraw"])
    assert client(desk.handler).post(url).status_code == 404
    assert client(worker.user).post(url).status_code == 302
    assert not AidRequest.objects.exists()
    assert not AidNote.objects.exists()


def test_done_nobody_writes_on(asked, desk, worker):
    aid.end(asked, by=desk.handler, text="办好了")
    with pytest.raises(NotAllowedNowError, match="已被他人处理"):
        aid.add(asked, text="还有")
    assert "办好了" in text(page(worker.user, "aid:request", asked.number))


def test_three_at_a_time(desk, worker):
    for _n in range(3):
        aid.ask(worker, text="一件")
    with pytest.raises(NotAllowedNowError, match="已经有 3 件"):
        aid.ask(worker, text="又一件")


def test_the_handler_leaves_and_the_deputy_goes_on(asked, desk, town):
    deputy = desk.deputy
    people.deactivate(desk.handler, by=town.admin)
    asked.refresh_from_db()
    desk.refresh_from_db()
    assert (asked.handler, asked.deputy) == (deputy, None)
    assert (desk.handler, desk.deputy) == (deputy, None)
    assert deputy.notices.filter(kind="workers.aid_handed").exists()
    assert asked.news_for_asker
    people.deactivate(deputy, by=town.admin)
    asked.refresh_from_db()
    assert asked.handler is None
    assert town.staff.notices.filter(kind="workers.aid_desk_empty").exists()


def test_named_anew_in_the_admin_the_open_ones_change_hands(asked, desk, town):
    other = UserFactory()
    url = f"/admin/workers/aiddesk/{desk.pk}/change/"
    admin = client(town.admin)
    form = admin.get(url).context["adminform"].form
    sent = {name: form.initial.get(name) or "" for name in form.fields}
    sent |= {"handler": other.pk, "deputy": ""}
    assert admin.post(url, sent).status_code == 302
    asked.refresh_from_db()
    assert (asked.handler, asked.deputy) == (other, None)


def test_a_year_without_a_word_ends_it(asked, desk):
    day = timezone.localdate()
    AidRequest.objects.update(moved_on=day - timedelta(days=365))
    assert aid.lapse() == 0
    AidRequest.objects.update(moved_on=day - timedelta(days=366))
    assert aid.lapse() == 1
    asked.refresh_from_db()
    assert asked.stage == "done"


def test_it_goes_by_itself(asked, desk):
    aid.end(asked, by=desk.handler)
    row = retention.rule("workers.aid_done")
    ended = AidRequest.objects.get().ended_at
    assert not retention.has_due(row, ended + timedelta(days=90) - timedelta(seconds=1))
    assert retention.has_due(row, ended + timedelta(days=90))


# --- two at once ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_handler_and_deputy_end_it_once(asked, desk):
    answers = at_once(lambda: aid.end(asked, by=desk.handler))
    refused = [one for one in answers if isinstance(one, NotAllowedNowError)]
    assert len(refused) == 1
    assert refused[0].message.startswith("已被他人处理")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_counted_one_after_the_other(desk, worker):
    for _n in range(2):
        aid.ask(worker, text="一件")
    answers = at_once(lambda: aid.ask(worker, text="又一件"))
    assert sum(isinstance(one, NotAllowedNowError) for one in answers) == 1
    assert AidRequest.objects.count() == 3
