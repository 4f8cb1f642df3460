"""What was erased after a backup does not come back with it."""

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from hazards.cases import merging
from hazards.cases.models.hazards import Hazard
from hazards.published import public
from stations.robots.models import ChatRobot
from tests.backup.scratch import list_of_ours, scratch
from tests.backup.test_round_trip import full_report
from tests.core.test_retention import errand_done, photo_place, search_over
from tests.factories.hazards import into
from tests.factories.volunteers import TeamFactory, searched
from tests.volunteers.teams.teams_help import join
from tests.workers.help.help_help import call
from tests.workers.proofs.test_proofs import proof
from volunteers.activities import calendar_feeds
from volunteers.errands.models import Errand
from volunteers.teams import teams
from workers import workers
from workers.help import help_requests
from workers.models import Worker
from yuanhang.backup import archive, backups, restores
from yuanhang.core import retention
from yuanhang.core.erasures import erasure_list, erasures, replay
from yuanhang.core.errors import NotAllowedNowError

pytestmark = pytest.mark.django_db(transaction=True)
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=5f6a8c1e-0000-4000-8000-000000000000"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path):
    with scratch(tmp_path / "there") as place:
        yield place


def rejected(town):
    """A report that is to go a month later."""
    case = into(full_report(town), "rejected", town)
    Hazard.objects.filter(pk=case.pk).update(waiting_since=timezone.now() - timedelta(days=40))
    return case


def erase_all(*keys):
    for key in keys:
        retention.erase(retention.rule(key))


def ids(place, table, condition="true"):
    with place.ask() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE {condition}")  # noqa: S608 - ours
        return {pk for (pk,) in cursor.fetchall()}


def member_shown(town):
    """The rider's place in a team, where others see the name."""
    team = TeamFactory(community=town.community)
    return join(team, town.rider, is_shown=True)


def test_nothing_that_was_erased_since_comes_back(town, place, tmp_path, stored_files):
    """Rows with their files, texts in rows that stay, and what somebody took back themselves."""
    gone, stays = rejected(town), full_report(town)
    errand_done(town, timezone.now() - timedelta(days=8))
    search_over(town, timezone.now() - timedelta(minutes=1))
    photo_place(town, timezone.now() - timedelta(days=2))
    workers.correct(town.rider.worker, by=town.rider, party="中共党员", consents=["party"])
    feed = calendar_feeds.renew_feed(by=town.rider)
    photo = stays.photos.get()
    public.publish(photo, by=town.grid_worker, boxes=[])
    member = member_shown(town)
    asked = call(town)
    made = backups.make(tmp_path / "kept", key="")
    assert len(stored_files()) > 3

    erase_all("hazards.rejected", "volunteers.errand", "volunteers.search", "hazards.photo_places")
    workers.withdraw_consent(town.rider.worker, "party", by=town.rider)
    calendar_feeds.end_feed(by=town.rider)
    public.unpublish(photo, by=town.grid_worker)
    teams.hide_membership(member.team, by=town.rider)
    help_requests.close(asked, by=None, end="helped")

    done = place.manage("restore", made.place, *list_of_ours())
    assert done.returncode == 0, done.stderr
    assert gone.pk not in ids(place, "hazards_hazard")
    assert stays.pk in ids(place, "hazards_hazard")
    assert feed.pk not in ids(place, "volunteers_calendarfeed")
    assert ids(place, "hazards_photoplace") == set()
    assert ids(place, "hazards_hazardphoto", "is_public OR public_image <> ''") == set()
    assert ids(place, "volunteers_membership") == {member.pk}
    assert ids(place, "volunteers_membership", "is_shown") == set()
    with place.ask() as cursor:
        cursor.execute("SELECT person_name, near FROM volunteers_errand")
        assert cursor.fetchone()[0] == ""
        cursor.execute("SELECT name, text, erased_at IS NULL FROM volunteers_searchnotice")
        assert cursor.fetchone() == ("", "", False)
        cursor.execute("SELECT place, latitude FROM workers_helprequest")
        assert cursor.fetchone() == ("", None)
        cursor.execute("SELECT party FROM workers_worker")
        assert cursor.fetchone() == ("",)
        cursor.execute("SELECT count(*) FROM workers_consent WHERE purpose = 'party'"
                       " AND withdrawn_at IS NULL")  # fmt: skip
        assert cursor.fetchone() == (0,)
    assert set(place.files()) == {name_of(path) for path in stored_files()}


def name_of(path):
    return path.relative_to(django_settings.MEDIA_ROOT).as_posix()


def test_the_list_names_nobody(town, tmp_path):
    rejected(town)
    search_over(town, timezone.now() - timedelta(minutes=1))
    erase_all("hazards.rejected", "volunteers.search")
    text = erasure_list.path().read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {name for line in lines[1:] for name in line} == {
        "number", "at", "how", "model", "ids", "transaction",
    }  # fmt: skip
    assert all(isinstance(key, int) for line in lines[1:] for key in line["ids"])
    assert erasure_list.path().stat().st_mode & 0o777 == 0o600


def test_without_the_list_nothing_is_restored_unless_told(town, place, tmp_path):
    gone = rejected(town)
    made = backups.make(tmp_path / "kept", key="")
    erase_all("hazards.rejected")
    # The copy beside the backup is of its time: it goes on from it, and is all that is there.
    beside = made.place.parent / erasure_list.FILE
    beside.unlink()
    done = place.manage("restore", made.place)
    assert done.returncode == 1
    assert "people who were erased would come back" in " ".join(done.stderr.split())
    assert place.manage("restore", made.place, "--forget-nothing").returncode == 0
    assert gone.pk in ids(place, "hazards_hazard")


def test_a_report_that_went_on_alone_is_not_erased_with_its_old_main_case(town, place, tmp_path):
    """In the backup it still follows; since then the main one was refused, and erased."""
    main, follower = full_report(town), full_report(town)
    merging.merge(follower, by=town.grid_worker, main=main)
    made = backups.make(tmp_path / "kept", key="")
    into(Hazard.objects.get(pk=main.pk), "rejected", town)
    assert Hazard.objects.get(pk=follower.pk).main_id is None
    Hazard.objects.filter(pk=main.pk).update(waiting_since=timezone.now() - timedelta(days=40))
    erase_all("hazards.rejected")
    done = place.manage("restore", made.place, *list_of_ours())
    assert done.returncode == 0, done.stderr
    assert ids(place, "hazards_hazard") == {follower.pk}
    assert ids(place, "hazards_hazard", "main_id IS NULL AND state <> 'merged'") == {follower.pk}


# --- the line and the commit --------------------------------------------------------------------


@pytest.mark.logs_errors
def test_what_cannot_be_noted_is_not_erased(town, caplog):
    """The folder is gone or read-only: the erasing fails as a whole, loudly, and waits."""
    gone = rejected(town)
    django_settings.BACKUP_DIR.parent.joinpath("backups").write_text("no folder")
    with pytest.raises(NotAllowedNowError, match="现在删不了"):
        erase_all("hazards.rejected")
    assert Hazard.objects.filter(pk=gone.pk).exists()
    assert "cannot be written" in caplog.text
    django_settings.BACKUP_DIR.unlink()
    erase_all("hazards.rejected")
    assert not Hazard.objects.filter(pk=gone.pk).exists()


@pytest.mark.logs_errors
@pytest.mark.parametrize("page", ["admin", "own"])
def test_a_page_whose_deletion_cannot_be_noted_says_so_and_deletes_nothing(town, visit, page):
    django_settings.BACKUP_DIR.write_text("no folder")
    robot = ChatRobot.objects.create(community=town.community, name="群", url=ROBOT)
    feed = calendar_feeds.CalendarFeed.objects.create(user=town.rider)
    if page == "admin":
        address = f"/admin/stations/chatrobot/{robot.pk}/delete/"
        answer = visit(town.admin).post(address, {"post": "yes"})
    else:
        answer = visit(town.rider).post("/volunteers/mine/calendar/", {"end": "1"})
    assert answer.status_code == 503
    assert "现在删不了，过一会儿再试。" in answer.content.decode()
    assert ChatRobot.objects.filter(pk=robot.pk).exists()
    assert calendar_feeds.CalendarFeed.objects.filter(pk=feed.pk).exists()


def test_a_full_disk_leaves_no_broken_line(town, monkeypatch):
    erasure_list.begin()
    before = erasure_list.path().read_bytes()
    real = os.write

    def half(descriptor, data):
        real(descriptor, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(erasure_list.os, "write", half)
    with pytest.raises(OSError, match="No space"):
        erasure_list.append({"taken_back": "x", "ids": []})
    monkeypatch.undo()
    assert erasure_list.path().read_bytes() == before


DIES = """
import os, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.BACKUP_DIR = sys.argv[1], sys.argv[2]
django.setup()
from yuanhang.core import retention
from yuanhang.core.erasures import erasures
real = erasures.note
def note(*given):
    real(*given)
    os._exit(9)
erasures.note = note
retention.erase(retention.rule("hazards.rejected"))
"""


def test_a_process_that_dies_between_line_and_commit_erases_nothing(town):
    """The line is taken back, so a restore keeps the row; until then it counts as erased."""
    gone = rejected(town)
    done = subprocess.run(
        [sys.executable, "-c", DIES, connection.settings_dict["NAME"], django_settings.BACKUP_DIR],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "yuanhang.settings"},
        check=False,
    )
    assert done.returncode == 9
    assert Hazard.objects.filter(pk=gone.pk).exists()
    assert [one.ids for one in lasting()] == [(gone.pk,)]
    assert erasures.settle() == 1
    assert lasting() == []
    assert erasures.settle() == 0
    erase_all("hazards.rejected")
    assert [one.ids for one in lasting()] == [(gone.pk,)]
    assert erasures.settle() == 0


def lasting():
    return list(erasure_list.lasting(erasure_list.read(erasure_list.path())))


def test_a_deletion_whose_savepoint_was_rolled_back_is_taken_back(town):
    feed = calendar_feeds.renew_feed(by=town.rider)
    with transaction.atomic():
        town.rider.save()  # something of the transaction stays
        inner = transaction.savepoint()
        erasures.delete(feed)
        transaction.savepoint_rollback(inner)
    assert erasures.settle() == 1
    assert lasting() == []


def test_an_erasure_still_under_way_when_the_backup_begins_is_carried_out_again(town, tmp_path):
    """Its line stands before the backup's place in the list, its commit comes after it."""
    gone = rejected(town)
    noted, backed_up = threading.Event(), threading.Event()

    def erase():
        try:
            with transaction.atomic():
                erase_all("hazards.rejected")
                noted.set()
                backed_up.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=erase)
    thread.start()
    noted.wait(20)
    made = backups.make(tmp_path / "kept", key="")
    backed_up.set()
    thread.join()
    assert [one.ids for one in since(made)] == [(gone.pk,)]
    later = backups.make(tmp_path / "later", key="")
    assert since(later) == []


def since(made):
    """What a restore of this backup would erase again."""
    said = archive.read_manifest(made.place, "")
    return restores._erased_since(made.place, said, [])


def test_an_eraser_that_this_code_does_not_know_fails_the_restore(town, tmp_path):
    with transaction.atomic():
        erasures.note("someday.eraser", "yuanhang.user", [town.rider.pk])
    with pytest.raises(replay.UnknownEraserError), transaction.atomic():
        replay.replay(lasting())


def test_every_rule_forgets_rows_in_whatever_state_and_rows_that_are_gone(town):
    """A backup holds them as they were then: a restore may not stumble over that."""
    open_case = full_report(town)
    search = searched(town)
    errand_done(town, timezone.now())
    errand = Errand.objects.get()
    keys = {
        "yuanhang.auditevent": [10**9],
        "yuanhang.draftupload": [10**9],
        "stations.complaint": [10**9],
        "stations.complaintslip": [10**9],
        "stations.facilityfault": [10**9],
        "stations.faulttap": [10**9],
        "stations.factversion": [10**9],
        "stations.factconfirmation": [10**9],
        "stations.factphoto": [10**9],
        "stations.wrongcode": [10**9],
        "stations.gaterefusal": [10**9],
        "hazards.hazardvoice": [*open_case.voices.values_list("pk", flat=True), 10**9],
        "hazards.hazard": [open_case.pk, 10**9],
        "hazards.photoplace": [10**9],
        "hazards.hazardphoto": [*open_case.photos.values_list("pk", flat=True), 10**9],
        "workers.helprequest": [call(town).pk, 10**9],
        "workers.joboffer": [10**9],
        "workers.proof": [proof(town).pk, 10**9],
        "volunteers.membership": [10**9],
        "volunteers.errand": [errand.pk, 10**9],
        "volunteers.searchnotice": [search.pk, 10**9],
        "workers.aidrequest": [10**9],
        "workers.worker": [Worker.objects.get().pk, 10**9],
    }
    known = replay.erasers()
    assert {one.model.lower() for one in known.values()} == set(keys)
    with transaction.atomic(), erasures.replaying():
        for one in known.values():
            one.forget(keys[one.model.lower()], timezone.now())
    assert not Hazard.objects.filter(pk=open_case.pk).exists()
    search.refresh_from_db()
    assert search.erased_at
