"""The demo is complete enough to walk every screen, and nobody in it exists."""

import itertools
import re
from pathlib import Path

import av
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.sightings.models import Sighting
from stations.areas.models import Community, Grid, Subdistrict
from stations.estates.models import Estate
from stations.houses.models import Station
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import Pledge, SignUp
from volunteers.errands.models import Errand
from volunteers.searches.models import SearchNotice
from volunteers.skills.models import Course
from volunteers.teams.models import Team
from workers.help.models import HelpRequest
from workers.models import Worker
from workers.proofs.models import Proof
from yuanhang.core.models import AuditEvent, User
from yuanhang.core.outbox.models import Notice
from yuanhang.demo.log_ins import LOGINS, PASSWORD
from yuanhang.demo.management.commands import seed_demo
from yuanhang.demo.news import NEWS


@pytest.fixture
def demo(db, settings):
    """The loaded demo."""
    settings.DEMO = True
    call_command(seed_demo.Command(), verbosity=0)


def test_it_has_what_was_promised(demo, client, settings):
    models = (Subdistrict, Community, Grid, Station, Estate, Worker, Hazard, Activity)
    assert [model.objects.count() for model in models] == [1, 2, 8, 5, 3, 40, 62, 28]
    volunteering = (Course, Team, Errand, SearchNotice, HelpRequest, Proof)
    assert [model.objects.count() for model in volunteering] == [4, 2, 6, 1, 4, 2]
    trainings = Activity.objects.filter(kind="training")
    assert not trainings.filter(course=None).exists()
    in_every_state = {state.value for state in State}
    assert set(Hazard.objects.values_list("state", flat=True)) == in_every_state
    the_grids_tile_the_ground()
    the_files_are_real()
    the_activities_show_every_state()
    nobody_exists()
    passers_by_spoke()
    nobody_is_buried_in_old_news()
    times_are_in_order()
    everybody_can_log_in(client)


def nobody_is_buried_in_old_news():
    unread = Notice.objects.unread().values("recipient").annotate(number=Count("pk"))
    assert max(row["number"] for row in unread) == NEWS


def the_grids_tile_the_ground():
    grids = list(Grid.objects.all())
    for one, other in itertools.combinations(grids, 2):
        assert one.polygon.intersection(other.polygon).area < 1e-12, (one, other)
    assert Grid.objects.containing(46.545, 124.945) is not None


def the_files_are_real():
    assert HazardPhoto.objects.filter(is_repair=True).exists()
    for note in HazardVoice.objects.all()[:3]:
        with av.open(str(Path(note.audio.path))) as opened:
            stream = opened.streams.audio[0]
            assert stream.codec_context.name == "aac"
            assert abs(float(stream.duration * stream.time_base) - note.seconds) < 0.3


def the_activities_show_every_state():
    assert set(Activity.objects.values_list("kind", flat=True)) == set(Activity.Kind.values)
    states = set(Activity.objects.values_list("state", flat=True))
    assert states == {"published", "finished", "cancelled"}
    alive = {"pairing", "waiting", "offered", "confirmed"}
    assert alive <= set(SignUp.objects.values_list("state", flat=True))
    assert Activity.objects.filter(is_confidential=True).count() == 1
    assert Pledge.objects.count() == 20
    for place in ActivitySession.objects.all():
        assert place.taken == place.signups.holding().count() <= place.maximum


def nobody_exists():
    for user in User.objects.all():
        assert re.fullmatch(r"1000000\d{4}", user.phone), user.phone
        assert user.display_name.endswith("（演示）")
    assert not Hazard.objects.exclude(contact_phone="").exists()


def passers_by_spoke():
    """Of open cases, and of a closed one in grid six enough to look again."""
    assert Sighting.objects.filter(after_closing=False).count() >= 4
    assert not Sighting.objects.filter(by=F("hazard__reporter")).exists()
    notice = Notice.objects.get(kind="hazards.staff_still_there")
    assert notice.recipient.phone == "10000000011"
    assert notice.read_at is None


def times_are_in_order():
    for hazard in Hazard.objects.prefetch_related("steps"):
        times = [step.at for step in hazard.steps.all()]
        assert times == sorted(times)
        assert hazard.submitted_at == times[0]
    for model in (Hazard, Notice, AuditEvent):
        assert model.objects.count() > 50


def everybody_can_log_in(client):
    for phone, _name in LOGINS:
        client.logout()
        client.post("/accounts/login/", {"login": phone, "password": PASSWORD})
        assert client.get("/workers/me/").status_code == 200, phone
        has_queue = phone not in ("10000000001", "10000000002", "10000000051")
        assert client.get("/hazards/queue/").status_code == (200 if has_queue else 403), phone
        may_enter = phone in ("10000000021", "10000000022", "10000000041")
        assert client.get("/admin/").status_code == (200 if may_enter else 302), phone


def test_it_is_refused_outside_demo_mode_and_beside_real_people(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo mode only"):
        call_command(seed_demo.Command())
    settings.DEMO = True
    User.objects.create_user("10000010000", "x")
    with pytest.raises(CommandError, match="people already"):
        call_command(seed_demo.Command())
    assert not Community.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_demo_that_breaks_off_leaves_nothing(settings, monkeypatch):
    settings.DEMO = True

    def break_off(*args):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("yuanhang.demo.cases.make_cases", break_off)
    with pytest.raises(RuntimeError):
        call_command(seed_demo.Command(), verbosity=0)
    assert not User.objects.exists()
    assert not Community.objects.exists()
