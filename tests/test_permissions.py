"""Role × URL × status, for every URL there is. A URL missing from the tables fails the build."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import get_resolver, path, reverse

from hazards.case_page.presenter import CORRECTIONS
from hazards.cases import access, cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.cases.transitions import BY_SLUG, SYSTEM, TRANSITIONS, UNIT
from stations.complaints.models import Complaint
from tests import media
from tests.factories.complaints import complain
from tests.factories.hazards import fields, into, report, stored_photo, stored_voice
from tests.permission_table import (
    CAPACITIES,
    GET,
    GROUPS,
    MOVE,
    POST,
    missing,
    routes,
)
from tests.roles import POST_ONLY, ROLES, row
from tests.stations.estates import rows as estates
from tests.undone import undone
from tests.volunteers import rows as volunteers
from tests.workers import rows as workers
from yuanhang.core.models import AuditEvent, User

# --- every URL has its row ------------------------------------------------------------------


def test_every_url_is_in_the_table():
    assert missing(get_resolver().url_patterns) == set()


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (path("hazards/secret/", lambda request: HttpResponse(), name="secret"), "secret"),
        (path("hazards/nameless/", lambda request: HttpResponse()), "hazards/nameless/"),
    ],
)
def test_a_new_url_without_a_row_is_missed(pattern, name):
    assert missing([*get_resolver().url_patterns, pattern]) == {name}


def test_a_row_without_its_url_is_missed():
    kept = [item for item in get_resolver().url_patterns if getattr(item, "name", "") != "home"]
    remaining = [item for item in kept if not any(name == "home" for _r, name in routes([item]))]
    assert "home" in missing(remaining)


def test_every_post_only_url_and_every_move_has_its_row():
    post_only = {name for name, cells in GET.items() if cells == POST_ONLY}
    assert post_only <= POST.keys() | {"hazards:move", "hazards:receipt-move"}
    assert MOVE.keys() == TRANSITIONS.keys()


# --- asking ---------------------------------------------------------------------------------


@pytest.fixture
def hazard(town):
    """The case of the tables: the rider's, in grid six, with a photo and a voice note."""
    return report(
        town.six,
        by=town.rider,
        attachments=Attachments(
            photos=[stored_photo(media.jpeg(64, 48))],
            voices=[stored_voice(media.wav(1.0))],
        ),
    )


@pytest.fixture
def as_role(visit, town):
    """A client of a role: `as_role("officer")`."""
    return lambda role: visit(getattr(town, role, None))


def cell(response):
    """What the tables say of a response."""
    if response.streaming:
        response.getvalue()  # reading to the end closes the file
    if response.status_code == 302:
        return "login" if response.url.startswith(reverse("account_login")) else "on"
    return str(response.status_code)


def token_for(role, hazard):
    """Only the holder knows the link."""
    return hazard.receipt_token if role == "holder" else "guessed-token-guessed-token"


def complaint_of(town):
    """One that was written to the community's staff."""
    return Complaint.objects.first() or complain(town.community)[0].complaint


def slip_token(role, town):
    """Only the holder knows the link."""
    return complaint_of(town).slips.get().token if role == "holder" else "guessed-token"


def address(name, role, town, hazard):
    """The URL of a row, for the case and the people of the tables."""
    photo, note = hazard.photos.get(), hazard.voices.get()
    slug = "withdraw"
    for room in (volunteers, workers, estates):
        if name in room.ARGUMENTS:
            return reverse(name, args=room.ARGUMENTS[name](role, town))
    arguments = {
        "core:notice": lambda: [town.rider.notices.first().pk],
        "stations:station": lambda: [town.station.slug],
        "door-display": lambda: [town.station.slug],
        "stations:keep": lambda: [town.station.slug],
        "stations:tell": lambda: [town.station.slug],
        "stations:tap-photo": lambda: [town.station.slug, 1, "full"],
        "stations:take-back": lambda: [town.station.slug, 1],
        "stations:ground": lambda: ["now"],
        "complaints:receipt": lambda: [slip_token(role, town)],
        "complaints:one": lambda: [complaint_of(town).pk],
        "pages:page": lambda: ["fraud"],
        "stations:poster": lambda: [town.station.slug],
        "stations:poster-code": lambda: [town.station.slug],
        "hazards:receipt": lambda: [token_for(role, hazard)],
        "hazards:receipt-photo": lambda: [token_for(role, hazard), photo.pk, "full"],
        "hazards:receipt-voice": lambda: [token_for(role, hazard), note.pk],
        "hazards:receipt-move": lambda: [token_for(role, hazard), slug],
        "hazards:case": lambda: [hazard.number],
        "hazards:queue-case": lambda: [hazard.number],
        "hazards:queue-move": lambda: [hazard.number, "accept"],
        "hazards:compare": lambda: [hazard.number, report(town.six).number],
        "hazards:transcribe": lambda: [hazard.number, note.pk],
        "hazards:correct": lambda: [hazard.number],
        "hazards:handover": lambda: [hazard.number],
        "hazards:handover-code": lambda: [hazard.number],
        "hazards:slip-manage": lambda: [hazard.number, "new"],
        "slips:slip": lambda: ["A" * 22],
        "slips:photo": lambda: ["A" * 22, photo.pk],
        "slips:deed": lambda: ["A" * 22, "fix"],
        "hazards:reporter": lambda: [hazard.number],
        "hazards:sighting-create": lambda: [hazard.number],
        "hazards:photo": lambda: [hazard.number, photo.pk, "thumb"],
        "hazards:photo-public": lambda: [hazard.number, photo.pk],
        "hazards:nearby-photo": lambda: [photo.pk],
        "hazards:fixed-photo": lambda: [photo.pk],
        "hazards:fixed-photo-small": lambda: [photo.pk],
        "hazards:voice": lambda: [hazard.number, note.pk],
        "hazards:move": lambda: [hazard.number, slug],
    }
    return reverse(name, args=arguments.get(name, list)())


@pytest.fixture
def told_rider(hazard, town):
    """A notice for the rider to open."""
    town.rider.notices.create(key="k", kind="hazards.accept", title="受理了", url="/notices/")


@pytest.mark.parametrize("name", sorted(GET))
def test_who_may_open_what(as_role, town, hazard, told_rider, name):
    answers = {role: cell(as_role(role).get(address(name, role, town, hazard))) for role in ROLES}
    assert answers == GET[name]


@pytest.mark.parametrize("name", sorted(POST))
def test_who_may_send_what(as_role, town, hazard, told_rider, name):
    answers = {role: cell(as_role(role).post(address(name, role, town, hazard))) for role in ROLES}
    assert answers == POST[name]


@pytest.mark.parametrize(
    ("url", "expected"), [item for pages in GROUPS.values() for item in pages.items()]
)
def test_who_may_open_other_peoples_pages(as_role, town, url, expected):
    assert {role: cell(as_role(role).get(url)) for role in ROLES} == expected


@pytest.mark.parametrize("role", [role for role in ROLES if role != "holder"])
def test_the_receipts_link_opens_for_whoever_has_it(as_role, town, hazard, role):
    page = as_role(role).get(hazard.get_receipt_url())
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"


# --- moves ----------------------------------------------------------------------------------


def move_as(role, verb, town, hazard, client):
    """Press the verb's button; the holder presses it on the receipt."""
    slug = TRANSITIONS[verb].slug
    if role == "holder":
        url = reverse("hazards:receipt-move", args=[hazard.receipt_token, slug])
    else:
        url = reverse("hazards:move", args=[hazard.number, slug])
    return client.post(url, fields(verb, town, hazard))


@pytest.mark.parametrize("verb", sorted(TRANSITIONS))
def test_who_may_move_a_case(as_role, town, verb):
    answers, moved = {}, set()
    hazard = into(report(town.six, by=town.rider), TRANSITIONS[verb].sources[0], town)
    done = AuditEvent.objects.filter(kind=f"hazards.{verb}", target_id=str(hazard.pk))
    before = done.count()
    for role in ROLES:
        with undone():
            if verb == "release" and role == "grid_worker":
                cases.take(hazard, by=town.grid_worker)
            answers[role] = cell(move_as(role, verb, town, hazard, as_role(role)))
            if done.count() > before:
                moved.add(role)
    assert answers == MOVE[verb]
    assert moved == {role for role, answer in answers.items() if answer == "on"}


@pytest.mark.parametrize("verb", sorted(TRANSITIONS))
def test_a_guessed_receipt_moves_nothing(client, town, verb):
    hazard = into(report(town.six), TRANSITIONS[verb].sources[0], town)
    url = reverse("hazards:receipt-move", args=["guessed-token", TRANSITIONS[verb].slug])
    assert client.post(url, fields(verb, town, hazard)).status_code == 404
    assert list(hazard.steps.values_list("verb", flat=True))[-1] != verb


def test_where_nobody_holds_the_grid_the_communitys_staff_review(as_role, town):
    town.grid_worker.postings.all().delete()
    answers, hazard = {}, report(town.six, by=town.rider)
    for role in ROLES:
        with undone():
            answers[role] = cell(move_as(role, "accept", town, hazard, as_role(role)))
    assert answers == row("login 404 403 404 404 on 404 403 on 403")


def test_outside_every_grid_the_communitys_staff_review(as_role, town):
    answers, hazard = {}, report(None, community=town.community, by=town.rider)
    for role in ROLES:
        with undone():
            answers[role] = cell(move_as(role, "accept", town, hazard, as_role(role)))
    assert answers == row("login 404 403 404 404 on 404 403 on 403")


def test_a_post_that_ended_opens_nothing(as_role, town, hazard):
    town.grid_worker.postings.update(start="2020-01-01", end="2020-12-31")
    assert cell(as_role("grid_worker").get(hazard.get_absolute_url())) == "404"
    assert cell(as_role("grid_worker").get(reverse("hazards:queue"))) == "403"


def test_an_unknown_verb_is_not_there(as_role, town, hazard):
    for verb in ("resurrect", "submit", "ask_info"):
        assert as_role("admin").post(f"{hazard.get_absolute_url()}{verb}/").status_code == 404
        assert as_role("guest").post(f"{hazard.get_receipt_url()}{verb}/").status_code == 404


# --- one rule, two places -------------------------------------------------------------------


def everywhere(town):
    """Cases in every kind of place, by the rider, by a worker and by nobody."""
    places = [
        {"grid": town.six},
        {"grid": town.one},
        {"grid": town.far},
        {"community": town.community},
        {"community": town.other},
        {},
    ]
    people = [None, town.rider, town.other_grid_worker]
    return [report(by=by, **place) for place in places for by in people]


def test_what_is_listed_is_what_opens(as_role, town):
    """`visible_to` and the case page agree, for every role and every kind of case."""
    hazards, counts = everywhere(town), {}
    for role in ROLES:
        client = as_role(role)
        user = getattr(town, role, None)
        listed = (
            set(Hazard.objects.visible_to(user).values_list("number", flat=True)) if user else set()
        )
        opened = {h.number for h in hazards if client.get(h.get_absolute_url()).status_code == 200}
        assert opened == listed, role
        counts[role] = len(opened)
    # Three cases in each of six places, one of the three by the rider, one by grid one's worker.
    assert list(counts.values()) == [0, 0, 6, 3, 8, 12, 6, 18, 18, 0]


def as_known(role, town):
    """The user of a role as a request meets them: fresh from the database, or anonymous."""
    user = getattr(town, role, None)
    return User.objects.get(pk=user.pk) if user is not None else AnonymousUser()


@pytest.mark.parametrize("verb", sorted(TRANSITIONS))
def test_what_access_allows_is_what_the_button_does(as_role, town, verb):
    """`can_move` and the answer to the POST agree, for every role that sees the case."""
    places = [{"grid": town.six}, {"grid": town.one}, {"community": town.community}]
    compared = set()
    for place in places:
        hazard = report(by=town.rider, **place)
        Hazard.objects.filter(pk=hazard.pk).update(state=State.WITHDRAWN)
        for role in ROLES:
            user, holds = as_known(role, town), role == "holder"
            seen = holds or Hazard.objects.visible_to(user).filter(pk=hazard.pk).exists()
            allowed = access.can_move(user, hazard, verb, holds_receipt=holds)
            with undone():
                answer = cell(move_as(role, verb, town, hazard, as_role(role)))
            if role == "guest":
                assert (answer, allowed) == ("login", False)
            elif not seen:
                assert (answer, allowed) == ("404", False), (role, place)
            else:
                # The case is over, so whoever may is told so; the others do not get that far.
                assert answer == ("409" if allowed else "403"), (role, place)
                compared.add(allowed)
    is_nobodys = TRANSITIONS[verb].actors in ((SYSTEM,), (UNIT,))
    assert compared == ({False} if is_nobodys else {True, False})


# On a page of their own, or only while somebody is at it or asks for it.
ELSEWHERE = CORRECTIONS | {"release", "deny_time"}


def test_the_moves_on_the_page_are_those_that_the_table_allows(as_role, town):
    """Buttons shown are exactly those whose POST would not be refused."""
    for state in State:
        hazard = into(report(town.six, by=town.rider), state, town)
        for role in ROLES:
            url = hazard.get_receipt_url() if role == "holder" else hazard.get_absolute_url()
            response = as_role(role).get(url)
            if response.status_code != 200:
                continue
            shown = {move.slug for move in response.context["moves"]}
            held = CAPACITIES.get(role, set())
            expected = {
                slug
                for slug, move in BY_SLUG.items()
                if state in move.sources
                and held & set(move.actors_from(state))
                and move.verb not in ELSEWHERE
            }
            if state == State.MERGED:
                expected.discard("rate")  # the main case is open
            if "reviewer" not in held:
                expected.discard("merge")  # a reporter is shown the likely ones instead
            assert shown == expected, (state, role)


# --- reporting is for everybody -------------------------------------------------------------


def test_everybody_may_report(as_role, town):
    answers = {}
    for role in ROLES:
        photo = SimpleUploadedFile("a.jpg", media.jpeg(64, 48), "image/jpeg")
        data = {"submission_key": str(uuid.uuid4()), "description": "井盖", "photos": photo}
        answers[role] = cell(as_role(role).post(reverse("hazards:report"), data))
    assert answers == row("on " * 10)
    assert Hazard.objects.count() == len(ROLES)
