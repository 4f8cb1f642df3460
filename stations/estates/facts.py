"""Writing a fact of an estate, correcting it, and confirming it: each fact by itself.

Whoever changes anything of an estate holds its row, so that two at once come one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.estates import notifications
from stations.estates.access import PROPERTY, WORKER, can_confirm, can_keep, can_write, capacity_of
from stations.estates.models import (
    Estate,
    EstateFact,
    FactConfirmation,
    FactPhoto,
    FactVersion,
)
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.media import uploads
from yuanhang.core.models import User

End, Sure = FactVersion.End, FactVersion.Sure
NEEDED = 2  # others that have to say so
# A fact that nobody confirmed for so long is out of date, each by itself.
HOLDS_FOR = timedelta(days=180)
FACTS_MAX = 60  # of one estate: more, nobody reads
FOLDER = "estates/photos"


@dataclass(frozen=True)
class Content:
    """What somebody says of a fact; gates have a name, whom they let in, and hours."""

    words: str = ""
    name: str = ""
    bikes: str = ""
    opens: time | None = None
    closes: time | None = None
    buildings: list[str] = field(default_factory=list)
    latitude: float | None = None
    longitude: float | None = None

    def fields(self) -> dict[str, Any]:
        """As columns of a version."""
        return dict(vars(self))


def held(estate: Estate) -> Estate:
    """The estate's row, locked until the transaction ends."""
    return Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)


def write(
    estate: Estate, kind: str, content: Content, *, by: User, photos: tuple[Any, ...] = ()
) -> FactVersion:
    """Write a new fact; the public reads it once it is confirmed, what staff write at once.

    `photos` are checked ones (`StoredPhoto`). Raises NotAllowedNowError for somebody who may not
    write here, for a gate that is there already, and for an estate of which enough is written.
    """
    with files.stored_with_rows() as stored:
        place = held(estate)
        if not can_write(by, place):
            raise NotAllowedNowError(_("登记确认过的骑手才能写，请到驿站前台确认。"))
        standing = FactVersion.objects.standing().filter(fact__estate=place)
        if content.name and standing.filter(fact__kind=kind, name=content.name).exists():
            words = _("已经有「%(gate)s」了，点它那一条的「改」。")
            raise NotAllowedNowError(words % {"gate": content.name})
        if EstateFact.objects.filter(estate=place, taken_down_at=None).count() >= FACTS_MAX:
            raise NotAllowedNowError(_("这里已经写了很多条，改一改原来的就行。"))
        fact = EstateFact.objects.create(estate=place, kind=kind)
        return _new_version(place, fact, content, by, photos, stored, "stations.write_fact")


def correct(
    fact: EstateFact,
    content: Content,
    *,
    by: User,
    seen: int,
    photos: tuple[Any, ...] = (),
) -> FactVersion:
    """Say it otherwise. What was confirmed is shown until this is; what only waited is replaced.

    `seen` is the key of the newest version that the writer saw. Raises NotAllowedNowError where
    there is a newer one, and as `write`.
    """
    with files.stored_with_rows() as stored:
        place, row = _standing_fact(fact)
        if not can_write(by, place):
            raise NotAllowedNowError(_("登记确认过的骑手才能写，请到驿站前台确认。"))
        newest = row.versions.filter(ended_at=None).order_by("-pk").first()
        if newest is None or newest.pk != seen:
            raise NotAllowedNowError(_("已经有人刚改过，看一眼再改。"))
        others = FactVersion.objects.standing().filter(fact__estate=place, name=content.name)
        if content.name and others.filter(fact__kind=row.kind).exclude(fact=row).exists():
            words = _("已经有「%(gate)s」了，点它那一条的「改」。")
            raise NotAllowedNowError(words % {"gate": content.name})
        _end(row.versions.filter(ended_at=None, confirmed_at=None), End.REPLACED)
        return _new_version(place, row, content, by, photos, stored, "stations.correct_fact")


def _new_version(place, fact, content, by, photos, stored, kind):
    capacity = capacity_of(by, place)
    version = FactVersion.objects.create(
        fact=fact,
        written_as=capacity,
        written_by=by,
        written_at=timezone.now(),
        **content.fields(),
    )
    FactPhoto.objects.bulk_create(
        FactPhoto(version=version, **uploads.store_photo(FOLDER, photo, stored)) for photo in photos
    )
    audit.record(kind, version, by=by, role=capacity, parent=place)
    if can_keep(by, place):
        _believe(version, Sure.STAFF)
    return version


def confirm(version: FactVersion, *, by: User, phoned_on: date | None = None) -> FactVersion:
    """Say that it is right: two others who ride there, or one of the staff.

    `phoned_on` is the day on which staff asked the property by telephone. Raises
    NotAllowedNowError for the writer, for who said so already, for a version that is not the
    newest, and for a day to come.
    """
    with transaction.atomic():
        place, row = _standing_version(version)
        if not can_confirm(by, row, place):
            if row.written_by_id == by.pk:
                raise NotAllowedNowError(_("这条是你自己写的，要别人来说对。"))
            raise NotAllowedNowError(_("登记确认过的骑手才能说对，请到驿站前台确认。"))
        capacity = capacity_of(by, place)
        if phoned_on is not None and (capacity == WORKER or phoned_on > timezone.localdate()):
            raise NotAllowedNowError(_("打电话的日子不能在今天以后。"))
        _row, is_new = FactConfirmation.objects.get_or_create(
            version=row, user=by, round=row.round, defaults={"role": capacity, "at": timezone.now()}
        )
        if not is_new and capacity == WORKER:
            raise NotAllowedNowError(_("已经记过你说的「对」了，还要另一个人。"))
        audit.record("stations.confirm_fact", row, by=by, role=capacity, parent=place)
        if capacity != WORKER:
            _believe(row, Sure.PHONE if phoned_on else Sure.STAFF, phoned_on)
        elif agreeing_of(row, row.confirmations.all()) >= NEEDED:
            _believe(row, Sure.WORKERS)
    return row


def agreeing_of(version: FactVersion, confirmations: Iterable[FactConfirmation]) -> int:
    """How many workers other than its writer said so in this round, while that holds."""
    since = timezone.now() - HOLDS_FOR
    people = {
        one.user_id
        for one in confirmations
        if one.round == version.round and one.role == WORKER and one.at > since
    }
    return len(people - {None, version.written_by_id})


def confirm_by_property(version: FactVersion, *, estate: Estate) -> FactVersion:
    """The property says so through its link, whose holder the caller has let in.

    Raises NotAllowedNowError for a version that is not the newest.
    """
    with transaction.atomic():
        place, row = _standing_version(version, estate)
        FactConfirmation.objects.create(
            version=row, role=PROPERTY, round=row.round, at=timezone.now()
        )
        audit.record("stations.confirm_fact", row, role=PROPERTY, parent=place)
        _believe(row, Sure.PROPERTY)
    return row


def _believe(version, sure, day=None):
    """It holds from now, or from the day of the telephone call; a new round begins."""
    now = timezone.now()
    was_waiting = version.confirmed_at is None
    if was_waiting:
        shown = FactVersion.objects.filter(fact=version.fact_id, ended_at=None)
        _end(shown.exclude(pk=version.pk), End.REPLACED)
    version.confirmed_at = version.confirmed_at or now
    version.sure_at, version.sure_as = now, sure
    version.sure_on = day or timezone.localdate()
    if day and day < timezone.localdate():
        # It was so on that day: nobody looked since.
        version.sure_at = now - (timezone.localdate() - day)
    version.round += 1
    version.save(update_fields=["confirmed_at", "sure_at", "sure_as", "sure_on", "round"])
    if was_waiting and version.written_as == WORKER:
        notifications.confirmed(version)


def undo(version: FactVersion, *, by: User) -> None:
    """Staff take a version back; what stood before it stands again, as old as it was.

    Raises NotAllowedNowError for somebody who does not keep the estate, or one that is over.
    """
    with transaction.atomic():
        place, row = _standing_version(version, newest=False)
        _refuse_others(by, place)
        was_shown = row.confirmed_at is not None
        _end(FactVersion.objects.filter(pk=row.pk), End.UNDONE)
        if was_shown:
            before = row.fact.versions.filter(end=End.REPLACED, pk__lt=row.pk)
            before = before.exclude(confirmed_at=None).order_by("-ended_at", "-pk").first()
            if before is not None:
                FactVersion.objects.filter(pk=before.pk).update(ended_at=None, end="")
        capacity = capacity_of(by, place)
        audit.record("stations.undo_fact", row, by=by, role=capacity, parent=place)
        notifications.undone(row)


def ask_down(fact: EstateFact, *, words: str, estate: Estate) -> None:
    """The property asks for it to be taken down; staff are told, and decide."""
    with transaction.atomic():
        place, row = _standing_fact(fact, estate)
        if row.down_asked_at is not None:
            raise NotAllowedNowError(_("已经请求过了，社区在看。"))
        row.down_asked_at, row.down_words = timezone.now(), words
        row.save(update_fields=["down_asked_at", "down_words"])
        audit.record("stations.ask_fact_down", row, role=PROPERTY, parent=place)
        notifications.down_asked(row, place)


def take_down(fact: EstateFact, *, by: User) -> None:
    """Nobody reads it any more. Raises NotAllowedNowError as `undo`."""
    with transaction.atomic():
        place, row = _standing_fact(fact)
        _refuse_others(by, place)
        row.taken_down_at = timezone.now()
        row.save(update_fields=["taken_down_at"])
        _end(row.versions.filter(ended_at=None), End.UNDONE)
        capacity = capacity_of(by, place)
        audit.record("stations.take_fact_down", row, by=by, role=capacity, parent=place)


def leave_up(fact: EstateFact, *, by: User) -> None:
    """It stays, though the property asked. Raises NotAllowedNowError where nobody asks (any more),
    and as `undo`."""
    with transaction.atomic():
        place, row = _standing_fact(fact)
        _refuse_others(by, place)
        if row.down_asked_at is None:
            raise NotAllowedNowError(_("已经处理过了。"))
        row.down_asked_at, row.down_words = None, ""
        row.save(update_fields=["down_asked_at", "down_words"])
        capacity = capacity_of(by, place)
        audit.record("stations.leave_fact_up", row, by=by, role=capacity, parent=place)


def _refuse_others(by, place):
    if not can_keep(by, place):
        raise NotAllowedNowError(_("你不管这个小区。"))


def _end(versions, how):
    versions.update(ended_at=timezone.now(), end=how)


def _standing_fact(fact, estate=None):
    """(the estate, the fact), both held; raises NotAllowedNowError for one that was taken down."""
    place = held(estate or fact.estate)
    row = EstateFact.objects.select_for_update(of=("self",)).get(pk=fact.pk, estate=place)
    if row.taken_down_at is not None:
        raise NotAllowedNowError(_("已经撤下了。"))
    row.estate = place
    return place, row


def _standing_version(version, estate=None, *, newest=True):
    """(the estate, the version), both held; raises NotAllowedNowError for one that is over."""
    place, fact = _standing_fact(version.fact, estate)
    row = FactVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    row.fact = fact
    if row.ended_at is not None:
        raise NotAllowedNowError(_("已经有人改过了，看一眼现在写的。"))
    later = fact.versions.filter(ended_at=None, pk__gt=row.pk)
    if newest and row.confirmed_at is None and later.exists():
        raise NotAllowedNowError(_("已经有人改过了，看一眼现在写的。"))
    return place, row
