"""The permission table's rows of help, proofs and aid; tests/test_permissions.py walks them."""

import uuid

from tests.roles import OPEN, PERSONAL, POST_ONLY, row
from tests.workers.help.help_help import POINT, attached
from workers.help import asking, recordings
from workers.proofs import proofs


def request(town):
    """The rider's request in grid six, with a photo and a voice note; made once a test."""
    if not hasattr(town, "help_request"):
        town.help_request, town.help_token = asking.ask(
            by=town.rider,
            submission_key=uuid.uuid4(),
            kind="fallen",
            grid=town.six,
            point=POINT,
            attached=attached(),
        )
        recordings.convert(town.help_request.voices.get().pk)
    return town.help_request


def by_number(*more):
    return lambda role, town: [request(town).pk, *(part(town) for part in more)]


def by_link(*more):
    def arguments(role, town):
        request(town)
        token = town.help_token if role == "holder" else "guessed"
        return [token, *(part(town) for part in more)]

    return arguments


def photo(town):
    return request(town).photos.get().pk


def voice(town):
    return request(town).voices.get().pk


def proof(_role, town):
    """The rider's proof, by its number; made once a test."""
    if not hasattr(town, "proof"):
        town.proof = proofs.register(
            by=town.rider,
            submission_key=uuid.uuid4(),
            what="fire",
            shown=proofs.Shown(),
            grid=town.six,
        )
    return [town.proof.number]


# The station is not kept, so the community's staff look after it.
ITS_PEOPLE = row("login 404 200 404 404 200 404 404 200 login")
HELD = row("404 " * 9 + "200")

# Whoever asked for aid, and one handler: nobody of these.
NOT_THERE = row("login" + " 404" * 8 + " login")

GET = {
    "aid:requests": PERSONAL,
    # For whoever is registered.
    "aid:ask": row("login 403 200 403 403 403 403 403 403 login"),
    "aid:request": NOT_THERE,
    "aid:handled": NOT_THERE,
    "aid:handle": NOT_THERE,
    "aid:add": POST_ONLY,
    "aid:decide": POST_ONLY,
    "aid:act": POST_ONLY,
    "workers:help": OPEN,
    "workers:help-near": PERSONAL,
    "workers:help-open": row("login 403 403 403 403 200 200 200 200 login"),
    "workers:help-request": ITS_PEOPLE,
    "workers:help-photo": ITS_PEOPLE,
    "workers:help-voice": ITS_PEOPLE,
    "workers:help-act": POST_ONLY,
    "workers:help-receipt": HELD,
    "workers:help-receipt-photo": HELD,
    "workers:help-receipt-voice": HELD,
    "workers:help-receipt-act": POST_ONLY,
    "workers:proof-new": row("login 403 200 403 403 403 403 403 403 login"),
    "workers:proofs-mine": PERSONAL,
    "workers:proofs-waiting": row("login 403 403 403 403 200 200 403 200 login"),
    "workers:proof": OPEN,
    "workers:proof-receipt": row("login 404 200 404 404 404 404 404 404 login"),
    "workers:proof-delete": POST_ONLY,
    "workers:proof-confirm": POST_ONLY,
    "workers:proof-decline": POST_ONLY,
}
POST = {
    "workers:proof-new": row("login 403 400 403 403 403 403 403 403 login"),
    "workers:proof-delete": row("login 404 on 404 404 404 404 404 404 login"),
    "workers:proof-confirm": row("login 403 403 403 403 400 404 403 400 login"),
    "workers:proof-decline": row("login 403 403 403 403 on 404 403 on login"),
    "aid:add": NOT_THERE,
    "aid:decide": NOT_THERE,
    "aid:act": NOT_THERE,
    "workers:help": row("400 " * 10),
    # 还要人, which nobody asked yet: an answer to its asker alone, at their own page.
    "workers:help-act": row("login 404 409 404 404 403 404 404 403 login"),
    "workers:help-receipt-act": row("404 " * 9 + "409"),
}
ARGUMENTS = {
    "workers:proof": proof,
    "workers:proof-receipt": proof,
    "workers:proof-delete": proof,
    "workers:proof-confirm": proof,
    "workers:proof-decline": proof,
    "aid:request": lambda _role, _town: ["J-234567"],
    "aid:handle": lambda _role, _town: ["J-234567"],
    "aid:add": lambda _role, _town: ["J-234567"],
    "aid:decide": lambda _role, _town: ["J-234567", "agree"],
    "aid:act": lambda _role, _town: ["J-234567", "end"],
    "workers:help-request": by_number(),
    "workers:help-photo": by_number(photo, lambda _town: "thumb"),
    "workers:help-voice": by_number(voice),
    "workers:help-act": by_number(lambda _town: "still-needed"),
    "workers:help-receipt": by_link(),
    "workers:help-receipt-photo": by_link(photo, lambda _town: "thumb"),
    "workers:help-receipt-voice": by_link(voice),
    "workers:help-receipt-act": by_link(lambda _town: "still-needed"),
}
