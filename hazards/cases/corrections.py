"""Putting right what was recorded: grid, category, standard, urgency. The case stays where it is.

Each takes a reason, which its step keeps. How the deadlines follow is the rule of
`hazards.deadlines.deadlines.recount`. Arguments and refusals are as in `hazards.cases.cases`.
"""

from django.utils.translation import gettext_lazy as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.notifications import close_news
from hazards.cases.steps import Earlier, joined, move
from hazards.catalogue.models import Category, StandardCase
from hazards.deadlines import deadlines
from stations.areas.models import Community, Grid
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


def reassign(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    community: Community,
    grid: Grid | None = None,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Another grid, or a community outside its grids; no deadline changes.

    The new place's people are told, what the old one's had not read is no news any more.
    Raises NotAllowedNowError for a place outside the subdistrict, and for the present one.
    """
    place = (community.pk, grid.pk if grid else None)

    def change(case: Hazard, _earlier: Earlier) -> None:
        if community.subdistrict_id != case.subdistrict_id:
            raise NotAllowedNowError(_("只能转给本街道的网格。"))
        if place == (case.community_id, case.grid_id):
            raise NotAllowedNowError(_("已经在这个网格了，不用转。"))
        _as_seen(hazard, case, "community_id", "grid_id")
        close_news(case)
        case.community, case.grid = community, grid
        case.taken_by = case.taken_until = None

    told = joined(reason, note)
    return move(hazard, "reassign", by=by, role=role, note=told, change=change)


def recategorise(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    category: Category,
    standard_case: StandardCase | None = None,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Another category. Before acceptance its usual urgency comes along, later the urgency stays.

    A standard follows where one is given; what is about people or an agreement has none.
    Raises NotAllowedNowError for the present category, and where a thing that was taken on would
    be left without a standard.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if category.pk == case.category_id:
            raise NotAllowedNowError(_("已经是这一类了，不用改。"))
        _as_seen(hazard, case, "category_id", "standard_case_id")
        case.category, case.symptom = category, None
        if case.accepted_at is None:
            case.urgency = category.urgency
        elif not deadlines.has_make_safe(case):
            case.standard_case = None
        else:
            case.standard_case = standard_case or case.standard_case
            if case.standard_case is None:
                raise NotAllowedNowError(_("这一类要按标准办，选一条立案标准。"))
        deadlines.recount(case)

    told = joined(reason, note)
    return move(hazard, "recategorise", by=by, role=role, note=told, change=change)


def restandard(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    standard_case: StandardCase,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Another standard, counted from when the present clock started.

    Raises NotAllowedNowError for the present one, and where the category takes none.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if not deadlines.has_make_safe(case):
            raise NotAllowedNowError(_("这一类不按立案标准办。"))
        if standard_case.pk == case.standard_case_id:
            raise NotAllowedNowError(_("已经是这条标准了，不用改。"))
        _as_seen(hazard, case, "standard_case_id")
        case.standard_case = standard_case
        deadlines.recount(case)

    told = joined(reason, note)
    return move(hazard, "restandard", by=by, role=role, note=told, change=change)


def reprioritise(
    hazard: Hazard,
    *,
    by: User | None,
    reason: str,
    urgency: int,
    note: str = "",
    role: str = "reviewer",
) -> Hazard:
    """Another urgency, counted from when the present clock started.

    Raises NotAllowedNowError for the present one.
    """

    def change(case: Hazard, _earlier: Earlier) -> None:
        if urgency == case.urgency:
            raise NotAllowedNowError(_("已经是这个紧急程度了，不用改。"))
        _as_seen(hazard, case, "urgency")
        case.urgency = urgency
        deadlines.recount(case)

    told = joined(reason, note)
    return move(hazard, "reprioritise", by=by, role=role, note=told, change=change)


def _as_seen(seen: Hazard, case: Hazard, *names: str) -> None:
    """Refuse to put right what somebody else has put right since it was read, in the same moment.

    What changed before the form came back, the form itself tells with both texts.
    """
    if any(getattr(seen, name) != getattr(case, name) for name in names):
        raise NotAllowedNowError(_("已经有别人改过这一项，就在刚才。看一眼现在是什么，再改。"))
