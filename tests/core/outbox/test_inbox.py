"""The inbox, and whether the server lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.workers import UserFactory
from yuanhang.core.outbox.models import Notice
from yuanhang.core.outbox.views import PAGE_SIZE
from yuanhang.core.paging import encode_cursor

ROOT = Path(__file__).resolve().parents[2]


def tell(user, count, **fields):
    return Notice.objects.bulk_create(
        Notice(recipient=user, key=f"k{n}", kind="core.test", title=f"第{n}条", **fields)
        for n in range(count)
    )


def titles(response):
    return [notice.title for notice in response.context["notices"]]


def test_an_empty_inbox_says_what_will_be_written_here(town, visit):
    page = visit(town.rider).get("/notices/").content.decode()
    assert "还没有通知" in page
    assert "你报的事有了进展，会写在这里。" in page
    assert "/hazards/report/" in page


def test_guests_are_asked_to_log_in(town, client):
    notice = tell(town.rider, 1)[0]
    for path in (f"/notices/{notice.pk}/", "/notices/read-all/"):
        answer = client.post(path, headers={"Referer": "http://testserver/notices/"})
        assert answer["Location"] == "/accounts/login/?next=/notices/"
    assert client.get("/notices/")["Location"] == "/accounts/login/?next=/notices/"
    notice.refresh_from_db()
    assert notice.read_at is None


def test_pages_follow_one_another_newest_first_without_gap_or_double(town, visit):
    tell(town.rider, 2 * PAGE_SIZE + 5)
    tell(town.stranger, 3)
    client = visit(town.rider)
    seen, query = [], ""
    for length in (PAGE_SIZE, PAGE_SIZE, 5):
        response = client.get(f"/notices/{query}")
        assert len(titles(response)) == length
        seen += titles(response)
        query = f"?before={response.context['following']}"
    assert seen == [f"第{n}条" for n in reversed(range(2 * PAGE_SIZE + 5))]
    assert query == "?before="


def test_a_full_page_has_no_empty_one_behind_it(town, visit):
    tell(town.rider, PAGE_SIZE)
    response = visit(town.rider).get("/notices/")
    assert response.context["following"] == ""
    assert "更早的" not in response.content.decode()


@pytest.mark.parametrize("cursor", ["garbage", "WyJ4Il0", "WzEsMl0", "W251bGxd", "%00", "W10"])
def test_a_broken_page_key_shows_the_first_page(town, visit, cursor):
    tell(town.rider, 2)
    response = visit(town.rider).get(f"/notices/?before={cursor}")
    assert response.status_code == 200
    assert titles(response) == ["第1条", "第0条"]


@pytest.mark.parametrize(("number", "shown"), [(10**40, 2), (-(10**40), 2), (0, 0)])
def test_a_page_key_beyond_every_row_is_no_error(town, visit, number, shown):
    tell(town.rider, 2)
    response = visit(town.rider).get("/notices/", {"before": encode_cursor([number])})
    assert len(titles(response)) == shown


def test_opening_marks_one_as_read_and_goes_where_it_points(town, visit):
    notice, other = tell(town.rider, 2, url="/workers/me/")
    client = visit(town.rider)
    response = client.post(f"/notices/{notice.pk}/")
    assert (response.status_code, response["Location"]) == (302, "/workers/me/")
    notice.refresh_from_db()
    first_read = notice.read_at
    assert set(Notice.objects.unread()) == {other}
    client.post(f"/notices/{notice.pk}/")
    notice.refresh_from_db()
    assert notice.read_at == first_read


def test_a_notice_without_a_place_leads_back_to_the_inbox(town, visit):
    notice = tell(town.rider, 1)[0]
    assert visit(town.rider).post(f"/notices/{notice.pk}/")["Location"] == "/notices/"


@pytest.mark.parametrize("who", ["stranger", "grid_worker", "staff", "officer", "admin"])
def test_somebody_elses_notice_is_not_there(town, visit, who):
    notice = tell(town.rider, 1)[0]
    client = visit(getattr(town, who))
    assert client.post(f"/notices/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_to_a_guests_phone_is_in_nobodys_inbox(town, visit):
    notice = Notice.objects.create(recipient=None, key="k", kind="core.test", title="题")
    client = visit(town.rider)
    assert titles(client.get("/notices/")) == []
    assert client.post(f"/notices/{notice.pk}/").status_code == 404


@pytest.mark.parametrize("pk", [0, 10**18, 10**40])
def test_an_unknown_notice_is_not_there(town, visit, pk):
    assert visit(town.rider).post(f"/notices/{pk}/").status_code == 404


@pytest.mark.parametrize("path", ["/notices/1/", "/notices/read-all/"])
def test_reading_changes_nothing_by_a_mere_link(town, visit, path):
    assert visit(town.rider).get(path).status_code == 405


def test_everything_is_marked_as_read_for_oneself_alone(town, visit):
    tell(town.rider, 3)
    strangers = tell(town.stranger, 1)
    response = visit(town.rider).post("/notices/read-all/", {"next": "/workers/me/"})
    assert response["Location"] == "/workers/me/"
    assert set(Notice.objects.unread()) == set(strangers)


def test_the_number_of_unread_stands_in_the_bar_and_stops_at_99(town, visit):
    badge = '<span class="badge-count">'
    client = visit(town.rider)
    assert badge not in client.get("/notices/").content.decode()
    tell(town.rider, 99)
    assert f"{badge}99</span>" in client.get("/notices/").content.decode()
    Notice.objects.create(recipient=town.rider, key="one more", kind="core.test", title="题")
    assert f"{badge}99+</span>" in client.get("/notices/").content.decode()


def test_a_title_is_text_and_never_markup(town, visit):
    Notice.objects.create(
        recipient=town.rider, key="k", kind="core.test", title="<script>1</script>", body="<b>"
    )
    page = visit(town.rider).get("/notices/").content.decode()
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_inbox_costs_the_same_however_full_it_is(town, visit, django_assert_num_queries, count):
    tell(UserFactory(), 50)
    tell(town.rider, count)
    client = visit(town.rider)
    with django_assert_num_queries(4):  # session, user, notices, unread
        client.get("/notices/")


# --- does it live ---------------------------------------------------------------------------


def test_the_server_lives_and_is_ready(db, client):
    alive, ready = client.get("/healthz"), client.get("/readyz")
    assert (alive.status_code, alive.content) == (200, b"ok\n")
    assert (ready.status_code, ready.content) == (200, b"ready\n")
    assert {alive["Content-Type"], ready["Content-Type"]} == {"text/plain"}


def test_asking_whether_it_lives_costs_no_query(db, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


PROGRAM = """
import django
django.setup()
from django.test import Client
client = Client()
for path in ("/readyz", "/healthz", "/readyz"):
    answer = client.get(path)
    print(path, answer.status_code, answer.content.decode().strip())
"""


def test_without_its_database_the_server_lives_but_is_not_ready(tmp_path):
    """A process of its own, whose database is a port where nobody listens."""
    (tmp_path / "static").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "yuanhang.settings",
            "YUANHANG_ENV": "test",
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "/readyz 503 no database",
        "/healthz 200 ok",
        "/readyz 503 no database",
    ]
