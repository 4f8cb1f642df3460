"""The permission table's rows of the volunteering room; tests/test_permissions.py walks them."""

import io

from django.core.files.base import ContentFile
from django.utils import timezone

from tests import media
from tests.factories.volunteers import (
    ActivityFactory,
    SkillFactory,
    TeamFactory,
    held,
    searched,
    session,
)
from tests.factories.workers import UserFactory
from tests.roles import OPEN, PERSONAL, POST_ONLY, row
from volunteers.activities import banner, signups
from volunteers.activities.models.calendar_feeds import CalendarFeed
from volunteers.errands.models import Errand
from volunteers.record import certificates, commendations, service_records
from volunteers.skills.models import Qualification, QualificationScan
from yuanhang.core.media import photos


def activity(town):
    """An announced activity of the community, with a picture and a session; made once a test."""
    if not hasattr(town, "activity"):
        town.activity = ActivityFactory(
            community=town.community,
            organiser=town.staff,
            pledge_item="树苗",
            pledge_target=50,
        )
        stored = photos.process(io.BytesIO(media.jpeg(64, 48)))
        banner.set_banner(town.activity, stored, by=town.staff)
        session(town.activity, maximum=20)
    return town.activity


def invitation(town):
    """The code of a companion's invitation; made once a test."""
    first = activity(town).sessions.get().signups.filter(pair__gt="").first()
    if first is None:
        place = activity(town).sessions.get()
        first = signups.sign_up(place, by=UserFactory(), as_pair=True)
    return first.pair


def feed(role, town):
    """The rider's calendar; only the holder knows its address."""
    found, _new = CalendarFeed.objects.get_or_create(user=town.rider)
    return [found.token if role == "holder" else "guessed-token"]


LOGGED_IN = row("login" + " on" * 8 + " login")


def roster(town):
    """A session that the rider took part in and nobody wrote down yet."""
    if not hasattr(town, "roster"):
        town.roster = held(activity(town), [town.rider])
    return town.roster


def entry(town):
    """Minutes of the rider that the staff typed, so that another has to confirm them."""
    if not hasattr(town, "entry"):
        town.entry = service_records.enter_by_hand(
            user=town.rider,
            community=town.community,
            minutes=30,
            on=timezone.localdate(),
            content="送药",
            reason="没网",
            by=town.staff,
        )
    return town.entry


def asked(town):
    """A certificate that the rider asked for."""
    if not hasattr(town, "asked"):
        service_records.answer_entry(entry(town), by=town.admin, is_accepted=True)
        town.asked = certificates.request(town.rider, community=town.community)
    return town.asked


def certificate(town):
    """The rider's certificate."""
    if not hasattr(town, "certificate"):
        town.certificate = certificates.issue(
            asked(town), by=town.staff, person_in_charge="主任", contact="0459-0000000"
        )
    return town.certificate


def scan(town):
    """The picture of a certificate that the rider got elsewhere."""
    if not hasattr(town, "scan"):
        held_one = Qualification.objects.create(
            user=town.rider,
            skill=SkillFactory(),
            source="registered",
            issuer="红十字会（演示）",
            since=timezone.localdate(),
        )
        photo = "volunteers/none.jpg"
        town.scan = QualificationScan(
            qualification=held_one, image=photo, thumbnail=photo, width=1, height=1
        )
        town.scan.image.storage.save(photo, ContentFile(b"\xff\xd8"))
        town.scan.save()
    return town.scan.qualification_id


def words(town):
    """A commendation of the rider."""
    if not hasattr(town, "words"):
        town.words = commendations.commend(town.rider, kind="award", text="好", by=town.staff)
    return town.words


def missing(town):
    """A running search of the community, with a photo; made once a test."""
    if not hasattr(town, "missing"):
        town.missing = searched(town)
    return town.missing


def team(town):
    """A team of the community; made once a test."""
    if not hasattr(town, "team"):
        town.team = TeamFactory(community=town.community)
    return town.team


def errand(town):
    """Something to be brought in grid six; free to be taken."""
    return Errand.objects.create(
        community=town.community, grid=town.six, kind="medicine", title="送药", near="公交站"
    )


NEIGHBOURS = row("login 404 200 200 200 200 404 200 200 login")
KEPT = row("login 404 404 404 404 200 404 404 200 login")
GET = {
    "volunteers:search": NEIGHBOURS,
    # The rider is not confirmed yet, so they see the page and nobody on it.
    "volunteers:search-photo": NEIGHBOURS | {"rider": "403"},
    "volunteers:teams": OPEN,
    "volunteers:team": OPEN,
    "volunteers:errands": PERSONAL,
    "volunteers:errand": row("login 404 200 404 404 200 404 404 200 login"),
    "volunteers:errand-act": POST_ONLY,
    "volunteers:activities": OPEN,
    "volunteers:activity": OPEN,
    "volunteers:banner": OPEN,
    "volunteers:poster": OPEN,
    "volunteers:poster-code": OPEN,
    "volunteers:session-calendar": OPEN,
    "volunteers:pair": OPEN,
    "volunteers:mine": PERSONAL,
    "volunteers:feed": row("404 " * 9 + "200"),
    "volunteers:act": POST_ONLY,
    "volunteers:pledge": POST_ONLY,
    "volunteers:feed-change": POST_ONLY,
    "volunteers:roster": row("login 403 403 403 403 200 403 403 200 login"),
    "volunteers:record": PERSONAL,
    "volunteers:record-export": PERSONAL,
    "volunteers:certificate-ask": POST_ONLY,
    "volunteers:person": KEPT,
    "volunteers:person-export": KEPT,
    "volunteers:person-hours": POST_ONLY,
    "volunteers:person-commend": POST_ONLY,
    "volunteers:person-paper": POST_ONLY,
    "volunteers:commendation-revoke": POST_ONLY,
    "volunteers:scan": row("login 404 200 404 404 200 404 404 200 login"),
    "volunteers:records": row("login 403 403 403 403 200 200 403 200 login"),
    "volunteers:record-answer": POST_ONLY,
    "volunteers:request-answer": POST_ONLY,
    # Without the check code it says nothing but "type the code".
    "volunteers:certificate": OPEN,
    "volunteers:certificate-print": row("login 404 200 404 404 200 404 404 200 login"),
    "volunteers:certificate-revoke": POST_ONLY,
}

POST = {
    "volunteers:search": row("login 404 403 400 400 400 404 400 400 login"),
    # An empty form; who may do what in a team is told by tests/volunteers/test_teams.py.
    "volunteers:team": row("login" + " 400" * 8 + " login"),
    # Taking it on: the rider is registered, but nobody confirmed that yet.
    "volunteers:errand-act": row("login 404 403 404 404 403 404 404 403 login"),
    "volunteers:act": LOGGED_IN,
    # An empty form.
    "volunteers:pledge": row("login" + " 400" * 8 + " login"),
    # The first one to come along; the invitation is used up then.
    "volunteers:pair": row("login on" + " 409" * 7 + " login"),
    "volunteers:feed-change": LOGGED_IN,
    # Below, an empty form is 400 where the person may, and 404 or 403 where not.
    # The list as it stands: the staff confirm it, and the administrator finds it confirmed.
    "volunteers:roster": row("login 403 403 403 403 on 403 403 409 login"),
    "volunteers:certificate-ask": row("login on on on on on on on on login"),
    "volunteers:person-hours": row("login 404 404 404 404 400 404 404 400 login"),
    "volunteers:person-commend": row("login 404 404 404 404 400 404 404 400 login"),
    "volunteers:person-paper": row("login 404 404 404 404 400 404 404 400 login"),
    # Taken back by the staff, so gone for the administrator.
    "volunteers:commendation-revoke": row("login 404 404 404 404 on 404 404 404 login"),
    # The staff typed it in, so they may not confirm it.
    "volunteers:record-answer": row("login 404 403 404 404 403 404 404 400 login"),
    "volunteers:request-answer": row("login 404 403 404 404 400 404 404 400 login"),
    "volunteers:certificate-revoke": row("login 404 403 404 404 400 404 404 400 login"),
}

# The arguments of a row's URL, from the role that asks and the town.
ARGUMENTS = {
    "volunteers:search": lambda role, town: [missing(town).pk],
    "volunteers:search-photo": lambda role, town: [missing(town).pk],
    "volunteers:team": lambda role, town: [team(town).pk],
    "volunteers:errand": lambda role, town: [errand(town).pk],
    "volunteers:errand-act": lambda role, town: [errand(town).pk, "claim"],
    "volunteers:activity": lambda role, town: [activity(town).pk],
    "volunteers:banner": lambda role, town: [activity(town).pk, "thumb"],
    "volunteers:poster": lambda role, town: [activity(town).pk],
    "volunteers:poster-code": lambda role, town: [activity(town).pk],
    "volunteers:pledge": lambda role, town: [activity(town).pk],
    "volunteers:session-calendar": lambda role, town: [activity(town).sessions.get().pk],
    "volunteers:act": lambda role, town: [activity(town).sessions.get().pk, "sign-up"],
    "volunteers:pair": lambda role, town: [invitation(town)],
    "volunteers:feed": feed,
    "volunteers:roster": lambda role, town: [roster(town).pk],
    "volunteers:scan": lambda role, town: [scan(town)],
    "volunteers:commendation-revoke": lambda role, town: [words(town).pk],
    "volunteers:record-answer": lambda role, town: [entry(town).pk],
    "volunteers:request-answer": lambda role, town: [asked(town).pk],
    **{
        f"volunteers:{name}": lambda role, town: [town.rider.pk]
        for name in ("person", "person-export", "person-hours", "person-commend", "person-paper")
    },
    **{
        f"volunteers:{name}": lambda role, town: [certificate(town).number]
        for name in ("certificate", "certificate-print", "certificate-revoke")
    },
}
