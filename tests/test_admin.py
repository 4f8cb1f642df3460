"""The admin obeys the same scoping as the pages, and its actions go through the workflow."""

import re

import pytest
from django.contrib import admin

from stations.areas.models import Landmark
from stations.houses.models import Facility, Zone
from stations.postings.models import Posting
from tests.factories.hazards import report
from tests.factories.stations import LandmarkFactory
from tests.factories.volunteers import searched
from tests.factories.workers import PASSWORD, UserFactory, WorkerFactory, post
from workers.models import PrivacyNotice, Worker
from yuanhang.core.models import AuditEvent

OURS = {"yuanhang", "stations", "workers", "hazards", "volunteers"}


@pytest.fixture
def elsewhere(town):
    """Rows of the other community, which the home community's staff must not meet."""
    return {
        "worker": WorkerFactory(community=town.other),
        "landmark": LandmarkFactory(community=town.other),
        "hazard": report(town.far),
        "grid": town.far,
    }


def test_every_model_of_ours_is_registered_through_the_scoped_admin(db):
    from yuanhang.core.scoped_admin import ScopedAdmin

    registered = {m: a for m, a in admin.site._registry.items() if m._meta.app_label in OURS}
    assert registered
    assert [m for m, a in registered.items() if not isinstance(a, ScopedAdmin)] == []


def test_every_list_and_form_opens_for_the_administrator(town, visit, elsewhere):
    client = visit(town.admin)
    for model, found in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(base).status_code == 200, base
        assert client.get(base + "?q=1").status_code in (200, 302), base
        row = model.objects.first()
        if row is not None:
            assert client.get(f"{base}{row.pk}/change/").status_code == 200, base
        if found.has_add_permission(client.get(base).wsgi_request):
            assert client.get(f"{base}add/").status_code == 200, base


STAFF_SEES = {
    "stations/community": 200,
    "stations/grid": 200,
    "stations/landmark": 200,
    "stations/station": 200,
    "stations/facility": 200,
    "stations/organisation": 200,
    "stations/posting": 200,
    "workers/worker": 200,
    "workers/privacynotice": 200,
    "hazards/hazard": 200,
    "hazards/standardcase": 200,
    "volunteers/activity": 200,
    "volunteers/activitysession": 200,
    "volunteers/course": 200,
    "volunteers/skill": 200,
    "volunteers/errand": 200,
    "volunteers/team": 200,
    "volunteers/searchnotice": 200,
    "volunteers/servicerecord": 200,
    "volunteers/certificate": 200,
    "volunteers/qualification": 200,
    "stations/subdistrict": 403,
    "stations/emergencynumber": 403,
    "workers/platform": 403,
    "hazards/category": 403,
    "hazards/replytemplate": 200,
    "hazards/workingspan": 403,
    "yuanhang/user": 403,
    "yuanhang/auditevent": 403,
    "yuanhang/notice": 403,
    "django_q/schedule": 403,
    "mfa/authenticator": 403,
}


@pytest.mark.parametrize(("place", "status"), sorted(STAFF_SEES.items()))
def test_which_rooms_community_staff_enter(town, visit, place, status):
    assert visit(town.staff).get(f"/admin/{place}/").status_code == status


def test_who_may_not_enter_at_all(town, visit):
    for user in (town.rider, town.grid_worker, town.officer, None):
        response = visit(user).get("/admin/")
        assert response.status_code in (302, 403)
        assert "django-admin" not in response.content.decode()


def test_staff_meet_only_their_communitys_rows(town, visit, elsewhere):
    client = visit(town.staff)
    own = report(town.six)
    pages = {
        "workers/worker": (town.rider.worker, elsewhere["worker"]),
        "stations/landmark": (LandmarkFactory(community=town.community), elsewhere["landmark"]),
        "stations/grid": (town.six, elsewhere["grid"]),
        "hazards/hazard": (own, elsewhere["hazard"]),
    }
    for place, (mine, theirs) in pages.items():
        assert client.get(f"/admin/{place}/{mine.pk}/change/").status_code == 200, place
        response = client.get(f"/admin/{place}/{theirs.pk}/change/")
        assert response.status_code == 302, place  # the admin's own way of saying "not there"
        assert response["Location"] == "/admin/"


def test_an_ended_posting_leaves_an_empty_admin(town, visit):
    town.staff.postings.update(end="2020-01-02", start="2020-01-01")
    page = visit(town.staff).get("/admin/workers/worker/").content.decode()
    assert str(town.rider) not in page


def test_staff_confirm_in_bulk_and_hear_of_those_confirmed_meanwhile(town, visit):
    waiting = WorkerFactory(community=town.community)
    done = WorkerFactory(community=town.community)
    Worker.objects.filter(pk=done.pk).update(confirmed_at="2026-11-01T00:00:00Z")
    client = visit(town.staff)
    listed = client.get("/admin/workers/worker/?confirmed=no").content.decode()
    assert str(waiting) in listed
    assert str(done) not in listed
    response = client.post(
        "/admin/workers/worker/",
        {"action": "confirm", "_selected_action": [waiting.pk, done.pk]},
        follow=True,
    )
    page = response.content.decode()
    assert "确认了 1 人" in page
    assert "有 1 人已经确认过" in page
    waiting.refresh_from_db()
    assert waiting.confirmed_by == town.staff
    assert [n.kind for n in waiting.user.notices.all()] == ["workers.confirmed"]


def test_staff_cannot_confirm_people_of_another_community(town, visit, elsewhere):
    visit(town.staff).post(
        "/admin/workers/worker/",
        {"action": "confirm", "_selected_action": [elsewhere["worker"].pk]},
    )
    elsewhere["worker"].refresh_from_db()
    assert elsewhere["worker"].confirmed_at is None


def test_a_station_keeper_sees_registrations_but_does_not_confirm_them(town, visit):
    keeper = UserFactory(is_staff=True)
    post(keeper, "station_keeper", town.station)
    client = visit(keeper)
    assert str(town.rider) in client.get("/admin/workers/worker/").content.decode()
    response = client.post(
        "/admin/workers/worker/",
        {"action": "confirm", "_selected_action": [town.rider.worker.pk]},
    )
    assert response.status_code == 403
    assert Worker.objects.get(user=town.rider).confirmed_at is None


def test_who_looked_at_a_person_is_kept(town, visit):
    visit(town.staff).get(f"/admin/workers/worker/{town.rider.worker.pk}/change/")
    event = AuditEvent.objects.get(kind="workers.viewed")
    assert (event.actor_id, event.target_id) == (town.staff.pk, str(town.rider.worker.pk))


def test_a_new_password_at_the_desk_works_and_ends_other_sessions(town, visit, client):
    old = type(client)()
    old.force_login(town.rider)
    url = f"/admin/workers/worker/{town.rider.worker.pk}/new-password/"
    assert visit(town.staff).get(url).status_code == 405
    response = visit(town.staff).post(url)
    assert "no-store" in response["Cache-Control"]
    password = re.search(r'class="new-password">([a-z0-9]{10})<', response.content.decode())[1]
    town.rider.refresh_from_db()
    assert town.rider.check_password(password)
    assert not town.rider.check_password(PASSWORD)
    assert old.get("/hazards/mine/").status_code == 302
    assert [n.kind for n in town.rider.notices.all()] == ["workers.password_reset"]
    assert password not in str(list(AuditEvent.objects.values_list("changes", flat=True)))


def test_a_new_password_does_not_hand_over_rights(town, visit):
    """Staff may not take over somebody who holds a post, or who enters the admin."""
    holder = WorkerFactory(user=town.grid_worker, community=town.community)
    desk = WorkerFactory(user=UserFactory(is_staff=True), community=town.community)
    far = WorkerFactory(community=town.other)
    client = visit(town.staff)
    for worker, status in ((holder, 403), (desk, 403), (far, 404)):
        before = worker.user.password
        response = client.post(f"/admin/workers/worker/{worker.pk}/new-password/")
        assert response.status_code == status
        worker.user.refresh_from_db()
        assert worker.user.password == before
    assert (
        visit(town.admin).post(f"/admin/workers/worker/{holder.pk}/new-password/").status_code
        == 200
    )


def test_a_case_does_not_move_in_the_admin(town, visit):
    hazard = report(town.six)
    url = f"/admin/hazards/hazard/{hazard.pk}/change/"
    for user in (town.staff, town.admin):
        response = visit(user).post(url, {"state": "closed"})
        assert response.status_code == 403
    hazard.refresh_from_db()
    assert hazard.state == "submitted"


def test_staff_keep_facilities_with_the_time_they_looked(town, visit):
    zone = Zone.objects.create(station=town.station, name="能量加油站")
    water = Facility.objects.create(zone=zone, seal="水", name="饮水机")
    client = visit(town.staff)
    client.post(
        f"/admin/stations/facility/{water.pk}/change/",
        {
            "zone": zone.pk,
            "kind": "water",
            "seal": "水",
            "name": "饮水机",
            "condition": "empty",
            "remark": "",
            "order": 0,
        },
    )
    water.refresh_from_db()
    assert water.condition == "empty"
    assert water.checked_at is not None
    Facility.objects.update(checked_at=None)
    client.post(
        "/admin/stations/facility/", {"action": "mark_checked", "_selected_action": [water.pk]}
    )
    water.refresh_from_db()
    assert water.checked_at is not None


def test_staff_cannot_put_a_landmark_into_another_community(town, visit):
    values = {"name": "新路口", "latitude": 46.5, "longitude": 124.9, "datum": "wgs84"}
    client = visit(town.staff)
    client.post("/admin/stations/landmark/add/", values | {"community": town.other.pk})
    assert not Landmark.objects.exists()
    client.post("/admin/stations/landmark/add/", values | {"community": town.community.pk})
    assert Landmark.objects.get().community == town.community


def test_staff_do_not_give_posts_and_administrators_posts_are_kept_in_the_trail(town, visit):
    values = {
        "user": town.stranger.pk,
        "role": "grid_worker",
        "grid": town.one.pk,
        "start": "2026-01-01",
    }
    visit(town.staff).post("/admin/stations/posting/add/", values | {"role": "community_staff"})
    assert not Posting.objects.filter(user=town.stranger).exists()
    visit(town.admin).post("/admin/stations/posting/add/", values)
    made = Posting.objects.get(user=town.stranger)
    assert AuditEvent.objects.filter(
        kind="stations.create_posting", target_id=str(made.pk)
    ).exists()
    wrong = values | {"role": "community_staff"}
    page = visit(town.admin).post("/admin/stations/posting/add/", wrong).content.decode()
    assert "岗位和地方对不上" in page


def test_a_published_notice_is_history(town, visit):
    notice = PrivacyNotice.current()
    url = f"/admin/workers/privacynotice/{notice.pk}/change/"
    visit(town.admin).post(url, {"version": notice.version, "text": "改掉"})
    notice.refresh_from_db()
    assert notice.text != "改掉"


def test_an_account_made_in_the_admin_has_its_phone_in_one_spelling(town, visit):
    values = {"display_name": "新人（演示）", "password1": PASSWORD, "password2": PASSWORD}
    values |= {"phone": "+86 100 0001 8888", "usable_password": "true"}
    response = visit(town.admin).post("/admin/yuanhang/user/add/", values)
    assert response.status_code == 302, response.content.decode()
    assert type(town.admin).objects.filter(phone="10000018888").exists()


def counts_on_front_page(visit, user):
    page = visit(user).get("/admin/").content.decode()
    return re.findall(r"<strong>(\d+)</strong>\s*([^<]+?)\s*<", page)


def test_a_running_search_comes_first_on_the_front_page_of_its_community(town, visit):
    searched(town)
    assert counts_on_front_page(visit, town.staff)[0] == ("1", "正在找的人")
    assert "正在找的人" not in dict(map(reversed, counts_on_front_page(visit, town.other_staff)))


def test_the_front_page_counts_what_waits(town, visit):
    report(None)
    assert counts_on_front_page(visit, town.staff) == [
        ("1", "待确认的登记"),
        ("1", "等你处理的隐患"),
        ("0", "要开的服务证明"),
        ("0", "等人确认的补录"),
        ("0", "办好待确认的顺路任务"),
        ("0", "坏了或缺货的设施"),
    ]


@pytest.mark.parametrize("place", ["workers/worker", "hazards/hazard", "stations/posting"])
def test_lists_cost_the_same_for_one_row_and_for_thirty(
    town, visit, place, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        client = visit(town.staff)
        client.get(f"/admin/{place}/")  # what staff edit is kept from then on
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(f"/admin/{place}/")
        return len(caught)

    report(town.six)
    few = count()
    for _ in range(30):
        report(town.six)
        person = WorkerFactory(community=town.community)
        post(person.user, "grid_worker", town.one)
    assert count() == few
    assert few <= 15
