"""One place, several reports: merging, taking apart, and who goes on when the main case ends.

A case that others were merged into is the main one of all that hang on it, however long the chain.
Whoever changes what hangs on a case holds the row of its main one first.
"""

from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.cases.steps import Earlier, move
from hazards.deadlines import deadlines
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


def merge(
    hazard: Hazard, *, by: User | None, main: Hazard, note: str = "", role: str = "reviewer"
) -> Hazard:
    """Two reports of one place become one case; this one's reporter follows the main one.

    Whoever followed this one follows the main one, too, and a `main` that was merged itself stands
    for the case that it follows. Raises NotAllowedNowError when the main case is this one or over.
    """

    held: dict[int, Hazard] = {}

    def hold() -> Hazard:
        # Both rows, always in the same order: two merges towards each other must not deadlock.
        both = Hazard.objects.filter(pk__in=[hazard.pk, main.main_id or main.pk])
        held.update((row.pk, row) for row in both.select_for_update().order_by("pk"))
        return held[hazard.pk]

    def change(case: Hazard, earlier: Earlier) -> None:
        # As it is by now: one of the two that are held, unless it was merged before.
        now = held.get(main.pk) or Hazard.objects.get(pk=main.pk)
        target = held.get(now.main_id or now.pk)
        if target is None or target.pk == case.pk or not target.is_open:
            raise NotAllowedNowError(_("那一件已经办完或并到别处了，换一件。"))
        case.merged_from, case.main, case.merged_into = earlier.state, target, target
        Hazard.objects.filter(main=case).update(main=target)

    return move(hazard, "merge", by=by, role=role, note=note, change=change, hold=hold)


def unmerge(hazard: Hazard, *, by: User | None, note: str = "", role: str = "reviewer") -> Hazard:
    """It was another place after all: the case goes on from where it was, with its own followers.

    The time in which it followed another case is not counted.
    """

    main_id = hazard.main_id

    def hold() -> Hazard:
        return _hold(main_id, hazard.pk)

    def change(case: Hazard, earlier: Earlier) -> None:
        if case.main_id != main_id:
            raise NotAllowedNowError(_("已被他人处理，刷新再看。"))
        _stand_alone(case, earlier)

    return move(hazard, "unmerge", by=by, role=role, note=note, change=change, hold=hold)


def lead(hazard: Hazard, *, by: User | None = None, note: str = "", role: str = "system") -> Hazard:
    """The main case ended without a repair: this report goes on in its place, open again."""

    def change(case: Hazard, earlier: Earlier) -> None:
        others = Hazard.objects.filter(main=case.main_id).exclude(pk=case.pk)
        others.filter(merged_into=case.main_id).update(merged_into=case)
        others.filter(pk=case.merged_into_id).update(merged_into=case)
        others.update(main=case)
        case.main = case.merged_into = None
        _start_anew(case, earlier)

    return move(hazard, "lead", by=by, role=role, note=note, change=change)


def follow(
    hazard: Hazard, *, by: User | None = None, note: str = "", role: str = "system"
) -> Hazard:
    """The main case ended without a repair, and this report follows the one that goes on."""
    return move(hazard, "follow", by=by, role=role, note=note)


def pass_on(case: Hazard, *, by: User | None, note: str) -> None:
    """A main case ends without a repair: the oldest that followed it becomes the main one.

    The caller holds the row of `case`. Everybody who followed is told in this transaction; `note`
    says how the case ended, in words for them.
    """
    followers = list(
        Hazard.objects.select_for_update(of=("self",)).filter(main=case.pk).order_by("pk")
    )
    if not followers:
        return
    oldest, *others = followers
    note = note if note.endswith(("。", "！", "？")) else f"{note}。"
    lead(oldest, by=by, note=note)
    for other in others:
        follow(other, by=by, note=note)


def _hold(main_id: int | None, pk: int) -> Hazard:
    """Lock the row of the main case and then that of the case, as whoever ends the main one does.

    Returns the latter.
    """
    main_first = Case(When(pk=main_id, then=Value(0)), default=Value(1))
    both = Hazard.objects.filter(pk__in=[key for key in (main_id, pk) if key])
    held = {row.pk: row for row in both.select_for_update().order_by(main_first)}
    return held[pk]


def _stand_alone(case: Hazard, earlier: Earlier) -> None:
    """Take a case out of its family, with everything that was merged into it before."""
    family = dict(Hazard.objects.filter(main=case.main_id).values_list("pk", "merged_into"))
    mine = {case.pk}
    while found := {pk for pk, into in family.items() if into in mine} - mine:
        mine |= found
    Hazard.objects.filter(pk__in=mine - {case.pk}).update(main=case)
    case.main = case.merged_into = None
    _start_anew(case, earlier)


def _start_anew(case: Hazard, earlier: Earlier) -> None:
    """The clock goes on with what was left when the case began to follow another one."""
    if case.merged_from == State.SUBMITTED:
        deadlines.on_answer(case, earlier.since)
    else:
        deadlines.on_resume(case, earlier.since)
    case.merged_from = ""
