"""代录: a report by phone, chat or at the desk, for a person or for nobody."""

import pytest

from hazards.cases.models.hazards import Hazard
from hazards.reporting import chat_import
from tests.factories.hazards import form, report
from tests.factories.stations import LandmarkFactory
from yuanhang.core import geo
from yuanhang.core.models import AuditEvent

URL = "/hazards/new/"


def test_a_pasted_message_fills_what_it_can(town):
    LandmarkFactory(community=town.community, name="外环路公交站")
    text = "师傅说外环路公交站旁边井盖翘了，电话 10000019999，位置46.546762, 124.951497"
    found = chat_import.read_message(text)
    assert found == {
        "contact_phone": "10000019999",
        "latitude": "46.546762",
        "longitude": "124.951497",
        "datum": "gcj02",
        "place": "外环路公交站",
        "category": "manhole",
        "description": "师傅说外环路公交站旁边井盖翘了，，位置",
    }


@pytest.mark.parametrize(
    "text", ["", "，，，", "1234567890123456789", "46.5", "9999999999.99999, 1.2345", "𠮷·🚲"]
)
def test_odd_messages_are_only_words(db, text):
    assert set(chat_import.read_message(text)) <= {"description"}


def test_pasting_shows_the_filled_form_and_saves_nothing(town, visit):
    response = visit(town.staff).post(URL, {"paste": "1", "pasted": "路灯不亮 10000019999"})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="10000019999"' in page
    assert "填好了，看一眼再保存" in page
    assert not Hazard.objects.exists()
    assert (
        "先把那句话贴进来"
        in visit(town.staff).post(URL, {"paste": "1", "pasted": " "}).content.decode()
    )


def test_what_was_typed_before_pasting_stays(town, visit):
    typed = {"contact_name": "王师傅（演示）", "description": "门口", "grid": town.six.pk}
    message = {"paste": "1", "pasted": "路灯不亮 10000019999", "category": "", "contact_phone": ""}
    form = visit(town.staff).post(URL, typed | message).context["form"]
    kept = {name: form[name].value() for name in typed}
    assert kept == {name: str(value) for name, value in typed.items()}
    assert form["contact_phone"].value() == "10000019999"
    assert str(form["category"].value()) == "street_light"


def test_on_behalf_of_a_registered_rider_who_then_follows_it(town, visit):
    data = form(description="井盖翘了", contact_phone=town.rider.phone, grid=town.six.pk)
    response = visit(town.grid_worker).post(URL, data)
    hazard = Hazard.objects.get()
    assert response["Location"] == hazard.get_absolute_url()
    assert hazard.reporter == town.rider
    step = hazard.steps.get()
    assert (step.by, step.by_role) == (town.grid_worker, "on_behalf")
    assert AuditEvent.objects.get(kind="hazards.submit").actor_id == town.grid_worker.pk
    assert "工作人员代录" in visit(town.rider).get(hazard.get_absolute_url()).content.decode()


def test_on_behalf_of_nobody_and_outside_ones_own_grid(town, visit):
    response = visit(town.grid_worker).post(URL, form(description="路灯不亮", grid=town.far.pk))
    hazard = Hazard.objects.get()
    assert (hazard.reporter, hazard.grid) == (None, town.far)
    assert response["Location"] == "/hazards/queue/"


def test_bad_input_comes_back_and_the_same_key_makes_one(town, visit):
    client = visit(town.staff)
    response = client.post(URL, form(contact_phone="123"))
    assert response.status_code == 400
    assert "请填 11 位手机号" in response.content.decode()
    data = form(description="井盖翘了")
    for _ in range(2):
        assert client.post(URL, data).status_code == 302
    assert Hazard.objects.count() == 1


@pytest.mark.parametrize("change", ["words", "phone"])
def test_what_was_put_right_after_saving_does_not_vanish(town, visit, change):
    client = visit(town.staff)
    data = form(description="井盖翘了", contact_phone=town.rider.phone)
    client.post(URL, data)
    first = Hazard.objects.get()
    phone = {"contact_phone": town.stranger.phone}
    changed = data | ({"description": "路灯不亮"} if change == "words" else phone)
    response = client.post(URL, changed)
    assert response.status_code == 409
    page = response.content.decode()
    assert f"编号 {first.number}，后改的没有存" in page
    assert changed["description"] in page
    assert Hazard.objects.count() == 1
    key = response.context["form"]["submission_key"].value()
    assert client.post(URL, changed | {"submission_key": key}).status_code == 302
    assert Hazard.objects.count() == 2


def test_no_phone_of_anybody_stays_in_the_words(db):
    found = chat_import.read_message("我 100-0000-0001，我媳妇10000000002：井盖翘了")
    assert found["contact_phone"] == "10000000001"
    assert found["description"] == "我 ，我媳妇：井盖翘了"


def test_the_form_asks_the_staff_about_somebody_else(town, visit):
    page = visit(town.staff).get("/hazards/new/").content.decode()
    assert "上报人怎么称呼" in page
    assert "怎么称呼你" not in page


# --- what the rider's form has as well --------------------------------------------------------

AT = {"latitude": "46.545", "longitude": "124.945", "accuracy": "24", "datum": "wgs84"}


def test_the_staff_set_a_pin_as_riders_do(town, visit):
    client = visit(town.staff)
    page = client.get(URL).content.decode()
    assert "data-pin-map" in page
    assert 'class="pin-map"' in page
    client.post(URL, form(description="井盖翘了", pinned="1", **AT))
    hazard = Hazard.objects.get()
    assert (hazard.latitude, hazard.location_source, hazard.grid) == (46.545, "pin", town.six)


def test_the_staff_are_told_of_what_was_reported_already(town, visit):
    main = report(town.six, point=geo.Point(46.545, 124.945, 12.0, "wgs84"))
    client = visit(town.staff)
    assert 'id="nearby" data-nearby="/hazards/nearby/" data-entry' in (
        client.get(URL).content.decode()
    )
    asked = {"category": "manhole", "entry": "1", **AT}
    piece = client.post("/hazards/nearby/", asked).content.decode()
    assert f'name="same_as" value="{main.number}"' in piece
    assert "两位上报人都会知道结果" in piece
    sent = client.post(
        URL, form(category="manhole", description="还是它", same_as=main.number, **AT), follow=True
    )
    mine = Hazard.objects.exclude(pk=main.pk).get()
    assert (mine.state, mine.main) == ("merged", main)
    assert f"并到了 {main.number}" in sent.content.decode()


def test_the_staff_read_natural_words(town, visit):
    page = visit(town.staff).get(URL).content.decode()
    assert "---------" not in page
    assert "没说是什么，先记成其他" in page
    # That is said to whoever stands there.
    assert "没有定位就补一句" not in page
    assert "没有定位就补一句" in visit(None).get("/hazards/report/").content.decode()
