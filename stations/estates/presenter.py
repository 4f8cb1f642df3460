"""What the pages of estates show: the gate for an e-bike now, and each fact with who says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from stations.estates import access
from stations.estates.facts import HOLDS_FOR, NEEDED, agreeing_of
from stations.estates.gates import Gate, gate_for, gate_of, is_old, metres_to
from stations.estates.models import (
    Estate,
    EstateBuilding,
    EstateFact,
    FactConfirmation,
    FactPhoto,
    FactVersion,
)
from yuanhang.core import geo
from yuanhang.core.words import spaced, spoken_date, spoken_day_of

Kind, Bikes, Sure = EstateFact.Kind, FactVersion.Bikes, FactVersion.Sure
LATELY = timedelta(days=7)
GUEST = AnonymousUser()
# What a chip says of a gate: tone, shape.
GATE_SIGNS = {
    Bikes.IN: ("green", "●"),
    Bikes.WALK: ("slate", "○"),
    Bikes.SHUT: ("red", "✕"),
}


@dataclass
class FactRow:
    """A fact on a page: the version that everybody reads, and the one that waits for others."""

    fact: EstateFact
    shown: FactVersion | None = None
    waiting: FactVersion | None = None
    seal: str = ""
    tone: str = "teal"
    shape: str = ""
    chip: str = ""
    why: str = ""
    is_old: bool = False
    may_confirm: bool = False
    said: bool = False  # this worker said so in this round
    missing: int = 0  # so many others have to say so still
    photos: list[FactPhoto] = field(default_factory=list)

    @property
    def newest(self) -> FactVersion | None:
        """What is confirmed or corrected next."""
        return self.waiting or self.shown

    @property
    def title(self) -> str:
        """「北门，电动车能进」, or the sentence itself."""
        return self.shown.title if self.shown else ""

    @property
    def aside(self) -> str:
        """What else a gate's sentence says."""
        return self.shown.words if self.shown and self.shown.name else ""


@dataclass(frozen=True)
class EstatePage:
    """An estate for a viewer."""

    estate: Estate
    gate: Gate | None
    gate_row: FactRow | None
    building: str
    near: str  # how the gate lies to the building that was asked for
    rows: list[FactRow]
    waiting: list[FactRow]  # for workers and the property: what nobody confirmed yet
    all_rows: list[FactRow]  # what is shown, and what waits, each once
    buildings: list[EstateBuilding]
    map_links: list[tuple[str, str]]
    can_write: bool
    can_keep: bool

    @property
    def can_say_all(self) -> bool:
        """Whether there is anything that this worker may still say is right."""
        return any(row.may_confirm and not row.said for row in self.rows if row.shown)


def facts_of(estates: Iterable[Estate]) -> list[EstateFact]:
    """The facts of estates with their standing versions; three queries, however many."""
    lately = FactConfirmation.objects.filter(at__gt=timezone.now() - HOLDS_FOR)
    versions = FactVersion.objects.filter(ended_at=None).prefetch_related(
        Prefetch("confirmations", lately)
    )
    rows = EstateFact.objects.filter(estate__in=list(estates), taken_down_at=None)
    found = list(rows.prefetch_related(Prefetch("versions", versions)))
    return [fact for fact in found if list(fact.versions.all())]


def shown_of(fact: EstateFact) -> FactVersion | None:
    """What everybody reads of a fact that was read by `facts_of`."""
    return next((one for one in fact.versions.all() if one.confirmed_at), None)


def waiting_of(fact: EstateFact) -> FactVersion | None:
    """What waits to be confirmed."""
    return next((one for one in fact.versions.all() if not one.confirmed_at), None)


def page_of(
    estate: Estate, *, user: Any, building: str = "", is_property: bool = False
) -> EstatePage:
    """Everything of an estate; photos and what waits only for those who may see them.

    The property, which has come in by its link, reads what waits, and sees no photos.
    """
    writes, keeps = access.can_write(user, estate), access.can_keep(user, estate)
    rows = [_row_of(fact, user, writes=writes, keeps=keeps) for fact in facts_of([estate])]
    rows.sort(key=_order)
    if writes:
        _attach_photos(rows)
    gates = [row.shown for row in rows if row.shown and row.fact.kind == Kind.GATE]
    buildings = list(estate.buildings.all())
    where = _where({one.number: one for one in buildings}.get(building))
    gate = gate_for(gates, building=building, where=where)
    return EstatePage(
        estate=estate,
        gate=gate,
        gate_row=next((row for row in rows if gate and row.shown is gate.version), None),
        building=building,
        near=near_words(gate, building, where),
        rows=[row for row in rows if row.shown],
        waiting=[row for row in rows if row.waiting] if writes or is_property else [],
        all_rows=rows,
        buildings=buildings,
        map_links=_ways(estate, gate),
        can_write=writes,
        can_keep=keeps,
    )


def _where(building: EstateBuilding | None) -> tuple[float, float] | None:
    return (building.latitude, building.longitude) if building else None


def near_words(gate: Gate | None, building: str, where: tuple[float, float] | None) -> str:
    """「8 栋走北门」, with the distance where both points are known; nothing where nobody knows."""
    if gate is None or not building:
        return ""
    metres = metres_to(gate.version, where)
    words = {"building": building, "gate": gate.version.name}
    if metres is not None:
        words["far"] = geo.distance_in_words(round(metres, -1))
        return _("%(building)s 栋走%(gate)s，直线 %(far)s") % words
    if building in gate.version.buildings:
        return _("%(building)s 栋走%(gate)s") % words
    return ""


def _order(row: FactRow) -> tuple[int, int, int]:
    kinds = [kind.value for kind in Kind]
    version = row.newest
    bikes = [Bikes.IN, Bikes.WALK, Bikes.SHUT]
    rank = bikes.index(version.bikes) if version and version.bikes in bikes else 0
    return kinds.index(row.fact.kind), rank, row.fact.pk


def _row_of(fact: EstateFact, user: Any, *, writes: bool, keeps: bool) -> FactRow:
    shown, waiting = shown_of(fact), waiting_of(fact)
    row = FactRow(fact=fact, shown=shown, waiting=waiting, seal=seal_of(fact, shown or waiting))
    if shown is not None:
        row.is_old = is_old(shown)
        row.why = why_of(shown)
        row.tone, row.shape, row.chip = _sign_of(shown, is_old=row.is_old)
    newest = row.newest
    if writes and newest is not None:
        row.may_confirm = keeps or newest.written_by_id != user.pk
        row.said = any(
            one.user_id == user.pk and one.round == newest.round
            for one in newest.confirmations.all()
        )
        row.missing = max(NEEDED - agreeing_of(newest, newest.confirmations.all()), 0)
    return row


def seal_of(fact: EstateFact, version: FactVersion | None) -> str:
    """A gate's first character, so that 北 heads its row and its pin; else that of the kind."""
    if fact.kind == Kind.GATE and version is not None and version.name:
        return version.name[0]
    return fact.seal


def _sign_of(version: FactVersion, *, is_old: bool) -> tuple[str, str, str]:
    """(tone, shape, words) of the chip under a row's title."""
    if is_old:
        return "slate", "○", _("半年没人核过")
    if not version.name:
        return "teal", "", ""
    tone, shape = GATE_SIGNS[Bikes(version.bikes)]
    if version.bikes != Bikes.IN:
        return tone, shape, version.hours
    gate = gate_of(version)
    if gate.state == "closed":
        return "slate", "○", gate.till
    return tone, shape, version.hours


def why_of(version: FactVersion) -> str:
    """Why to believe it: 「3 个骑手说对，最近一次昨天 · 物业 11 月 20 日核过」."""
    since = timezone.now() - LATELY
    rows = list(version.confirmations.all())
    lately = [one for one in rows if one.role == access.WORKER and one.at > since]
    count = len({one.user_id or -one.pk for one in lately})
    parts = []
    if count:
        words = {"n": count, "day": spoken_day_of(max(one.at for one in lately))}
        parts.append(spaced(_("%(n)d 个骑手说对，最近一次%(day)s") % words))
    elif version.sure_as == Sure.WORKERS:
        day = {"day": spoken_date(version.sure_on)}
        parts.append(spaced(_("两个骑手%(day)s核过") % day))
    others = [one for one in rows if one.role != access.WORKER]
    if version.sure_as != Sure.WORKERS:
        parts.append(_official(version.sure_as, version.sure_on))
    elif others:
        last = others[-1]
        sure = Sure.PROPERTY if last.role == access.PROPERTY else Sure.STAFF
        parts.append(_official(sure, timezone.localtime(last.at).date()))
    return " · ".join(parts)


def _official(sure: str, day: Any) -> str:
    said = {"day": spoken_date(day)}
    if sure == Sure.PHONE:
        return _("打物业电话问过，%(day)s") % said
    if sure == Sure.PROPERTY:
        return spaced(_("物业%(day)s核过") % said)
    return spaced(_("社区%(day)s核过") % said)


def _attach_photos(rows: Sequence[FactRow]) -> None:
    """The photos of each row's newest version; one query."""
    newest = {row.newest.pk: row for row in rows if row.newest}
    for photo in FactPhoto.objects.filter(version__in=newest):
        newest[photo.version_id].photos.append(photo)


def _ways(estate: Estate, gate: Gate | None) -> list[tuple[str, str]]:
    """The way in a map app: to the gate, where its point is known, else to the estate."""
    if gate is not None and gate.version.has_point:
        version = gate.version
        name = f"{estate.name} {version.name}"
        return geo.navigation_links(version.latitude, version.longitude, name, estate.address)
    if estate.has_point:
        return geo.navigation_links(estate.latitude, estate.longitude, estate.name, estate.address)
    return []


@dataclass(frozen=True)
class ListRow:
    """An estate in the list, with the gate to take now, and how it lies to a building."""

    estate: Estate
    gate: Gate | None
    building: str
    near: str

    @property
    def address(self) -> str:
        """Where a tap leads: with the building, so that its gate comes first there as well."""
        page = self.estate.get_absolute_url()
        return f"{page}?{urlencode({'building': self.building})}" if self.building else page


def list_rows(estates: Sequence[Estate], building: str = "") -> list[ListRow]:
    """Rows of the list; four queries, however many."""
    gates: dict[int, list[FactVersion]] = {}
    for fact in facts_of(estates):
        shown = shown_of(fact)
        if fact.kind == Kind.GATE and shown is not None:
            gates.setdefault(fact.estate_id, []).append(shown)
    drawn = {}
    if building:
        rows = EstateBuilding.objects.filter(number=building, estate__in=list(estates))
        drawn = {row.estate_id: _where(row) for row in rows}
    found = []
    for estate in estates:
        where = drawn.get(estate.pk)
        gate = gate_for(gates.get(estate.pk, ()), building=building, where=where)
        found.append(ListRow(estate, gate, building, near_words(gate, building, where)))
    return found


@dataclass(frozen=True)
class ToldVersion:
    """A version in the history of a fact: what it said, and who by role, when."""

    version: FactVersion
    who: str
    is_shown: bool


ROLES = {
    access.WORKER: _lazy("骑手"),
    "community_staff": _lazy("社区"),
    "admin": _lazy("社区"),
}


def told_version(version: FactVersion) -> ToldVersion:
    """A version for the page of its fact's history; nobody by name."""
    who = str(ROLES.get(version.written_as, ROLES[access.WORKER]))
    is_shown = version.ended_at is None and version.confirmed_at is not None
    return ToldVersion(version, who, is_shown)
