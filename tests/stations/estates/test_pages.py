"""The pages of an estate: what strangers read, what riders write, what staff decide."""

from datetime import time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stations.estates import facts
from stations.estates.facts import Content
from stations.estates.models import EstateFact, FactPhoto, FactVersion
from tests import media
from tests.factories.hazards import stored_photo
from tests.factories.stations import with_streets
from tests.stations.estates.help import believed, fact_of, north, written

PARKED = Content(words="车停门外白线里")


def page(client, estate, query=""):
    return client.get(estate.get_absolute_url() + query).content.decode()


def gate(**changes):
    """What the form of a gate sends."""
    sent = {"name": "北门", "bikes": "in", "opens": "06:00", "closes": "22:00"}
    return sent | {"words": "抬杆自动开", "buildings": "7、8、11–13"} | changes


# --- reading ------------------------------------------------------------------------------------


def test_the_fact_is_the_gate_for_an_ebike_now(client, estate, riders, clock):
    believed(estate, riders)
    believed(estate, riders, north(name="东门", bikes="walk"))
    shown = page(client, estate)
    assert "电动车现在走" in shown
    assert "北门 · 到 22:00" in shown
    assert "2 个骑手说对，最近一次今天" in shown
    clock(days=1)
    assert "2 个骑手说对，最近一次昨天" in page(client, estate)
    clock(hours=11)
    shown = page(client, estate)
    assert "现在没有电动车能进的门开着" in shown
    assert "北门 · 明天 6:00 开" in shown


@pytest.mark.parametrize(
    ("hours", "fact"),
    [
        ({"opens": None, "closes": None}, "北门 · 几点关没写"),
        ({"opens": time(0), "closes": time(0)}, "北门 · 全天"),
        ({"opens": time(20), "closes": time(2)}, "北门 · 20:00 开"),
        ({"opens": time(6), "closes": time(0)}, "北门 · 到 24:00"),
    ],
)
def test_hours_that_are_unknown_or_go_past_midnight(client, estate, riders, clock, hours, fact):
    believed(estate, riders, north(**hours))
    assert fact in page(client, estate)


def test_what_is_out_of_date_is_nobodys_gate(client, estate, riders, clock):
    believed(estate, riders)
    clock(days=180)
    shown = page(client, estate)
    assert "还没核实" in shown
    assert "半年没人核过" in shown
    assert "北门 · " not in shown


def test_the_public_reads_what_is_confirmed_and_nobody_by_name(client, visit, estate, riders):
    first = believed(estate, riders)
    second = facts.correct(fact_of(first), north(words="夜里按铃"), by=riders[3], seen=first.pk)
    written(estate, riders[3], PARKED, "parking")
    shown = page(client, estate)
    assert "抬杆自动开" in shown
    assert "有人说变了，正在核" in shown
    history = f"{estate.get_absolute_url()}facts/{first.fact_id}/history/"
    for text in (shown, client.get(history).content.decode()):
        for hidden in ("夜里按铃", "车停门外", *(rider.display_name for rider in riders)):
            assert hidden not in text
    worker = page(visit(riders[1]), estate)
    assert "夜里按铃" in worker
    assert "还差 2 个人说对" in worker
    # Once it is confirmed the history tells both, by role.
    for rider in riders[:2]:
        facts.confirm(second, by=rider)
    told = client.get(history).content.decode()
    assert "骑手写的" in told
    assert "改过了" in told


def test_photos_are_for_confirmed_workers(client, visit, estate, riders, town):
    photos = (stored_photo(media.jpeg(64, 48)),)
    version = facts.write(estate, "shelf", Content(), by=riders[0], photos=photos)
    for rider in riders[1:3]:
        facts.confirm(version, by=rider)
    address = f"/estates/photos/{FactPhoto.objects.get().pk}/"
    assert client.get(address).status_code == 302
    assert "有一张照片，登记确认过的骑手看得到" in page(client, estate)
    assert address not in page(client, estate)
    assert visit(town.rider).get(address).status_code == 404
    answer = visit(riders[3]).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    answer.getvalue()
    assert address in page(visit(riders[3]), estate)
    facts.take_down(fact_of(version), by=town.staff)
    assert visit(riders[3]).get(address).status_code == 404


# --- writing ------------------------------------------------------------------------------------


def test_a_rider_writes_a_gate(visit, estate, riders):
    address = f"{estate.get_absolute_url()}write/gate/"
    client = visit(riders[0])
    assert client.get(address).status_code == 200
    done = client.post(address, gate(latitude="46.5461", longitude="124.9455"), follow=True)
    assert "再有两个骑手说对" in done.content.decode()
    version = FactVersion.objects.get()
    assert version.buildings == ["7", "8", "11", "12", "13"]
    assert (version.opens, version.closes, version.has_point) == (time(6), time(22), True)


def test_all_day_and_a_photo(visit, estate, riders):
    address = f"{estate.get_absolute_url()}write/gate/"
    photo = SimpleUploadedFile("a.jpg", media.jpeg(64, 48), "image/jpeg")
    sent = gate(opens="", closes="", all_day="on", photos=photo, words="")
    visit(riders[0]).post(address, sent)
    version = FactVersion.objects.get()
    assert (version.opens, version.closes, version.hours) == (time(0), time(0), "全天")
    assert version.photos.count() == 1


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("parking", {"words": "", "latitude": "46.5"}, "写一句，或者拍一张照片"),
        ("parking", {"words": "3单元502 门口"}, "别写单元门牌号"),
        ("parking", {"words": "密码1234"}, "别写门禁密码"),
        ("guard", {"words": "找王师傅"}, "别写人名"),
        ("parking", {"words": "停" * 81}, "最多 80 个字"),
        ("gate", gate(closes=""), "要一起写"),
        ("gate", gate(closes="06:00"), "两个时间一样"),
        ("gate", gate(bikes="fly"), "有 1 处要改"),
        ("gate", gate(name=""), "还差"),
        ("gate", gate(name="王师傅的门"), "别写人名"),
        ("gate", gate(buildings="3单元"), "看不懂"),
        ("gate", gate(buildings="1–900"), "看不懂"),
        ("gate", gate(opens="25:00"), "有 1 处要改"),
    ],
)
def test_what_is_refused_saves_nothing_and_keeps_the_rest(visit, estate, riders, kind, sent, words):
    answer = visit(riders[0]).post(f"{estate.get_absolute_url()}write/{kind}/", sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not EstateFact.objects.exists()
    if kind == "gate" and sent["words"]:
        assert "抬杆自动开" in answer.content.decode()


def test_a_second_gate_of_that_name_is_explained_in_the_form(visit, estate, riders):
    written(estate, riders[0])
    answer = visit(riders[1]).post(f"{estate.get_absolute_url()}write/gate/", gate())
    assert answer.status_code == 400
    assert "已经有「北门」了" in answer.content.decode()
    assert visit(riders[1]).get(f"{estate.get_absolute_url()}write/x/").status_code == 404


def test_corrected_by_another_and_confirmed_from_the_page(visit, estate, riders, clock):
    first = believed(estate, riders)
    address = f"{estate.get_absolute_url()}facts/{first.fact_id}/correct/"
    client = visit(riders[3])
    assert 'value="22:00"' in client.get(address).content.decode()
    client.post(address, gate(closes="21:00", seen=first.pk))
    late = visit(riders[1]).post(address, gate(closes="20:00", seen=first.pk))
    assert "已经有人刚改过，看一眼再改" in late.content.decode()
    newest = FactVersion.objects.latest("pk")
    confirm = f"{estate.get_absolute_url()}confirm/"
    for rider in riders[:2]:
        visit(rider).post(confirm, {"version": newest.pk})
    assert "北门 · 到 21:00" in page(visit(None), estate)
    own = visit(riders[3]).post(confirm, {"version": newest.pk}, follow=True)
    assert "你自己写的" in own.content.decode()
    for odd in ("", "x", "99999999999999999999"):
        answer = visit(riders[3]).post(confirm, {"version": odd}, follow=True)
        assert "刷新一下再看" in answer.content.decode()


def test_all_is_right_says_so_of_each(visit, estate, riders, clock):
    versions = [
        believed(estate, riders),
        believed(estate, riders, PARKED, "parking"),
    ]
    clock(days=100)
    shown = page(visit(riders[1]), estate)
    assert "都对" in shown
    keys = [version.pk for version in versions]
    for rider in riders[1:3]:
        visit(rider).post(f"{estate.get_absolute_url()}confirm/", {"version": keys})
    assert set(FactVersion.objects.values_list("round", flat=True)) == {2}
    assert "都对" not in page(visit(riders[0]), estate)


# --- staff --------------------------------------------------------------------------------------


def test_staff_agree_a_rule_and_everybody_reads_it(client, visit, estate, town, clock):
    keep = f"{estate.get_absolute_url()}keep/"
    staff = visit(town.staff)
    sent = {"act": "agree", "rule": "送餐车走北门，登记车牌就放行", "on": "2026-11-20"}
    for wrong, words in (
        (sent | {"on": ""}, "写上哪天说好的"),
        (sent | {"on": "2026-11-24"}, "不能在今天以后"),
        (sent | {"rule": "找李大爷开门"}, "别写人名"),
    ):
        answer = staff.post(keep, wrong)
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert staff.post(keep, sent).status_code == 302
    shown = page(visit(None), estate)
    assert "登记车牌就放行" in shown
    assert "11 月 20 日" in shown
    visit(town.staff).post(keep, {"act": "agree", "rule": "", "on": "2026-11-20"})
    assert "说好的规矩" not in page(visit(None), estate)


def test_staff_confirm_by_phone_undo_and_keep(visit, estate, riders, town, clock):
    keep = f"{estate.get_absolute_url()}keep/"
    first = believed(estate, riders)
    second = facts.correct(fact_of(first), north(words="夜里按铃"), by=riders[3], seen=first.pk)
    staff = visit(town.staff)
    bad = staff.post(keep, {"act": "phoned", "row": second.pk, "phoned_on": "2026-12-24"})
    assert "不能在今天以后" in bad.content.decode()
    staff.post(keep, {"act": "phoned", "row": second.pk, "phoned_on": "2026-11-20"})
    assert "打物业电话问过，11 月 20 日" in page(staff, estate)
    staff.post(keep, {"act": "undo", "row": second.pk})
    assert "抬杆自动开" in page(staff, estate)
    late = staff.post(keep, {"act": "undo", "row": second.pk}, follow=True)
    assert "已经有人改过了" in late.content.decode()
    staff.post(keep, {"act": "confirm", "row": first.pk})
    assert FactVersion.objects.get(pk=first.pk).sure_as == "staff"


def test_the_sheet_shows_what_holds(client, estate, riders, clock):
    believed(estate, riders, north(latitude=46.546, longitude=124.9455))
    answer = client.get(f"{estate.get_absolute_url()}sheet/").content.decode()
    assert "北门，电动车能进" in answer
    assert "6:00–22:00" in answer
    assert "sheet.svg" in answer
    assert client.get(f"{estate.get_absolute_url()}sheet.svg")["Content-Type"] == "image/svg+xml"


# --- the map ------------------------------------------------------------------------------------


def test_the_map_has_gates_buildings_and_words(client, estate, riders, town, clock):
    with_streets(town.community, town.admin)
    for number in range(1, 9):
        estate.buildings.create(
            number=str(number),
            latitude=46.5452 + 0.0004 * (number // 3),
            longitude=124.9452 + 0.0005 * (number % 3),
        )
    believed(estate, riders, north(latitude=46.5463, longitude=124.9457))
    believed(estate, riders, north(name="东门", bikes="walk", latitude=46.5456, longitude=124.9464))
    answer = client.get(estate.get_absolute_url() + "?building=8")
    drawn = answer.context["map"]
    boxes = [pin.box for pin in drawn.pins] + [house.box for house in drawn.houses]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one[2] <= other[0] or one[0] >= other[2]
            assert apart or one[3] <= other[1] or one[1] >= other[3], (one, other)
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= drawn.width
        assert 0 <= top < bottom <= drawn.height
    shown = answer.content.decode()
    assert "北门，电动车能进（北边）" in shown
    assert "东门，只能走人（东边）" in shown
    assert [house.number for house in drawn.houses if house.asked] == ["8"]
    assert "8 栋走北门，直线" in shown


def test_without_a_point_there_is_no_map(client, estate, riders):
    type(estate).objects.update(latitude=None, longitude=None)
    believed(estate, riders)
    assert "<figure" not in page(client, estate)


def test_the_page_asks_little(visit, estate, riders, django_assert_max_num_queries):
    def fill(number):
        content = north(name=f"{number}门", latitude=46.546, longitude=124.9455 + 0.0001 * number)
        believed(estate, riders, content)
        facts.write(
            estate,
            "parking",
            PARKED,
            by=riders[0],
            photos=(stored_photo(media.jpeg(64, 48)),),
        )

    fill(1)
    addresses = ["", "keep/", "sheet/", f"facts/{EstateFact.objects.first().pk}/history/"]
    for number in range(2, 6):
        fill(number)
    staff = estate.community.postings.filter(role="community_staff").get().user
    for person in (None, riders[1], staff):
        client = visit(person)
        for address in addresses:
            if address == "keep/" and person is not staff:
                continue
            with django_assert_max_num_queries(15):
                client.get(estate.get_absolute_url() + address)


def test_days_are_told_apart(client, estate, riders, clock):
    believed(estate, riders)
    clock(days=8)
    assert "两个骑手 11 月 23 日核过" in page(client, estate)
    assert timedelta(days=8)
