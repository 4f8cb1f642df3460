"""What the tests of weak network share."""

import re

from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard

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


def write_place(page, words):
    """Write where it is; the field is folded where the phone knows its position already."""
    page.locator("#place-words").evaluate(
        "(node) => { node.open = true; node.querySelector('input').focus(); }"
    )
    page.get_by_label("地点或地标").fill(words)


def fill(page, files=None, words=WORDS, category="井盖道路"):
    """Write a report, with photos and voice if given."""
    page.get_by_label(category).check()
    page.get_by_label("想补一句？").fill(words)
    write_place(page, "南六街与外环路口")
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


def refuse_posts(route, status):
    if route.request.method == "POST":
        route.fulfill(status=status, body="no")
    else:
        route.continue_()
