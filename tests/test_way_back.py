"""Whoever must log in first comes back to a page, and is told that nothing was saved."""

from importlib import import_module

import pytest
from django.urls import reverse

from tests.factories.hazards import report
from tests.factories.volunteers import TeamFactory
from tests.factories.workers import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
SITE = "http://testserver"


@pytest.fixture
def case(town):
    return report(town.six, by=town.rider)


def accept(client, case, **headers):
    url = reverse("hazards:move", args=[case.number, "accept"])
    return client.post(url, headers=headers)


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(town, visit, case):
    client = visit(None)
    page = case.get_absolute_url()
    answer = accept(client, case, referer=f"{SITE}{page}?from=queue")
    assert answer.url == f"{LOGIN}?next={page}%3Ffrom%3Dqueue"
    login = client.get(answer.url)
    assert "刚才那一步没存上" in login.content.decode()
    known = {"login": town.grid_worker.phone, "password": PASSWORD}
    after = client.post(answer.url, known, follow=True)
    assert after.redirect_chain[-1][0] == f"{page}?from=queue"
    assert case.number in after.content.decode()
    case.refresh_from_db()
    assert case.state == "submitted"


@pytest.mark.parametrize("button", ["move", "sighting-create"])
def test_a_form_that_came_back_with_an_error_leads_back_to_the_page_it_stands_on(
    town, visit, case, button
):
    page, args = case.get_absolute_url(), [case.number, "accept"]
    if button == "sighting-create":
        page, args = reverse("hazards:nearby-cases"), [case.number]
    url = reverse(f"hazards:{button}", args=args)
    user = town.grid_worker if button == "move" else town.stranger
    assert visit(user).post(url).status_code == 400  # shown at the button's own address
    answer = visit(None).post(url, headers={"Referer": f"{SITE}{url}"})
    assert answer.url == f"{LOGIN}?next={page}"
    assert visit(user).get(page).status_code == 200


def test_a_part_of_a_page_never_becomes_the_log_in_form(visit):
    queue = reverse("hazards:queue") + "?tab=due"
    answer = visit(None).get(
        queue + "&seen=1", headers={"HX-Request": "true", "Referer": f"{SITE}{queue}"}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == f"{LOGIN}?next=/hazards/queue/%3Ftab%3Ddue"


def test_a_page_that_takes_its_own_form_says_so_once(visit, town):
    page = TeamFactory(community=town.community).get_absolute_url()
    client = visit(None)
    answer = client.post(page, {"act": "ask"}, headers={"referer": f"{SITE}{page}"})
    assert answer.url == f"{LOGIN}?next={page}"
    assert client.get(answer.url).content.decode().count("刚才那一步没存上") == 1


@pytest.mark.parametrize(
    "referer", ["", "http://elsewhere/hazards/queue/", "//[", "javascript:alert(1)"]
)
def test_without_a_page_of_ours_the_way_back_is_the_front_page(visit, case, referer):
    headers = {"referer": referer} if referer else {}
    assert accept(visit(None), case, **headers).url == f"{LOGIN}?next=/"


def test_a_page_asked_for_is_come_back_to_as_before(visit):
    answer = visit(None).get("/notices/", headers={"Referer": f"{SITE}/workers/me/"})
    assert answer.url == f"{LOGIN}?next=/notices/"


def test_the_address_of_a_button_explains_itself(town, visit, case):
    url = reverse("hazards:move", args=[case.number, "accept"])
    answer = visit(town.grid_worker).get(url)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "这一步要从页面上点按钮" in answer.content.decode()


# What stands in the addresses of the views that are marked.
PARTS = {"number": "YH20261125-0001", "pk": 7, "slug": "accept", "verb": "claim"}


def marked():
    """(route, page) of every view that is marked with the page it stands on."""
    found = {}
    for app in ("hazards", "volunteers"):
        for route in import_module(f"{app}.urls").urlpatterns:
            if page := getattr(route.callback, "page", None):
                found[f"{app}:{route.name}"] = page
    return found


def test_every_button_stands_on_a_page_that_can_be_come_back_to(client):
    pages = {name: page(**PARTS) for name, page in marked().items()}
    assert {"hazards:move", "volunteers:errand-act", "volunteers:record-answer"} <= set(pages)
    for name, address in pages.items():
        assert client.get(address).status_code != 405, name
