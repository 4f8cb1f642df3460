"""寻人: begun by staff, seen in the community alone, marked grid by grid, and ended."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from stations.areas.models import Grid
from tests import media
from tests.factories.stations import square
from tests.factories.volunteers import searched
from tests.factories.workers import UserFactory, WorkerFactory, post
from volunteers.searches import searches, tasks
from volunteers.searches.models import SearchedArea, SearchNotice, SearchPhoto
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.media import photos
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

NAME = "寻踪影"  # occurs nowhere else
TELLTALES = [NAME, "紫貂皮帽", "三棵杨树底下"]


def lost(town):
    return searched(town, name=NAME, text="戴紫貂皮帽", last_seen_place="三棵杨树底下")


@pytest.fixture
def notice(town):
    known(town.rider)
    return lost(town)


def known(person):
    """Staff have met them and confirmed their registration."""
    person.worker.confirmed_at = timezone.now()
    person.worker.save()


def page(visit, user, notice):
    return visit(user).get(notice.get_absolute_url()).content.decode()


def mark(visit, user, notice, grid):
    """Tap 「这片看过了」; the page it leads to."""
    data = {"act": "seen", "grid": grid.pk}
    return visit(user).post(notice.get_absolute_url(), data, follow=True).content.decode()


def over(notice):
    """Its time ran out."""
    begun = timezone.now() - timedelta(days=13, minutes=1)
    ends = begun + timedelta(days=13)
    SearchNotice.objects.filter(pk=notice.pk).update(activated_at=begun, ends_at=ends)


# --- begun by staff -------------------------------------------------------------------------


def form(town, **changes):
    values = {
        "community": town.community.pk,
        "name": NAME,
        "last_seen_at_0": "2026-01-02",
        "last_seen_at_1": "08:00",
        "last_seen_place": "大集东口",
        "text": "",
        "latitude": "",
        "longitude": "",
        "picture": SimpleUploadedFile("a.jpg", media.jpeg(64, 48)),
    }
    return values | changes


ADD = "/admin/volunteers/searchnotice/add/"


def test_staff_begin_a_search_by_saving_it(town, visit, stored_files):
    response = visit(town.staff).post(ADD, form(town), follow=True)
    notice = SearchNotice.objects.get()
    assert NAME not in response.content.decode()
    assert notice.activated_by == town.staff
    assert notice.ends_at - notice.activated_at == timedelta(days=13)
    assert len(stored_files()) == 2
    assert SearchPhoto.objects.get().notice == notice
    assert AuditEvent.objects.filter(kind="volunteers.search_activate").count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"picture": SimpleUploadedFile("a.jpg", b"no picture")}, "这个文件不是照片"),
        ({"last_seen_at_0": "2099-01-01"}, "不能晚于现在"),
        ({"name": ""}, "必填"),
        ({"latitude": "46.5"}, "纬度和经度要一起填"),
    ],
)
def test_nonsense_begins_nothing(town, visit, stored_files, changes, words):
    response = visit(town.staff).post(ADD, form(town, **changes))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not SearchNotice.objects.exists()
    # A good picture is kept for the next try, and nothing else.
    assert all("drafts" in path.parts for path in stored_files())


def test_staff_begin_none_elsewhere_and_others_none_at_all(town, visit):
    visit(town.staff).post(ADD, form(town, community=town.other.pk))
    for user in (town.rider, town.grid_worker, town.officer):
        assert visit(user).post(ADD, form(town)).status_code in (302, 403)
    assert not SearchNotice.objects.exists()


def test_a_file_written_for_nothing_does_not_stay(town, stored_files, monkeypatch):
    def fail(*_arguments, **_named):
        raise RuntimeError("no queue")

    monkeypatch.setattr(searches, "enqueue", fail)
    with pytest.raises(RuntimeError):
        searched(town)
    assert stored_files() == []
    assert not SearchNotice.objects.exists()


def test_staff_correct_it_and_change_the_photo(town, visit, notice, stored_files, commit):
    before = stored_files()
    url = f"/admin/volunteers/searchnotice/{notice.pk}/change/"
    with commit():
        visit(town.staff).post(url, form(town, last_seen_place="外环路公交站"))
    notice.refresh_from_db()
    assert notice.last_seen_place == "外环路公交站"
    assert len(stored_files()) == 2
    assert not set(before) & set(stored_files())


# --- who sees it ----------------------------------------------------------------------------


def test_the_community_alone_sees_it(town, visit, notice):
    keeper = UserFactory()
    post(keeper, "station_keeper", town.station)
    neighbours = [town.rider, town.grid_worker, town.other_grid_worker, town.staff, keeper]
    far = WorkerFactory(community=town.other).user
    strangers = [town.stranger, town.other_staff, far]
    photo = notice.get_absolute_url() + "photo/"
    for user in [*neighbours, town.officer, town.admin]:
        assert NAME in page(visit, user, notice), user
        response = visit(user).get(photo)
        assert response.status_code == 200
        assert b"".join(response.streaming_content)[:2] == b"\xff\xd8"
    for user in strangers:
        for url in (notice.get_absolute_url(), photo):
            assert visit(user).get(url).status_code == 404, (user, url)
    for url in (notice.get_absolute_url(), photo):
        assert visit(None).get(url).url.startswith("/accounts/login/")


def test_without_a_photo_the_page_shows_none(town, visit, notice):
    SearchPhoto.objects.all().delete()
    shown = page(visit, town.rider, notice)
    assert NAME in shown
    assert "search-photo" not in shown
    assert visit(town.rider).get(notice.get_absolute_url() + "photo/").status_code == 404


def test_no_browser_and_no_proxy_keeps_it(town, visit, notice):
    for url in (notice.get_absolute_url(), notice.get_absolute_url() + "photo/"):
        response = visit(town.rider).get(url)
        assert response["Cache-Control"] == "no-store"
        if response.streaming:
            response.close()


def test_the_page_calls_the_police_first(town, visit, notice):
    shown = page(visit, town.rider, notice)
    assert shown.index('href="tel:110"') < shown.index(NAME)
    for words in TELLTALES:
        assert words in shown


def test_the_neighbours_are_told_without_name_or_photo(town, notice):
    tasks.notify_begun(notice.pk)
    tasks.notify_begun(notice.pk)  # the queue may run a task twice
    told = Notice.objects.filter(kind="volunteers.search")
    people = {town.rider, town.grid_worker, town.other_grid_worker, town.staff}
    assert {row.recipient for row in told} == people
    assert told.count() == len(people)
    for row in told:
        assert not [w for w in TELLTALES if w in row.title + row.body + row.url]
        assert "photo" not in row.url
        assert "110" in row.body


def test_the_queue_is_asked_to_tell(town, notice):
    assert [item.task["func"] for item in OrmQ.objects.all()] == [
        "volunteers.searches.tasks.notify_begun"
    ]
    searches.end(notice, by=town.staff)
    tasks.notify_begun(notice.pk)  # too late: nobody is sent out any more
    assert not Notice.objects.exists()
    tasks.notify_found(notice.pk)
    assert town.rider.notices.get().kind == "volunteers.search_found"


# --- grid by grid ---------------------------------------------------------------------------


def test_a_tap_closes_a_gap_and_names_nobody(town, visit, notice):
    assert "2 片里还有 2 片没人看" in page(visit, town.rider, notice)
    after = mark(visit, town.rider, notice, town.six)
    assert "刚刚有人看过" in after
    assert "2 片里还有 1 片没人看" in after
    SearchedArea.objects.update(at=timezone.now() - timedelta(minutes=10))
    seen = page(visit, town.staff, notice)
    assert "10 分钟前有人看过" in seen
    assert str(town.rider) not in seen


def test_the_latest_look_counts(town, visit, notice):
    mark(visit, town.rider, notice, town.six)
    SearchedArea.objects.update(at=timezone.now() - timedelta(minutes=30))
    mark(visit, town.grid_worker, notice, town.six)
    assert SearchedArea.objects.count() == 2
    shown = page(visit, town.rider, notice)
    assert "刚刚有人看过" in shown
    assert "30 分钟前" not in shown


def test_tapping_twice_is_one_look(town, visit, notice):
    for _ in range(2):
        mark(visit, town.rider, notice, town.six)
    assert SearchedArea.objects.count() == 1


@pytest.mark.parametrize("grid", ["", "0", "x", "-1", "9" * 40, "\x00", "far"])
def test_no_grid_of_the_community_is_marked_by_nonsense(town, visit, notice, grid):
    value = town.far.pk if grid == "far" else grid
    response = visit(town.rider).post(notice.get_absolute_url(), {"act": "seen", "grid": value})
    assert response.status_code == 404
    assert not SearchedArea.objects.exists()


def take_back(visit, user, notice, grid):
    data = {"act": "unseen", "grid": grid.pk}
    return visit(user).post(notice.get_absolute_url(), data, follow=True).content.decode()


def test_a_wrong_tap_is_taken_back_and_the_gap_shows_again(town, visit, notice):
    assert "撤回" in mark(visit, town.rider, notice, town.six)
    assert "2 片里还有 2 片没人看" in take_back(visit, town.rider, notice, town.six)
    assert not SearchedArea.objects.exists()


def test_what_others_saw_and_what_is_old_stays(town, visit, notice):
    mark(visit, town.grid_worker, notice, town.six)
    assert 'value="unseen"' not in page(visit, town.rider, notice)
    assert "只能撤回自己" in take_back(visit, town.rider, notice, town.six)
    SearchedArea.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert "只能撤回自己" in take_back(visit, town.grid_worker, notice, town.six)
    assert SearchedArea.objects.count() == 1


def test_whoever_tapped_the_map_comes_back_to_the_map(town, visit, notice):
    data = {"act": "seen", "grid": town.six.pk}
    url = notice.get_absolute_url()
    assert visit(town.rider).post(url, data).url.endswith(f"#grid-{town.six.pk}")
    assert visit(town.rider).post(url, data | {"at": "map"}).url.endswith("#map")


def test_the_front_page_leads_the_community_to_a_running_search(town, visit, notice):
    link = f'href="{notice.get_absolute_url()}"'
    for user in (town.rider, town.staff, town.grid_worker):
        shown = visit(user).get("/").content.decode()
        assert link in shown
        assert not [words for words in TELLTALES if words in shown]
    for user in (town.stranger, None):
        assert link not in visit(user).get("/").content.decode()
    searches.end(notice, by=town.staff)
    assert link not in visit(town.rider).get("/").content.decode()


def test_strangers_mark_nothing(town, visit, notice):
    data = {"act": "seen", "grid": town.six.pk}
    assert visit(town.stranger).post(notice.get_absolute_url(), data).status_code == 404
    assert not SearchedArea.objects.exists()


# --- the end --------------------------------------------------------------------------------


def test_found_is_the_staffs_word(town, visit, notice):
    for user in (town.rider, town.grid_worker, town.officer):
        assert "一小时内删干净" not in page(visit, user, notice)
        url = notice.get_absolute_url()
        assert visit(user).post(url, {"act": "found"}).status_code == 403
    response = visit(town.staff).post(notice.get_absolute_url(), {"act": "found"}, follow=True)
    assert "太好了" in response.content.decode()
    again = visit(town.staff).post(notice.get_absolute_url(), {"act": "found"}, follow=True)
    assert "已经结束" in again.content.decode()


def test_staff_end_it_in_the_admin_too(town, visit, notice):
    data = {"action": "found", "_selected_action": [notice.pk]}
    url = "/admin/volunteers/searchnotice/"
    visit(town.other_staff).post(url, data)
    notice.refresh_from_db()
    assert notice.is_running
    assert "结束了 1 个" in visit(town.staff).post(url, data, follow=True).content.decode()
    assert "已经结束" in visit(town.staff).post(url, data, follow=True).content.decode()
    change = f"{url}{notice.pk}/change/"
    visit(town.staff).post(change, form(town))
    notice.refresh_from_db()
    assert notice.last_seen_place == "三棵杨树底下"


@pytest.mark.parametrize("end", ["found", "over"])
def test_once_over_nothing_of_the_person_is_shown_even_before_the_job(town, visit, notice, end):
    searches.end(notice, by=town.staff) if end == "found" else over(notice)
    for user in (town.rider, town.staff, town.admin):
        shown = page(visit, user, notice)
        assert not [words for words in TELLTALES if words in shown]
        assert "photo" not in shown
        assert visit(user).get(notice.get_absolute_url() + "photo/").status_code == 404
    assert ("谢谢大家" in page(visit, town.rider, notice)) == (end == "found")
    assert "已经结束" in mark(visit, town.rider, notice, town.six)
    assert "已经结束" in take_back(visit, town.rider, notice, town.six)
    assert not SearchedArea.objects.exists()
    with pytest.raises(NotAllowedNowError, match="结束"):
        searches.edit(notice, by=town.staff, fields=["name"])


# --- queries --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 40])
def test_a_searchs_page_asks_the_same_number_of_questions(
    town, visit, notice, django_assert_num_queries, count
):
    for number in range(count):
        grid = Grid.objects.create(
            community=town.community,
            number=100 + number,
            name=f"加{number}",
            boundary=square(46.6, round(124.0 + number / 100, 6)),
        )
        for _ in range(3):
            SearchedArea.objects.create(notice=notice, grid=grid, by=town.rider)
    for user, queries in ((town.rider, 9), (town.staff, 9)):
        client = visit(user)
        # What staff edit now and then is kept from here on.
        client.get(notice.get_absolute_url())
        with django_assert_num_queries(queries, info=str(user)):
            assert client.get(notice.get_absolute_url()).status_code == 200


def test_a_failed_change_of_the_photo_leaves_the_old_one(town, notice, stored_files, monkeypatch):
    before, photo = stored_files(), photos.process(io.BytesIO(media.jpeg(60, 40)))
    stored = searches.SearchPhoto.objects.get()
    monkeypatch.setattr(audit, "record_all", lambda *a, **n: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        searches.edit(notice, by=town.staff, fields=[], photo=photo)
    assert stored_files() == before
    assert SearchPhoto.objects.get() == stored
