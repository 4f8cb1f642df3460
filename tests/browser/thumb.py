"""What a narrow phone, a thumb and a keyboard need of a page."""

from tests.browser.test_pages import NARROW, violations

BARE = "main button, main summary, main select, main input:not([type=radio]), .action-bar button"
# A radio is hit by its label.
RADIOS = "main label:has(input[type=radio])"
SMALL = """(wanted) => [...document.querySelectorAll(wanted)]
    .filter(e => e.offsetParent && e.type !== 'hidden')
    .filter(e => e.getBoundingClientRect().height < 47.5)
    .map(e => e.outerHTML.slice(0, 120))"""
PRIMARY = """() => [...document.querySelectorAll('.btn-primary')]
    .filter(e => e.checkVisibility()).map(e => e.textContent.trim())"""
FOCUSED = "document.activeElement === document.body ? '' : document.activeElement.innerText || ''"


def no_overflow(page):
    """Nothing sticks out sideways, once the page that a tap led to is there."""
    page.wait_for_load_state()
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, width


def narrow_trouble(person, pages, scheme, *, links="main a", opens="details"):
    """What is wrong with the pages at 320 px, one line each.

    `pages` are (user, address); a page shows one primary button at most, with what `opens`
    selects opened. `links` selects those a thumb must hit: in running text they may be smaller.
    """
    wanted = f"{links}, {BARE}, {RADIOS}"
    opened, trouble = {}, []
    for user, url in pages:
        if user not in opened:
            opened[user] = person(user, NARROW, color_scheme=scheme)
        page = opened[user]
        page.goto(url)
        page.locator(opens).evaluate_all("(all) => all.forEach(e => { e.open = true; })")
        trouble += [f"{url}: {line}" for line in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROW["width"]:
            trouble.append(f"{url} is {width} px wide")
        trouble += [f"{url} too small to touch: {line}" for line in page.evaluate(SMALL, wanted)]
        primary = page.evaluate(PRIMARY)
        if len(primary) > 1:
            trouble.append(f"{url} has {primary}")
    return trouble


def press_by_keyboard(page, words, most=80):
    """Tab from the top to what has the words, which shows that it has focus, and press it."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate(FOCUSED):
            break
    else:
        raise AssertionError(f"Tab never comes to {words}")
    ring = page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "solid 3px" in ring, f"{words} does not show that it has focus: {ring}"
    page.keyboard.press("Enter")
