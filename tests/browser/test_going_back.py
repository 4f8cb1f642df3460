"""Back to a form that was sent: what is written there now is another report, and arrives."""

import pytest
from playwright.sync_api import expect

from hazards.cases.models.hazards import Hazard
from tests.browser.weak_network_help import URL, WORDS, fill, settled_draft

TEXTS = ["第一件 井盖坏了", "第二件 路灯不亮"]
NO_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined })"


def press_send(page):
    """Whatever runs on the page."""
    page.locator("#send").click()
    page.wait_for_url("**/receipt/**")


def saved():
    """What was reported, oldest first."""
    return list(Hazard.objects.order_by("id").values_list("description", flat=True))


@pytest.mark.parametrize("how", ["all scripts", "a script that did not come", "no scripts"])
def test_back_and_another_hazard_is_a_second_case(town, person, how):
    page = person(weak=True, java_script_enabled=how != "no scripts")
    if how == "a script that did not come":
        page.route("**/js/report*.js", lambda route: route.abort())
    page.goto(URL)
    for text in TEXTS:
        page.locator("textarea[name=description]").fill(text)
        press_send(page)
        if text == TEXTS[0]:
            page.go_back(wait_until="domcontentloaded")
    assert saved() == TEXTS


def test_the_back_forward_cache_is_on(town, person):
    """The control: a page that may be kept is kept."""
    page = person()
    page.goto("/hazards/lookup/")
    page.evaluate("window.mark = 1")
    page.goto("/")
    page.go_back(wait_until="commit")
    page.wait_for_function("window.mark === 1")


def test_staff_who_go_back_enter_a_second_report(town, person):
    page = person(town.staff)
    page.goto("/hazards/new/")
    for text in TEXTS:
        page.locator("#id_description").fill(text)
        page.locator("#entry .btn-primary").click()
        page.wait_for_url(lambda url: "/hazards/YH" in url or "/queue/" in url)
        if text == TEXTS[0]:
            page.go_back(wait_until="domcontentloaded")
    assert saved() == TEXTS


@pytest.mark.parametrize("url", [URL, "/hazards/new/"])
def test_a_page_out_of_the_cache_gets_a_new_key_once_it_was_sent(town, person, url):
    """Browsers may keep a page in spite of what it says."""
    page = person(town.staff)
    page.goto(url)
    key = page.locator("[name=submission_key]").first
    before = key.input_value()
    page.evaluate("""() => {
        const form = document.querySelector('[name=submission_key]').form;
        form.addEventListener('submit', (event) => event.preventDefault());
        if (form.id !== 'report-form') form.requestSubmit();
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    }""")
    assert key.input_value() != before


def test_without_locks_two_tabs_do_not_write_one_draft(town, person):
    context = person(weak=True).context
    context.add_init_script(NO_LOCKS)
    first, second = context.new_page(), context.new_page()
    first.goto(URL)
    fill(first)
    settled_draft(first)
    second.goto(URL)
    second.wait_for_timeout(700)
    keys = [page.locator("[name=submission_key]").input_value() for page in (first, second)]
    assert keys[0] != keys[1]
    expect(second.get_by_label("想补一句？")).to_have_value("")
    # Whoever leaves lets go of it.
    first.goto("/")
    second.reload()
    expect(second.get_by_label("想补一句？")).to_have_value(WORDS)
    assert second.locator("[name=submission_key]").input_value() == keys[0]
