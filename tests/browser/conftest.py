"""A real Chromium against the real server: people, phones, microphones and positions."""

import os
import shutil
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connections
from django.dispatch import receiver
from playwright.sync_api import sync_playwright

from tests import media
from tests.factories.workers import PASSWORD
from tests.served import production, web

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
HOW = "no Chromium found: apt-get install chromium fonts-noto-cjk"
FOREIGN = ["admin", "import_export"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# In grid six of the test town.
PATIENCE = 2  # seconds
HERE = {"latitude": 46.5452, "longitude": 124.9447, "accuracy": 12}


def pytest_collection_modifyitems(items):
    """One worker drives the browser; a database that keeps its data rows between tests."""
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True))


@pytest.fixture(scope="session")
def collected(tmp_path_factory, django_db_setup):
    """A folder of production with its files collected and packed, once: it takes half a minute.

    What no page of ours loads is left out.
    """
    var = tmp_path_factory.mktemp("production")
    manage = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    manage += [f"--ignore={name}" for name in FOREIGN]
    subprocess.run(manage, cwd=settings.BASE_DIR, env=production(var), check=True)
    return var


@pytest.fixture
def production_server(live_server, collected):
    """The address of the shipped web server in front of the test's data."""
    with web(production(collected)) as (port, _process):
        yield f"http://localhost:{port}"


@pytest.fixture(scope="session")
def chromium():
    """The path of the installed browser; without one the test is skipped, or fails in CI."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)(HOW)
    return found


@pytest.fixture(scope="module")
def browser(chromium, django_db_setup):
    """Headless, also as root, silent on the network, with a microphone that beeps.

    While it lives an event loop runs in this thread. Django would refuse the ORM beside it, and
    would give the loop a connection of its own that knows nothing of the test database's state:
    it is told to carry on with the one it has. One module at a time, so that other tests of
    this process never meet the loop.
    """
    quiet = ["gpu", "quic", "background-networking", "component-update", "sync"]
    arguments = [
        "--no-sandbox",
        "--no-first-run",
        *(f"--disable-{name}" for name in quiet),
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
    ]
    connection = connections["default"]
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        connections["default"] = connection
        # People have the back/forward cache; Playwright would switch it off.
        launched = playwright.chromium.launch(
            executable_path=chromium,
            args=arguments,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield launched
        launched.close()


@pytest.fixture
def person(browser, live_server):
    """Somebody with a browser of their own: `person(user, size)`; None is a guest.

    Script errors, console errors, missing files and requests to other hosts fail the test; on a
    `weak` network the browser's own complaints about answers that never came are part of the
    story. `home` is another address of the same server.
    """
    opened, trouble = [], []

    def open_one(user=None, size=PHONE, weak=False, home=None, **options):
        home = home or live_server.url
        context = browser.new_context(
            base_url=home,
            viewport=size,
            locale="zh-CN",
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
            geolocation=HERE,
            permissions=["geolocation", "microphone"],
            **options,
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"script: {error}"))
        page.on("console", lambda message: _note(message, trouble, weak))
        page.on("request", lambda request: _stay_home(request, home, trouble))
        page.on("response", lambda response: _whole(response, trouble))
        opened.append(context)
        if user is not None:
            log_in(page, user)
        return page

    yield open_one
    for context in opened:
        context.close()
    _all_answered()
    assert not trouble


_in_work: set[int] = set()


@receiver(request_started)
def _begun(**_):
    # Of the server's threads; what a test itself asks for is over when it goes on.
    if threading.current_thread() is not threading.main_thread():
        _in_work.add(threading.get_ident())


@receiver(request_finished)
def _answered(**_):
    _in_work.discard(threading.get_ident())


def _all_answered():
    """Wait for requests whose browser is gone: one more row must not come into the next test.

    One that was cut in the middle of its body waits for the rest for ever, and stores nothing.
    """
    deadline, quiet = time.monotonic() + PATIENCE, 0
    while quiet < 2 and time.monotonic() < deadline:
        quiet = 0 if _in_work else quiet + 1
        time.sleep(0.02)
    _in_work.clear()


def _note(message, trouble, weak):
    # A form in error answers 400 or 409; the browser calls every such answer an error.
    known = ("status of 4", "status of 5", "net::ERR_") if weak else ("status of 4",)
    if message.type == "error" and not any(words in message.text for words in known):
        trouble.append(f"console: {message.text}")


def _stay_home(request, home, trouble):
    if not request.url.startswith((home, "data:", "blob:", "about:")):
        trouble.append(f"request to {request.url}")


def _whole(response, trouble):
    """A picture, a style or a script that a page asks for is there."""
    if response.status == 404 and response.request.resource_type not in ("document", "fetch"):
        trouble.append(f"not found: {response.url}")


def log_in(page, user):
    """Through the form, as people do."""
    page.goto("/accounts/login/")
    page.get_by_label("手机号").fill(user.phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


@pytest.fixture
def sizes():
    """The two screens every page is looked at on."""
    return SimpleNamespace(phone=PHONE, desk=DESK)


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
def rider(person):
    """A guest on a weak network, with the report form open."""
    page = person(weak=True)
    page.goto("/hazards/report/")
    return page
