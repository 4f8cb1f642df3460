"""A network that comes and goes: a report leaves the phone exactly once, and nothing is lost."""

import re

import pytest
from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard
from tests import media
from tests.browser.cable import Cable
from tests.browser.conftest import log_in
from tests.browser.test_map import values
from tests.browser.test_pages import NARROW, violations
from tests.factories.hazards import report as make_report

URL = "/hazards/report/"
ROUTE = re.compile(r"/hazards/report/$")
WORDS = "井盖翘起来了"
STORED = """async () => {
    const base = await new Promise((done, fail) => {
        const asked = indexedDB.open('qingxiaoyi', 1);
        asked.onsuccess = () => done(asked.result);
        asked.onerror = fail;
    });
    const all = (name) => new Promise((done) => {
        base.transaction(name).objectStore(name).getAll().onsuccess = (e) => done(e.target.result);
    });
    const found = { reports: await all('reports'), files: (await all('files')).length };
    base.close();
    return found;
}"""


@pytest.fixture
def files(tmp_path):
    """Two photos with grain, so that they weigh something, and a voice note."""
    photos = []
    for number in range(2):
        photos.append(tmp_path / f"IMG_{number}.jpg")
        photos[-1].write_bytes(media.phone_photo(1600, 1200))
    note = tmp_path / "note.m4a"
    note.write_bytes(media.m4a(3))
    return photos, note


@pytest.fixture
def cable(live_server):
    """A wire of the test's own."""
    made = Cable((live_server.thread.host, live_server.thread.port))
    yield made
    made.close()


@pytest.fixture
def rider(person):
    """A guest on a weak network, with the report form open."""
    page = person(weak=True)
    page.goto(URL)
    return page


def fill(page, files=None, words=WORDS, category="井盖道路"):
    """Write a report, with photos and voice if given."""
    page.get_by_label(category).check()
    page.get_by_label("或者写一句").fill(words)
    page.get_by_label("地点或地标").fill("南六街与外环路口")
    if files:
        photos, note = files
        page.locator("#album").set_input_files(photos)
        expect(page.locator("#shots img")).to_have_count(len(photos))
        page.locator("#voice-input").evaluate("(node) => { node.closest('label').hidden = false; }")
        page.locator("#voice-input").set_input_files(note)
        page.locator("#voice-note").wait_for()


def send(page):
    """Press the big button."""
    page.get_by_role("button", name="发出", exact=True).click()


def waiting(page):
    """The rows of the list."""
    return page.locator("#waiting-list li")


def settled_draft(page):
    """Wait until what is in the form has been written down."""
    page.wait_for_function(
        f"async () => (await ({STORED})()).reports.some((r) => r.state === 'draft')"
    )
    page.wait_for_timeout(500)


def sent_whole(files):
    """Exactly one case with everything in it."""
    hazard = Hazard.objects.get()
    assert hazard.category_id == "manhole"
    assert (hazard.description, hazard.place) == (WORDS, "南六街与外环路口")
    assert (hazard.photos.count(), hazard.voices.count()) == (len(files[0]), 1)
    return hazard


def slow(page, upload=20_000):
    """Throttle the upload as in a basement (bytes a second); returns a way to end it."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def limit(bytes_a_second, offline=False):
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": offline,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": bytes_a_second,
            },
        )

    limit(upload)
    return limit


@pytest.mark.parametrize("rudely", [False, True])
def test_cut_in_the_middle_of_sending_it_arrives_once_when_the_network_is_back(
    town, person, cable, files, rudely
):
    page = person(weak=True, home=cable.url)
    page.goto(URL)
    fill(page, files)
    cable.cut_after(600_000, rudely=rudely)
    send(page)
    expect(waiting(page)).to_contain_text("网不太好")
    expect(waiting(page)).to_contain_text("2 张照片")
    assert page.get_by_label("或者写一句").input_value() == ""
    assert cable.cuts
    page.wait_for_timeout(1000)
    assert not Hazard.objects.exists()
    cable.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(waiting(page)).to_contain_text("收到了")
    hazard = sent_whole(files)
    waiting(page).get_by_role("button", name="看回执").click()
    page.wait_for_url(f"**{hazard.get_receipt_url()}")
    assert page.evaluate(STORED) == {"reports": [], "files": 0}


def test_when_the_answer_is_lost_the_next_try_finds_the_same_case(town, rider, files):
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    rider.route(ROUTE, lose)
    fill(rider, files)
    send(rider)
    expect(waiting(rider)).to_contain_text("收到了", timeout=20_000)
    assert lost == [302]
    hazard = sent_whole(files)
    waiting(rider).get_by_role("button", name="看回执").click()
    rider.wait_for_url(f"**{hazard.get_receipt_url()}")


def test_a_reload_keeps_photos_voice_words_and_place(town, rider, files):
    fill(rider, files)
    expect(rider.locator("#locate-title")).to_have_text("已经定位")
    settled_draft(rider)
    rider.context.set_geolocation({"latitude": 46.5452, "longitude": 124.9350, "accuracy": 300})
    rider.reload()
    rider.get_by_text("接着上次没发完的").wait_for()
    expect(rider.locator("#shots img")).to_have_count(2)
    assert rider.locator("#voice-note").is_visible()
    assert rider.get_by_label("井盖道路").is_checked()
    # Where it was written, not where the page was opened again.
    expect(rider.locator("#locate-detail")).to_have_text("误差约 12 米（准）")
    send(rider)
    rider.get_by_text("收到了，谢谢你").wait_for()
    assert sent_whole(files).grid == town.six
    assert rider.evaluate(STORED) == {"reports": [], "files": 0}


def test_closing_the_page_loses_nothing_and_the_next_one_sends_it(town, rider, files):
    fill(rider, files)
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    context = rider.context
    rider.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(URL)
    expect(waiting(page)).to_contain_text("收到了")
    sent_whole(files)
    assert not page.locator("#draft-note").is_visible()


@pytest.mark.parametrize("status", [500, 503, 429, 413, 403])
def test_an_answer_that_is_no_receipt_keeps_it(town, rider, files, status):
    rider.route(ROUTE, lambda route: refuse_posts(route, status))
    fill(rider, files)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    assert not Hazard.objects.exists()
    rider.unroute(ROUTE)
    waiting(rider).get_by_role("button", name="现在发").click()
    expect(waiting(rider)).to_contain_text("收到了")
    sent_whole(files)


def refuse_posts(route, status):
    if route.request.method == "POST":
        route.fulfill(status=status, body="no")
    else:
        route.continue_()


def test_logged_out_in_between_it_goes_as_a_guest(town, person, files):
    page = person(town.rider, weak=True)
    page.goto(URL)
    fill(page, files)
    page.context.set_offline(True)
    send(page)
    expect(waiting(page)).to_have_count(1)
    # Away from the form first: with the form open, the report leaves the moment the net is back.
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto("/accounts/logout/")
    page.locator("main [type=submit]").click()
    # The log-out's own address ends with a slash, too; leaving it early would cut the log-out off.
    page.wait_for_url(lambda url: "/accounts/logout/" not in url)
    page.goto(URL)
    expect(waiting(page)).to_contain_text("收到了")
    assert sent_whole(files).reporter is None


def test_logged_in_in_another_tab_the_old_form_still_sends(town, rider, files):
    fill(rider, files)
    other = rider.context.new_page()
    log_in(other, town.rider)
    # The form's token is the one of before the log-in: 403, a fresh one, and once more.
    send(rider)
    rider.get_by_text("收到了，谢谢你").wait_for()
    assert sent_whole(files).reporter == town.rider


def test_the_key_of_another_account_is_renewed_only_after_telling(town, person):
    page = person(town.rider, weak=True)
    page.goto(URL)
    key = page.locator("[name=submission_key]").input_value()
    make_report(town.six, by=town.stranger, submission_key=key)
    fill(page)
    send(page)
    page.get_by_text("已经用另一个账号发过了").wait_for()
    assert page.get_by_label("或者写一句").input_value() == WORDS
    assert Hazard.objects.count() == 1
    send(page)
    page.get_by_text("收到了，谢谢你").wait_for()
    assert set(Hazard.objects.values_list("reporter", flat=True)) == {
        town.rider.pk,
        town.stranger.pk,
    }


def test_a_refused_one_comes_back_into_the_form_with_the_reason(town, rider, files):
    fill(rider, files)
    rider.get_by_text("留个称呼和电话").click()
    rider.get_by_label("手机号").fill("123")
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    # Something else is being written when the network returns: it is not pushed aside.
    rider.get_by_label("或者写一句").fill("路灯不亮")
    rider.context.set_offline(False)
    expect(waiting(rider)).to_contain_text("请填 11 位手机号")
    assert rider.get_by_label("或者写一句").input_value() == "路灯不亮"
    waiting(rider).get_by_role("button", name="改一改").click()
    expect(rider.get_by_role("alert")).to_contain_text("请填 11 位手机号")
    expect(rider.locator("#shots img")).to_have_count(2)
    assert rider.get_by_label("或者写一句").input_value() == WORDS
    expect(waiting(rider)).to_contain_text("路灯不亮")
    rider.get_by_label("手机号").fill("10000012345")
    send(rider)
    rider.get_by_text("收到了，谢谢你").wait_for()
    assert sent_whole(files).contact_phone == "10000012345"
    rider.goto(URL)
    rider.get_by_text("接着上次没发完的").wait_for()
    assert rider.get_by_label("或者写一句").input_value() == "路灯不亮"


def test_thrown_away_it_is_gone_and_can_be_taken_back_for_a_moment(town, rider, files):
    fill(rider, files)
    rider.context.set_offline(True)
    send(rider)
    waiting(rider).get_by_role("button", name="丢掉").click()
    expect(waiting(rider)).to_have_count(0)
    assert rider.evaluate(STORED) == {"reports": [], "files": 0}
    rider.get_by_role("button", name="撤销").click()
    expect(waiting(rider)).to_contain_text("2 张照片")
    rider.context.set_offline(False)
    expect(waiting(rider)).to_contain_text("收到了")
    sent_whole(files)


def test_a_slow_sending_can_be_put_off_and_waits(town, rider, files):
    limit = slow(rider)
    fill(rider, files)
    send(rider)
    rider.get_by_role("button", name="先不发").click()
    expect(waiting(rider)).to_contain_text("先不发")
    # The first automatic try would come after five seconds.
    rider.wait_for_timeout(6500)
    assert not Hazard.objects.exists()
    expect(waiting(rider)).to_contain_text("先不发")
    limit(-1)
    waiting(rider).get_by_role("button", name="现在发").click()
    expect(waiting(rider)).to_contain_text("收到了")
    sent_whole(files)


def test_it_goes_by_itself_after_a_pause(town, rider, files):
    """No event tells of a network that only got better; the timer tries again."""
    rider.route(ROUTE, lambda route: route.abort())
    fill(rider, files)
    send(rider)
    expect(waiting(rider)).to_contain_text("有网自己发")
    rider.unroute(ROUTE)
    expect(waiting(rider)).to_contain_text("收到了", timeout=20_000)
    sent_whole(files)


def test_two_tabs_send_a_waiting_report_once(town, rider, files):
    fill(rider, files)
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    posts = []
    context = rider.context
    context.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    context.set_offline(False)
    other = context.new_page()
    other.goto(URL)
    for page in (rider, other):
        expect(waiting(page)).to_contain_text("收到了")
    sent_whole(files)
    assert len(posts) == 1
    # Each tab writes its own draft, and neither takes the other's.
    rider.get_by_label("或者写一句").fill("第一份")
    settled_draft(rider)
    other.reload()
    expect(other.get_by_label("或者写一句")).to_have_value("")
    other.wait_for_timeout(700)
    expect(other.get_by_label("或者写一句")).to_have_value("")


def test_without_locks_the_key_makes_two_sendings_one_case(town, person, files):
    context = person(weak=True).context
    context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    first = context.new_page()
    first.goto(URL)
    fill(first, files)
    context.set_offline(True)
    send(first)
    expect(waiting(first)).to_have_count(1)
    second = context.new_page()
    context.set_offline(False)
    second.goto(URL)
    for page in (first, second):
        expect(waiting(page)).to_contain_text("收到了", timeout=20_000)
    sent_whole(files)


def test_starting_anew_empties_the_form_and_can_be_undone(town, rider, files):
    fill(rider, files)
    settled_draft(rider)
    rider.reload()
    rider.get_by_role("button", name="重新写一份").click()
    expect(rider.get_by_label("或者写一句")).to_have_value("")
    assert rider.locator("#shots img").count() == 0
    rider.get_by_role("button", name="撤销").click()
    waiting(rider).get_by_role("button", name="接着写").click()
    expect(rider.locator("#shots img")).to_have_count(2)
    rider.get_by_text("接着上次没发完的").wait_for()
    expect(waiting(rider)).to_have_count(0)


@pytest.mark.parametrize(
    "missing",
    [
        "Object.defineProperty(window, 'indexedDB', { value: undefined })",
        "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }",
    ],
)
def test_without_storage_the_form_keeps_everything_until_it_is_sent(town, person, files, missing):
    page = person(weak=True)
    page.add_init_script(missing)
    page.goto(URL)
    fill(page, files)
    page.context.set_offline(True)
    send(page)
    page.get_by_text("填的都在，再点一次就行").wait_for()
    expect(page.locator("#shots img")).to_have_count(2)
    assert page.get_by_label("或者写一句").input_value() == WORDS
    page.context.set_offline(False)
    send(page)
    page.get_by_text("收到了，谢谢你").wait_for()
    sent_whole(files)


def test_a_pin_stays_with_its_own_report(town, rider):
    fill(rider)
    rider.get_by_role("button", name="在地图上点").click()
    box = rider.locator(".pin-map-box")
    rider.get_by_text("点一下出事的地方").wait_for()
    box.click(position={"x": 60, "y": 200})
    expect(rider.locator("#locate-detail")).to_contain_text("地图上点的")
    pinned = values(rider)
    settled_draft(rider)
    rider.reload()
    rider.get_by_text("接着上次没发完的").wait_for()
    assert values(rider) == pinned
    rider.get_by_role("button", name="在地图上点").click()
    box.click(position={"x": 200, "y": 60})
    moved = values(rider)
    assert moved != pinned
    rider.context.set_offline(True)
    send(rider)
    expect(waiting(rider)).to_have_count(1)
    # The next report starts at the phone's own position, without the last one's pin.
    expect(rider.locator("#locate-detail")).to_have_text("误差约 12 米（准）")
    rider.context.set_offline(False)
    expect(waiting(rider)).to_contain_text("收到了")
    assert f"{Hazard.objects.get().longitude:.7f}" == moved["longitude"]
    assert Hazard.objects.get().location_source == Hazard.Source.PIN
    rider.get_by_label("或者写一句").fill("第二件")
    send(rider)
    rider.wait_for_url("**/receipt/**")
    second = Hazard.objects.get(description="第二件")
    assert (second.accuracy, second.grid) == (12, town.six)
    assert second.location_source == Hazard.Source.DEVICE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_list_draft_and_progress_are_readable_and_wide_enough_for_a_thumb(
    town, person, sizes, files, scheme
):
    page = person(weak=True, color_scheme=scheme)
    page.goto(URL)
    fill(page, files)
    page.context.set_offline(True)
    send(page)
    expect(waiting(page)).to_have_count(1)
    page.get_by_label("或者写一句").fill("路灯不亮")
    settled_draft(page)
    page.context.set_offline(False)
    page.route(ROUTE, lambda route: refuse_posts(route, 500))
    page.reload()
    page.get_by_text("接着上次没发完的").wait_for()
    expect(waiting(page)).to_contain_text("系统忙")
    looked_at(page, sizes)
    waiting(page).get_by_role("button", name="丢掉").click()
    page.get_by_role("button", name="撤销").wait_for()
    looked_at(page, sizes)
    page.unroute(ROUTE)
    slow(page, upload=5_000)
    page.locator("#album").set_input_files(files[0])
    expect(page.locator("#shots img")).to_have_count(2)
    send(page)
    page.get_by_role("button", name="先不发").wait_for()
    looked_at(page, sizes)
    page.get_by_role("button", name="先不发").click()
    expect(waiting(page)).to_contain_text("先不发")


def looked_at(page, sizes):
    """Nothing to object to, nothing sticking out, nothing too small."""
    assert not violations(page)
    for size in (NARROW, sizes.phone):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    small = """() => [...document.querySelectorAll('main button, .action-bar button')].filter(
        (n) => n.offsetParent && n.getBoundingClientRect().height < 47.5).map((n) => n.outerHTML)"""
    assert not page.evaluate(small)
