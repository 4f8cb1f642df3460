"""What the admin keeps to itself: numbers in addresses, and who reported a case."""

import pytest

from tests.factories.hazards import report
from tests.factories.workers import UserFactory, WorkerFactory
from yuanhang.core.models import AuditEvent

LIST = "/admin/workers/worker/"


@pytest.fixture
def people(town):
    """Two of the community and one of another, all with numbers that end alike."""
    made = {}
    for name, phone, place in (
        ("甲", "10055551234", town.community),
        ("乙", "10066661234", town.community),
        ("丙", "10077771234", town.other),
    ):
        user = UserFactory(display_name=name * 3, phone=phone)
        made[name] = WorkerFactory(user=user, community=place)
    return made


def listed(answer):
    return {str(row) for row in answer.context["cl"].result_list}


@pytest.mark.parametrize(
    "typed", ["10055551234", "100 5555-1234", "+86 10055551234", "５５５５１２３４"]
)
def test_a_search_by_telephone_goes_by_post_and_stands_in_no_address(town, visit, people, typed):
    client = visit(town.staff)
    answer = client.post(LIST, {"search_text": typed}, follow=True)
    assert listed(answer) == {"甲甲甲"}
    for url, _status in answer.redirect_chain:
        assert not any(part in url for part in ("5555", "1234", typed))
    assert listed(client.get(f"{LIST}?by_phone=1&o=1")) == {"甲甲甲"}
    assert "5555" not in client.get(f"{LIST}?by_phone=1").content.decode().split("result_list")[0]


def test_the_end_of_a_number_is_enough_and_finds_ones_own_people_alone(town, visit, people):
    answer = visit(town.staff).post(LIST, {"search_text": "1234"}, follow=True)
    assert listed(answer) == {"甲甲甲", "乙乙乙"}
    event = AuditEvent.objects.get(kind="workers.searched")
    assert (event.actor_id, event.changes) == (town.staff.pk, {"rows": 2})
    assert "1234" not in str(AuditEvent.objects.filter(kind__endswith="searched").values())


def test_an_address_no_longer_finds_a_number_and_a_name_still_goes_there(town, visit, people):
    client = visit(town.staff)
    assert listed(client.get(f"{LIST}?q=10055551234")) == set()
    answer = client.post(LIST, {"search_text": "乙乙"}, follow=True)
    assert listed(answer) == {"乙乙乙"}
    assert not AuditEvent.objects.filter(kind="workers.searched").exists()
    assert 'method="post"' in answer.content.decode().split('id="changelist-search"')[1][:80]


def test_one_persons_search_is_nobody_elses(town, visit, people):
    visit(town.staff).post(LIST, {"search_text": "10055551234"})
    client = visit(town.admin)
    assert listed(client.get(f"{LIST}?by_phone=1")) > {"甲甲甲", "丙丙丙"}
    # Neither is that of one list another list's.
    client.post(LIST, {"search_text": "10077771234"})
    assert listed(client.get(f"{LIST}?by_phone=1")) == {"丙丙丙"}
    assert listed(client.get("/admin/yuanhang/user/?by_phone=1")) > {"甲甲甲", "丙丙丙"}


def test_accounts_are_searched_the_same_way(town, visit, people):
    answer = visit(town.admin).post(
        "/admin/yuanhang/user/", {"search_text": "10077771234"}, follow=True
    )
    assert listed(answer) == {"丙丙丙"}
    assert AuditEvent.objects.filter(kind="yuanhang.searched").count() == 1


# --- who reported it ------------------------------------------------------------------------


@pytest.fixture
def cases(town):
    """One by somebody with an account, one by a guest who left a number."""
    rider = UserFactory(display_name="绝密骑手", phone="10099998888")
    guest = {"contact_name": "绝密路人", "contact_phone": "10099997777"}
    return [report(town.six, by=rider), report(town.six, **guest)]


SECRETS = ("绝密骑手", "10099998888", "绝密路人", "10099997777")


def secrets_on(answer):
    return {word for word in SECRETS if word in answer.content.decode()}


@pytest.mark.parametrize("who", ["grid_worker", "staff", "officer", "admin"])
def test_neither_the_case_page_nor_the_admin_shows_the_reporter_unasked(town, visit, cases, who):
    client = visit(getattr(town, who))
    pages = [case.get_absolute_url() for case in cases] + ["/hazards/queue/"]
    if who in ("staff", "admin"):
        pages += [f"/admin/hazards/hazard/{case.pk}/change/" for case in cases]
        pages += ["/admin/hazards/hazard/"]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert secrets_on(answer) == set(), url
        if "queue" not in url and url != "/admin/hazards/hazard/":
            assert "看联系方式" in answer.content.decode(), url


@pytest.mark.parametrize("who", ["grid_worker", "staff", "officer", "admin"])
def test_whoever_must_ring_back_asks_and_it_is_kept(town, visit, cases, who):
    user = getattr(town, who)
    for case, words in zip(cases, (SECRETS[:2], SECRETS[2:]), strict=True):
        answer = visit(user).post(f"{case.get_absolute_url()}reporter/")
        assert secrets_on(answer) == set(words)
        assert "no-store" in answer["Cache-Control"]
        event = AuditEvent.objects.filter(kind="hazards.revealed").first()
        assert (event.actor_id, event.target_id) == (user.pk, str(case.pk))
        assert not any(word in str(event.changes) for word in SECRETS)


def test_nobody_else_is_told_and_nothing_is_asked_of_a_guest_who_left_nothing(town, visit, cases):
    for user, status in ((town.other_staff, 404), (town.rider, 404), (cases[0].reporter, 403)):
        answer = visit(user).post(f"{cases[0].get_absolute_url()}reporter/")
        assert answer.status_code == status
    assert not AuditEvent.objects.filter(kind="hazards.revealed").exists()
    nameless = report(town.six)
    page = visit(town.grid_worker).get(nameless.get_absolute_url()).content.decode()
    assert "看联系方式" not in page
