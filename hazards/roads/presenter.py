"""What a warning looks like: on its page, on the front page, at the door, in a chat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hazards.published import public
from hazards.roads.roads import SHOWN_MAX, grids_for, kept_lines, lines_of, warnings_in
from hazards.sightings.views import with_sightings
from stations.areas import kept_places, landmarks
from stations.areas.models import Community, Grid
from stations.postings.access import Viewer
from workers.models import Worker
from yuanhang.core.words import calendar_day, near_day, spoken_day

COUNTED_MAX = 20
CHAT_MAX = 12  # lines of a text that somebody reads in a group


def roughly(moment: datetime) -> str:
    """「1 小时内」, 「3 小时前」, 「昨天」: never to the minute, so that nobody is told apart."""
    hours = int((timezone.now() - moment).total_seconds() // 3600)
    if hours < 1:
        return _("1 小时内")
    day, today = timezone.localdate(moment), timezone.localdate()
    if day == today:
        return _("%(n)d 小时前") % {"n": hours}
    return near_day(day, today) or spoken_day(day, today)


def road_page(user: Viewer) -> dict[str, Any]:
    """The context of the page: warnings, staff's lines, whose grids they are, the text to copy."""
    grids, communities, is_own = grids_for(user)
    rows = list(public.with_public_photos(warnings_in(grids))[: SHOWN_MAX + 1])
    facts = with_sightings(user, rows[:SHOWN_MAX])
    warnings = [
        fact | {"when": roughly(fact["submitted_at"]), "is_secured": bool(row.secured_at)}
        for fact, row in zip(facts, rows, strict=False)
    ]
    lines = lines_of(communities)
    return {
        "warnings": warnings,
        "is_more": len(rows) > SHOWN_MAX,
        "lines": lines,
        "is_own": is_own,
        "text": chat_text(warnings, lines),
        "back": reverse("roads:roads"),
    }


def chat_text(warnings: Sequence[dict[str, Any]], lines: Sequence[Any]) -> str:
    """The page as short lines for a group: kinds, places, a link; nobody's words."""
    parts = [_("路况提醒，%(day)s") % {"day": calendar_day(timezone.localtime())}]
    parts += [f"· {line.text}" for line in lines]
    for fact in warnings[:CHAT_MAX]:
        secured = _("（已围护）") if fact["is_secured"] else ""
        where = " · ".join(filter(None, (fact["category"], fact["place"], fact["when"])))
        parts.append(f"· {where}{secured}")
    return "\n".join([*parts, f"{settings.SITE_URL}{reverse('roads:roads')}"])


def road_card(worker: Worker | None) -> dict[str, str] | None:
    """One card for the front page: the newest warning and how many more, else a line of staff's;
    None where there is nothing. One query."""
    home = worker.community if worker else kept_places.home()
    if home is None:
        return None
    own = Q(usual_workers=worker) if worker else Q(pk__in=[])
    grids = Grid.objects.filter(Q(community=home) | own)
    rows = warnings_in(grids.values("pk")).select_related("category", "grid")
    rows = list(rows[: COUNTED_MAX + 1])
    if rows:
        newest, more = rows[0], len(rows) - 1
        fact = [roughly(newest.submitted_at), _("已围护") if newest.secured_at else ""]
        fact.append(_more(more))
        return {
            "seal": newest.category.seal,
            "title": _("路上当心：%(what)s") % {"what": f"{newest.category} · {_place(newest)}"},
            "fact": "，".join(filter(None, fact)),
        }
    lines = kept_lines(home.pk, timezone.localdate())
    if not lines:
        return None
    return {"seal": _("路"), "title": lines[0].text, "fact": _("驿站提醒")}


def _more(n):
    if n > COUNTED_MAX - 1:
        return _("还有好些处")
    return _("还有 %(n)d 处") % {"n": n} if n else ""


def _place(hazard):
    """A landmark's name or the grid: the reporter's own words are told to nobody."""
    return hazard.place if hazard.place in set(landmarks.names()) else str(hazard.grid)


def door_warnings(community: Community) -> dict[str, Any]:
    """What the screen at the door says of the roads around it: two lines at most."""
    rows = warnings_in(community.grids.values("pk")).select_related("category", "grid")[:2]
    return {
        "lines": kept_lines(community.pk, timezone.localdate())[:1],
        "warnings": [
            {"seal": row.category.seal, "category": row.category, "place": _place(row)}
            for row in rows
        ],
    }
