"""A manhole cover replaced the same day, told by five people in real browsers."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests import media
from tests.factories.hazards import converted
from tests.factories.stations import OpeningHoursFactory
from tests.factories.workers import PASSWORD
from workers.models import Worker

NEW_PHONE = "10000019999"


@pytest.fixture
def photo_file(tmp_path):
    """A JPEG as a phone takes it: lying on its side, with a position inside."""
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(media.jpeg(1600, 1200, orientation=6, gps=True))
    return path


@pytest.fixture
def repair_file(tmp_path):
    """The picture of the new cover."""
    path = tmp_path / "after.jpg"
    path.write_bytes(media.jpeg(1200, 900, colour=(90, 120, 90)))
    return path


def register(page, station):
    """Scan the poster, fill in what is asked, nothing more."""
    page.goto(f"/accounts/signup/?station={station.slug}")
    page.get_by_label("怎么称呼你").fill("骑手·𠮷（演示）")
    page.get_by_label("手机号").fill(NEW_PHONE)
    page.get_by_label("设一个密码").fill(PASSWORD)
    page.get_by_label("外卖骑手").check()
    page.get_by_label("第六网格").check()
    page.get_by_label(re.compile("看过并同意")).check()
    page.get_by_role("button", name="登记").click()
    page.get_by_text("登记好了，欢迎").wait_for()


def report(page, photo):
    """Three taps and one sentence of voice."""
    page.goto("/hazards/report/")
    page.get_by_label("井盖道路").check()
    page.locator("#locate.is-found").wait_for()
    page.locator("#album").set_input_files(photo)
    page.locator("#shots img").wait_for()
    hold_to_talk(page)
    page.get_by_text("再写一句地点").click()
    page.get_by_label("地点或地标").fill("南六街与外环路口")
    page.get_by_role("button", name="发出").click()
    page.get_by_text("收到了，谢谢你").wait_for()


def hold_to_talk(page):
    """Press for two seconds; the fake microphone beeps."""
    button = page.locator("#talk")
    button.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
    box = button.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.locator("#talk.is-on").wait_for()
    page.wait_for_timeout(2200)
    page.mouse.up()
    page.locator("#voice-note").wait_for()


def test_a_tilted_cover_is_reported_replaced_and_the_driver_learns_of_it(
    town, person, sizes, photo_file, repair_file
):
    for weekday in range(7):
        OpeningHoursFactory(station=town.station, weekday=weekday, opens="00:00", closes="00:00")

    rider = person(size=sizes.phone)
    register(rider, town.station)
    report(rider, photo_file)
    hazard = Hazard.objects.get()
    assert (hazard.grid, hazard.accuracy) == (town.six, 12)
    assert rider.get_by_text(hazard.number).is_visible()
    the_photo_is_upright_and_bare(hazard)

    staff = person(town.staff, sizes.desk)
    staff.goto("/admin/workers/worker/?confirmed=no")
    staff.locator("tr", has_text="骑手·𠮷").locator("input[type=checkbox]").check()
    staff.locator("select[name=action]").select_option("confirm")
    staff.get_by_role("button", name="执行").click()
    staff.get_by_text("确认了 1 人").wait_for()
    assert Worker.objects.get(user__phone=NEW_PHONE).is_confirmed

    worker = person(town.grid_worker, sizes.desk)
    assert "/hazards/queue/" in worker.url  # log-in leads to the work
    accept_and_escalate(worker, hazard)

    officer = person(town.officer, sizes.desk)
    officer.goto("/hazards/queue/")
    officer.locator(f"[data-number={hazard.number}]").first.click()
    pane = officer.locator("#case-pane")
    pane.get_by_label("责任单位").select_option(label=town.organisation.name)
    pane.get_by_label("对方单号").fill("SZ-2026-88")
    pane.get_by_role("button", name="派单").click()
    pane.locator(".chip", has_text="已派单").wait_for()
    pane.locator("form[data-move=fix] [data-media=album]").set_input_files(repair_file)
    pane.locator("form[data-move=fix] [name=note]").fill("换了新井盖，踩上去稳了。")
    pane.get_by_role("button", name="已修好").click()
    pane.locator(".chip", has_text="待核查").wait_for()

    worker.goto(f"/hazards/{hazard.number}/")
    worker.get_by_label(re.compile("结案条件已达到")).check()
    worker.locator("form[data-move=close] [name=note]").fill("现场看过了，谢谢你！")
    worker.get_by_role("button", name="核查办结").click()
    worker.locator(".chip", has_text="已办结").first.wait_for()

    the_driver_learns_of_it(rider, hazard)


def accept_and_escalate(worker, hazard):
    worker.locator(f"[data-number={hazard.number}]").first.click()
    pane = worker.locator("#case-pane")
    pane.locator(".picture img").wait_for()
    note = pane.locator(".voice[data-voice]")
    note.get_by_role("link", name="播放").click()
    # The wave fills as far as it has been heard.
    note.locator("rect.is-played").nth(2).wait_for()
    choice = pane.get_by_label("立案标准")
    choice.select_option(
        value=choice.locator("option", has_text="污水井盖").first.get_attribute("value")
    )
    pane.locator("form[data-move=accept] [name=note]").fill("马上过去看，先摆警示桩。")
    pane.get_by_role("button", name="受理", exact=True).click()
    pane.locator(".chip", has_text="已受理").wait_for()
    pane.locator("form[data-move=secure] [name=note]").fill("警示桩摆好了。")
    pane.get_by_role("button", name="现场已围护").click()
    pane.locator(".clocks .is-kept", has_text="✓").wait_for()
    pane.locator(".case-bar").get_by_role("link", name="上报街道").click()
    pane.get_by_role("button", name="上报街道").click()
    pane.locator(".chip", has_text="已上报街道").wait_for()


def the_photo_is_upright_and_bare(hazard):
    stored = hazard.photos.get()
    data = Path(stored.image.path).read_bytes()
    picture = Image.open(io.BytesIO(data))
    assert (picture.width, picture.height) == (1200, 1600)
    assert not picture.getexif()
    assert b"Exif" not in data
    assert media.SECRET_MAKER.encode() not in data
    # The red corner of the test picture, top left before turning, is top right after it.
    red, _green, blue = picture.convert("RGB").getpixel((1150, 50))
    assert red > 150 > blue
    voice = converted(hazard).voices.get()
    assert 1 <= voice.seconds <= 4
    assert Path(voice.audio.path).read_bytes()[4:8] == b"ftyp"


def the_driver_learns_of_it(rider, hazard):
    rider.goto("/notices/")
    titles = rider.locator(".row-main strong").all_inner_texts()
    told = [title.replace("●", "").strip() for title in titles]
    assert told == [
        "你报的「井盖道路」，办结了，谢谢你",
        "你报的「井盖道路」，修好了",
        "你报的「井盖道路」，已经派人去修了",
        "你报的「井盖道路」，已经报到街道了",
        "你报的「井盖道路」，现场先围上了",
        "你报的「井盖道路」，我们受理了",
        "你的登记确认好了",
    ]
    rider.get_by_text("马上过去看，先摆警示桩").wait_for()
    rider.locator(".row-item", has_text="办结了").click()
    rider.wait_for_url(f"**/hazards/{hazard.number}/")
    assert rider.locator(".picture").count() == 2
    words = rider.locator(".picture-words").all_inner_texts()
    assert [text.split()[0] for text in words] == ["你拍的", "修好后"]
    loaded = rider.locator(".picture img").evaluate_all(
        "async (images) => { await Promise.all(images.map((i) => i.decode()));"
        " return images.map((i) => i.naturalWidth); }"
    )
    assert min(loaded) > 0
    lines = rider.locator(".timeline strong").all_inner_texts()
    assert lines[0] == "你报了上来"
    assert lines[-1] == "网格员核查，办结"
    hazard.refresh_from_db()
    assert hazard.state == State.CLOSED


def test_a_message_is_pasted_beside_what_was_typed_and_enter_saves(town, person, sizes):
    page = person(town.staff, sizes.desk)
    page.goto("/hazards/new/")
    page.get_by_label("在哪里").fill("大集东口")
    page.get_by_label("把聊天里的话贴进来").fill("路灯不亮 10000019999")
    page.get_by_role("button", name="填到下面").click()
    page.get_by_text("写过的没有动").wait_for()
    page.get_by_label("在哪里").press("Enter")
    page.get_by_text("代录好了").wait_for()
    hazard = Hazard.objects.get()
    assert (hazard.place, hazard.category_id) == ("大集东口", "street_light")
    assert hazard.contact_phone == "10000019999"
