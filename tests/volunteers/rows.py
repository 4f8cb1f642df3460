"""The permission table's rows of the volunteering room; tests/test_permissions.py walks them."""

import io

from tests import media
from tests.factories.activities import ActivityFactory, session
from tests.factories.people import UserFactory
from tests.roles import OPEN, PERSONAL, POST_ONLY, row
from volunteers import workflow
from volunteers.models import CalendarFeed
from yuanhang.core import photos


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
        workflow.set_cover(town.activity, stored, by=town.staff)
        session(town.activity, maximum=20)
    return town.activity


def invitation(town):
    """The code of a companion's invitation; made once a test."""
    first = activity(town).sessions.get().signups.filter(pair__gt="").first()
    if first is None:
        place = activity(town).sessions.get()
        first = workflow.sign_up(place, by=UserFactory(), as_pair=True)
    return first.pair


def feed(role, town):
    """The rider's calendar; only the holder knows its address."""
    found, _new = CalendarFeed.objects.get_or_create(user=town.rider)
    return [found.token if role == "holder" else "guessed-token"]


LOGGED_IN = row("login" + " on" * 8 + " login")

GET = {
    "volunteers:activities": OPEN,
    "volunteers:activity": OPEN,
    "volunteers:cover": OPEN,
    "volunteers:poster": OPEN,
    "volunteers:poster-code": OPEN,
    "volunteers:session-calendar": OPEN,
    "volunteers:pair": OPEN,
    "volunteers:mine": PERSONAL,
    "volunteers:feed": row("404 " * 9 + "200"),
    "volunteers:act": POST_ONLY,
    "volunteers:pledge": POST_ONLY,
    "volunteers:feed-change": POST_ONLY,
}

POST = {
    "volunteers:act": LOGGED_IN,
    # An empty form.
    "volunteers:pledge": row("login" + " 400" * 8 + " login"),
    # The first one to come along; the invitation is used up then.
    "volunteers:pair": row("login on" + " 409" * 7 + " login"),
    "volunteers:feed-change": LOGGED_IN,
}

# The arguments of a row's URL, from the role that asks and the town.
ARGUMENTS = {
    "volunteers:activity": lambda role, town: [activity(town).pk],
    "volunteers:cover": lambda role, town: [activity(town).pk, "thumb"],
    "volunteers:poster": lambda role, town: [activity(town).pk],
    "volunteers:poster-code": lambda role, town: [activity(town).pk],
    "volunteers:pledge": lambda role, town: [activity(town).pk],
    "volunteers:session-calendar": lambda role, town: [activity(town).sessions.get().pk],
    "volunteers:act": lambda role, town: [activity(town).sessions.get().pk, "sign-up"],
    "volunteers:pair": lambda role, town: [invitation(town)],
    "volunteers:feed": feed,
}
