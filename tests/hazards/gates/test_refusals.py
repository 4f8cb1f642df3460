"""「进不去」: a case about an agreement, once, with one promise, and never public."""

import uuid

import pytest
from django.test import Client

from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from stations.estates import estates, property_links
from stations.estates.link_models import GateRefusal, PropertyLink
from tests.factories.hazards import advance
from tests.factories.stations import EstateFactory
from tests.stations.estates.help import north, written
from tests.threads import at_once
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

SAID = "只让业主的车进"


@pytest.fixture
def estate(town):
    made = EstateFactory(community=town.community, name="示意小区甲", slug="e-jia")
    written(made, town.staff, north(latitude=46.5461, longitude=124.9455))
    return made


def refuse(client, **changes):
    sent = {"gate": "北门", "when": "now", "said": SAID, "submission_key": str(uuid.uuid4())}
    return client.post("/hazards/gates/e-jia/", sent | changes, follow=True)


def test_a_guest_is_refused_and_reads_until_when_there_is_an_answer(client, estate, town):
    page = client.get(estate.get_absolute_url()).content.decode()
    assert "/hazards/gates/e-jia/" in page
    form = client.get("/hazards/gates/e-jia/").content.decode()
    for asked in ("哪个门", "什么时候", "说了什么", "北门", "别的门"):
        assert asked in form
    receipt = refuse(client).content.decode()
    case = Hazard.objects.get()
    assert (case.category.kind, case.place, case.grid) == ("agreement", "示意小区甲 北门", town.six)
    assert case.description == f"刚才，{SAID}"
    assert case.number in receipt
    assert Notice.objects.filter(recipient=town.grid_worker).exists()
    # One promise: an answer by then, and nothing to be made safe.
    case = advance(case, "accepted", reviewer=town.grid_worker)
    assert case.secure_due_at is None
    assert case.fix_due_at is not None
    assert "给答复" in client.get(case.get_receipt_url()).content.decode()


def test_the_property_reads_the_gate_and_the_day_alone(client, estate, town):
    key = property_links.give(estate, by=town.staff)
    address, office = f"/estates/property/{key}/", Client()
    refuse(client)
    office.get(address)
    page = office.post(address, {"code": PropertyLink.objects.get().code}, follow=True)
    shown = page.content.decode()
    assert "有骑手说进不去" in shown
    assert "北门 · 今天" in shown
    assert SAID not in shown


def test_it_is_never_public_whatever_becomes_of_it(client, estate, town, visit):
    refuse(client)
    case = Hazard.objects.get()
    for page in (estate.get_absolute_url(), "/estates/", "/hazards/fixed/", "/"):
        shown = client.get(page).content.decode()
        for secret in (SAID, case.number):
            assert secret not in shown
    advance(case, "closed", reviewer=town.grid_worker, officer=town.officer)
    assert case.number not in client.get("/hazards/fixed/").content.decode()
    assert SAID not in visit(town.stranger).get("/hazards/around/").content.decode()
    # What everybody reads is what staff write of it.
    rule = {"rule": "送餐车走北门，登记车牌就放行", "on": case.submitted_at.date()}
    estates.agree(estate, by=town.staff, **rule)
    assert "登记车牌就放行" in client.get(estate.get_absolute_url()).content.decode()


def test_sent_twice_it_is_one(client, estate):
    key = str(uuid.uuid4())
    for _time in range(2):
        refuse(client, submission_key=key)
    assert (Hazard.objects.count(), GateRefusal.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_one(estate):
    key = str(uuid.uuid4())
    told = at_once(lambda: refuse(Client(), submission_key=key).status_code)
    assert told == [200, 200]
    assert (Hazard.objects.count(), GateRefusal.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"said": "  "}, "写一句他们怎么说的"),
        ({"said": "\u200b"}, "写一句他们怎么说的"),
        ({"said": "长" * 201}, "最多 200 个字"),
        ({"gate": ""}, "点一下是哪个门"),
        ({"gate": "天门"}, "有 1 处要改"),
        ({"when": "明年"}, "有 1 处要改"),
        ({"submission_key": "x"}, "这个页面过期了"),
    ],
)
def test_what_is_refused_saves_nothing_and_can_be_sent_again(client, estate, changes, words):
    answer = refuse(client, **changes)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Hazard.objects.exists()
    if "said" not in changes:
        assert SAID in answer.content.decode()


def test_another_communitys_grid_does_not_take_it_away(client, town):
    made = EstateFactory(
        community=town.other, name="示意小区乙", slug="e-yi", latitude=46.545, longitude=124.945
    )
    client.post(
        f"/hazards/gates/{made.slug}/",
        {"gate": "other", "when": "often", "said": SAID, "submission_key": str(uuid.uuid4())},
    )
    case = Hazard.objects.get()
    assert (case.community, case.grid, case.place) == (town.other, None, "示意小区乙")


def test_without_the_category_it_says_where_to_go(client, estate):
    Category.objects.filter(pk="gate").delete()
    answer = refuse(client)
    assert answer.status_code == 409
    assert "请到驿站前台说一声" in answer.content.decode()


def test_it_is_no_tile_of_the_report_form_and_its_words_are_in_no_log(client, estate):
    assert "进不去" not in client.get("/hazards/report/").content.decode()
    refuse(client)
    assert SAID not in str(list(AuditEvent.objects.values()))
    assert client.get("/hazards/gates/nowhere/").status_code == 404
