"""Role × URL × status, for every URL there is; tests/test_permissions.py walks it."""

from django.urls import URLPattern, URLResolver

from tests.roles import OPEN, PERSONAL, POST_ONLY, row
from tests.volunteers import rows as volunteers
from tests.workers import rows as workers

OF_THE_CASE = row("login 404 200 200 404 200 404 200 200 login")
BY_LINK = row("404 " * 9 + "200")

GET = {
    "home": OPEN,
    "rights": OPEN,
    "door-display": OPEN,
    "report-code": OPEN,
    "me": PERSONAL,
    "core:inbox": PERSONAL,
    "core:read-all": POST_ONLY,
    "core:notice": POST_ONLY,
    "core:sms-reports": POST_ONLY,
    "core:healthz": OPEN,
    "core:readyz": OPEN,
    "stations:places": OPEN,
    "stations:places-csv": OPEN,
    "stations:places-geojson": OPEN,
    "stations:station": OPEN,
    "stations:poster": OPEN,
    "stations:poster-code": OPEN,
    "stations:ground": OPEN,
    "stations:tell": POST_ONLY,
    # Nobody showed anything there.
    "stations:tap-photo": row("login" + " 404" * 8 + " login"),
    "stations:take-back": POST_ONLY,
    "stations:keep": row("login 403 403 403 403 200 403 403 200 login"),
    "complaints:write": OPEN,
    "complaints:receipt": BY_LINK,
    # The community's staff and the subdistrict's officer, each with what was written to them.
    "complaints:inbox": row("login 403 403 403 403 200 200 200 200 login"),
    "complaints:one": row("login 404 404 404 404 200 404 404 200 login"),
    "pages:page": OPEN,
    "estates:estates": OPEN,
    "estates:estate": OPEN,
    "estates:sheet": OPEN,
    "estates:sheet-code": OPEN,
    "estates:history": OPEN,
    # Nobody has confirmed the rider's registration; staff keep the estates of their community.
    "estates:write": row("login 403 403 403 403 200 403 403 200 login"),
    "estates:correct": row("login 403 403 403 403 200 403 403 200 login"),
    "estates:photo": row("login 404 404 404 404 200 404 404 200 login"),
    "estates:confirm": POST_ONLY,
    "estates:keep": row("login 403 403 403 403 200 403 403 200 login"),
    "estates:import": row("login 403 403 403 403 200 200 403 200 login"),
    "estates:property": OPEN,
    "hazards:gate-refused": OPEN,
    "workers:welcome": PERSONAL,
    "workers:me": PERSONAL,
    "workers:withdraw": POST_ONLY,
    "workers:privacy": OPEN,
    "hazards:report": OPEN,
    "hazards:nearby": POST_ONLY,
    # For confirmed workers, and nobody has confirmed the rider; nothing is public by itself.
    "hazards:nearby-photo": row("404 " * 10),
    "hazards:lookup": OPEN,
    "hazards:mine": PERSONAL,
    "hazards:queue": row("login 403 403 200 200 200 200 200 200 login"),
    "hazards:queue-find": POST_ONLY,
    "hazards:queue-case": row("login 403 403 200 404 200 404 200 200 login"),
    "hazards:queue-move": POST_ONLY,
    "hazards:together": row("login 403 403 200 200 200 200 200 200 login"),
    "hazards:map": row("login 403 403 200 200 200 200 200 200 login"),
    "hazards:map-data": row("login 403 403 200 200 200 200 200 200 login"),
    "hazards:fixed": OPEN,
    # Nothing is public by itself.
    "hazards:fixed-photo": row("404 " * 10),
    "hazards:fixed-photo-small": row("404 " * 10),
    "hazards:photo-public": row("login 404 403 200 404 403 404 403 200 login"),
    "hazards:nearby-cases": PERSONAL,
    "hazards:sighting-create": POST_ONLY,
    "hazards:receipt": BY_LINK,
    "hazards:receipt-photo": BY_LINK,
    "hazards:receipt-voice": BY_LINK,
    "hazards:receipt-move": POST_ONLY,
    "hazards:claim": POST_ONLY,
    "hazards:case": OF_THE_CASE,
    "hazards:photo": OF_THE_CASE,
    "hazards:voice": OF_THE_CASE,
    "hazards:reporter": POST_ONLY,
    "hazards:transcribe": POST_ONLY,
    # The rider sees their own of the two, and merges nothing by comparing.
    "hazards:compare": row("login 404 404 200 404 403 404 403 200 login"),
    "hazards:move": POST_ONLY,
    "hazards:correct": row("login 404 403 200 404 200 404 200 200 login"),
    # Nothing to hand over before the case is accepted.
    "hazards:handover": row("login 404 403 404 404 404 404 404 404 login"),
    "roads:roads": OPEN,
    "hazards:handover-code": row("login 404 403 404 404 404 404 404 404 login"),
    "hazards:slip-manage": POST_ONLY,
    # By the link and its code alone, whoever asks: nobody of these has it.
    "slips:slip": row("404 " * 10),
    "slips:photo": row("404 " * 10),
    "slips:deed": POST_ONLY,
    "hazards:entry": row("login 403 403 200 200 200 200 200 200 login"),
    "hazards:export": row("login 403 403 200 200 200 200 200 200 login"),
}

POST = {
    "complaints:write": row("400 " * 10),
    "complaints:one": row("login 404 404 404 404 400 404 404 400 login"),
    # A gateway's door; without one it is nobody's.
    "core:sms-reports": row("404 " * 10),
    "core:read-all": row("login on on on on on on on on login"),
    "core:notice": row("login 404 on 404 404 404 404 404 404 login"),
    "stations:tell": row("on " * 10),
    "stations:take-back": row("404 " * 10),
    "stations:keep": row("login 403 403 403 403 400 403 403 400 login"),
    "estates:write": row("login 403 403 403 403 400 403 403 400 login"),
    "estates:correct": row("login 403 403 403 403 400 403 403 400 login"),
    "estates:confirm": row("login 403 403 403 403 on 403 403 on login"),
    "estates:keep": row("login 403 403 403 403 400 403 403 400 login"),
    "estates:import": row("login 403 403 403 403 400 400 403 400 login"),
    "estates:property": OPEN,
    "hazards:gate-refused": row("400 " * 10),
    "workers:withdraw": row("login 404 on 404 404 404 404 404 404 login"),
    "hazards:report": row("400 " * 10),
    "hazards:nearby": row("204 " * 10),
    "hazards:lookup": row("400 " * 10),
    "hazards:claim": row("login on on on on on on on on login"),
    # Whoever has the case in charge may have to ring back; its reporter knows who they are.
    "hazards:reporter": row("login 404 403 200 404 200 404 200 200 login"),
    "hazards:queue-find": row("login 403 403 on on on on on on login"),
    "hazards:queue-move": row("login 403 403 400 404 403 404 403 400 login"),
    "hazards:together": row("login 403 403 400 400 400 400 400 400 login"),
    # Whoever acts on the case listens to it as well.
    "hazards:transcribe": row("login 404 403 400 404 400 404 400 400 login"),
    "hazards:photo-public": row("login 404 403 400 404 403 404 403 400 login"),
    # Nothing is dispatched; who may hears so on the case's page.
    "hazards:slip-manage": row("login 404 403 403 404 403 404 on on login"),
    "slips:deed": row("404 " * 10),
    # Whoever reported the case or holds a post over it has other doors than a passer-by.
    "hazards:sighting-create": row("login 400 403 403 400 403 400 403 403 login"),
}

GET |= volunteers.GET | workers.GET
POST |= volunteers.POST | workers.POST

# Grid six has its worker, so that the community's staff see the case but do not act on it.
REVIEWERS = row("login 404 403 on 404 403 404 403 on 403")
CENTRE = row("login 404 403 403 404 403 404 on on 403")
REPORTERS = row("login 404 on 403 404 403 404 403 403 on")
# Records are put right by whoever handles the case, and by the community's staff.
CORRECTORS = row("login 404 403 on 404 on 404 on on 403")
NOBODY = row("login 404 403 403 404 403 404 403 403 403")
MOVE = {
    "accept": REVIEWERS,
    "ask_info": REVIEWERS,
    "reject": REVIEWERS,
    "escalate": REVIEWERS,
    "close": REVIEWERS,
    "fix": row("login 404 403 on 404 403 404 on on 403"),
    "dispatch": CENTRE,
    "supply_info": REPORTERS,
    "withdraw": REPORTERS,
    "supplement": REPORTERS,
    "secure": row("login 404 403 on 404 403 404 on on 403"),
    "redo": REVIEWERS,
    # From its first state; who else may from the others is said by CAPACITIES below.
    "extend": row("login 404 403 on 404 403 404 409 on 403"),
    "suspend": CENTRE,
    "resume": CENTRE,
    "return_case": CENTRE,
    "merge": row("login 404 on on 404 403 404 403 on on"),
    "unmerge": REVIEWERS,
    "reopen": row("login 404 on on 404 403 404 403 on on"),
    "rate": REPORTERS,
    "unreject": REVIEWERS,
    "end_unrepaired": row("login 404 403 on 404 403 404 409 on 403"),
    "reassign": CORRECTORS,
    "recategorise": CORRECTORS,
    "restandard": CORRECTORS,
    "reprioritise": CORRECTORS,
    "split": REVIEWERS,
    "take": row("login 404 403 on 404 403 404 on on 403"),
    "release": row("login 404 403 on 404 403 404 409 409 403"),
    # These follow from other moves, and nobody presses them.
    "lead": NOBODY,
    # And these are the unit's, by its slip.
    "arrive": NOBODY,
    "refuse": NOBODY,
    "ask_time": NOBODY,
    # There is nothing to answer.
    "deny_time": row("login 404 403 403 404 403 404 409 409 403"),
    "follow": NOBODY,
    "stop_asking": NOBODY,
}
# As what each role meets the case of grid six that the rider reported.
CAPACITIES = {
    "rider": {"reporter"},
    "holder": {"reporter"},
    "grid_worker": {"reviewer"},
    "staff": {"staff"},
    "officer": {"centre"},
    "admin": {"reviewer", "centre", "staff"},
}

# Groups of other people's URLs, with pages that stand for each.
GROUPS = {
    "admin/": {
        "/admin/": row("on on on on on 200 200 on 200 on"),
        # Where the "on" above leads: log in, or hear that it is not for you.
        "/admin/login/": row("login 403 403 403 403 on on 403 on login"),
    },
    "accounts/": {
        "/accounts/login/": row("200 on on on on on on on on 200"),
        "/accounts/signup/?station=qingxiaoyi": row("200 on on on on on on on on 200"),
        "/accounts/password/change/": PERSONAL,
        "/accounts/2fa/": PERSONAL,
    },
}


def routes(patterns, prefix="", namespace=""):
    """(route, qualified name or the route itself) of every pattern below."""
    for item in patterns:
        route = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            inner = f"{namespace}{item.namespace}:" if item.namespace else namespace
            yield from routes(item.url_patterns, route, inner)
        elif isinstance(item, URLPattern):
            yield route, f"{namespace}{item.name}" if item.name else route


def ours(patterns):
    """Names of the URLs outside the groups."""
    return {name for route, name in routes(patterns) if not route.startswith(tuple(GROUPS))}


def missing(patterns):
    """URLs that no table speaks of, and rows of URLs that are gone."""
    return ours(patterns) ^ GET.keys()
