"""Telling what is wrong at the station, answering it, and ending it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.faults import notifications
from stations.faults.models import FacilityFault, FaultTap, TapPhoto
from stations.houses.models import Facility, Station
from stations.keeping.access import capacity_of
from stations.keeping.held import held
from yuanhang.core import audit, files
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User
from yuanhang.core.words import until

Kind, End = FacilityFault.Kind, FacilityFault.End
# Two people within this time say the same: then it is so.
AGREE_WITHIN = timedelta(minutes=30)
# Two taps of one network so close together are one person with two browsers.
ONE_HAND = timedelta(seconds=10)
FOLDER = "stations/taps"
TAPS_A_DAY = 10  # of one device at one station; people who stand there see one thing or two
# Where nobody says so again for so long, and no keeper looked, it is not told on. A door is opened
# in the morning, whoever it is that does.
LAPSES_AFTER = {Kind.LOCKED: timedelta(hours=12)}
OTHERS_LAPSE_AFTER = timedelta(days=30)
# So long after its end it is to be read on the device that told of it.
READ_FOR = timedelta(days=7)


class Teller(NamedTuple):
    """Who taps: digests of the device and of its address, and the account where there is one."""

    device: str
    address: str
    user: User | None = None


def tell(
    station: Station,
    kind: str,
    *,
    who: Teller,
    facility: Facility | None = None,
    words: str = "",
    photo: StoredPhoto | None = None,
) -> FacilityFault:
    """Join the fault that stands, or begin one. A second tap of one device adds its words and its
    photo, which whoever keeps the station sees, and nobody else.

    Keepers are told of a locked door when two people say so within half an hour, of a thing that
    does not work at the first tap, and again when somebody else says it in words: what joins is
    not always the same. Raises NotAllowedNowError for a door that is locked because it is closed,
    and for a device that taps all day.
    """
    with files.stored_with_rows() as stored:
        place = Station.objects.select_for_update(no_key=True).get(pk=station.pk)
        now = timezone.now()
        if kind == Kind.LOCKED:
            _refuse_closed(place)
        _refuse_many(place, who, now)
        fault, is_new = FacilityFault.objects.get_or_create(
            station=place,
            facility=facility,
            kind=kind,
            ended_at=None,
            defaults={"first_at": now, "last_at": now},
        )
        tap, said = _tapped(fault, who, words, now)
        if photo is not None:
            erasures.delete(TapPhoto.objects.filter(tap=tap))
            TapPhoto.objects.create(tap=tap, **uploads.store_photo(FOLDER, photo, stored))
        fault.last_at = now
        fault.save(update_fields=["last_at"])
        if is_new:
            # Not by whom: whoever keeps the station must not learn who told of it.
            audit.record("stations.begin_fault", fault, parent=place)
        _tell_keepers(fault, now, said=said)
    return fault


def _tapped(fault, who, words, now):
    """(this device's tap of the fault, whether it says something new)."""
    tap = fault.taps.counting().filter(device=who.device).first()
    said = bool(words) and (tap is None or tap.words != words)
    if tap is None:
        tap = FaultTap.objects.create(
            fault=fault, user=who.user, device=who.device, address=who.address, words=words, at=now
        )
    elif said:
        tap.words = words
        tap.save(update_fields=["words"])
    return tap, said


def _refuse_closed(place):
    opening = place.opening()
    if opening.is_known and not opening.is_open:
        if opening.moment:
            when = _("现在是关门的时间，%(time)s 开门。") % {"time": until(opening.moment)}
            raise NotAllowedNowError(when)
        raise NotAllowedNowError(_("现在是关门的时间。"))


def _refuse_many(place, who, now):
    today = FaultTap.objects.filter(
        device=who.device, at__gt=now - timedelta(days=1), fault__station=place
    )
    if today.count() >= TAPS_A_DAY:
        raise NotAllowedNowError(_("今天点得够多了，明天再来。急事打电话。"))


def _tell_keepers(fault, now, *, said):
    if fault.told_at is None:
        is_sure = fault.kind not in FacilityFault.TOLD_BY_TWO or agreeing(fault, now) >= 2
        if not is_sure:
            return
    elif not said:
        return
    notifications.told(fault, again=fault.told_at is not None)
    fault.told_at = now
    fault.save(update_fields=["told_at"])


def agreeing(fault: FacilityFault, now: datetime | None = None) -> int:
    """How many people said so; two hands of one person count as one.

    Of a locked door within the last half hour, since it may be open by then; else at any time.
    """
    now, people = now or timezone.now(), []
    for tap in fault.taps.all():
        is_old = fault.kind == Kind.LOCKED and tap.at <= now - AGREE_WITHIN
        if tap.taken_back_at is not None or is_old:
            continue
        is_same = any(
            tap.address and tap.address == other.address and abs(tap.at - other.at) <= ONE_HAND
            for other in people
        )
        if not is_same:
            people.append(tap)
    return len(people)


@transaction.atomic
def take_back(fault: FacilityFault, *, who: Teller) -> None:
    """It was a slip: the tap does not count, and a fault that nobody else told of is over.

    Raises NotAllowedNowError where there is nothing of this device's to take back.
    """
    Station.objects.select_for_update(no_key=True).get(pk=fault.station_id)
    row = FacilityFault.objects.select_for_update().get(pk=fault.pk)
    taps = row.taps.counting().filter(device=who.device)
    now = timezone.now()
    erasures.delete(TapPhoto.objects.filter(tap__in=taps))
    if row.ended_at is not None or not taps.update(taken_back_at=now):
        raise NotAllowedNowError(_("已经收回了，或者已经处理完了。"))
    if not row.taps.counting().exists():
        _end(row, End.TAKEN_BACK, now)


@transaction.atomic
def answer(fault: FacilityFault, *, text: str, by: User) -> None:
    """Staff say what they know or do about it. Raises NotAllowedNowError once it is over."""
    place, row = _standing(fault, by)
    row.answer, row.answered_at = text, timezone.now()
    row.answered_as = capacity_of(by, place)
    row.save(update_fields=["answer", "answered_at", "answered_as"])
    audit.record("stations.answer_fault", row, by=by, role=row.answered_as, parent=place)
    notifications.answered(row)


def repair(fault: FacilityFault, *, by: User) -> None:
    """It works again; whoever told of it hears it. Raises NotAllowedNowError once it is over."""
    _end_by(fault, End.REPAIRED, by)


def dismiss(fault: FacilityFault, *, by: User) -> None:
    """Somebody looked, and it is not so. Raises NotAllowedNowError once it is over."""
    _end_by(fault, End.NOT_SO, by)


@transaction.atomic
def _end_by(fault, how, by):
    """The thing is well, whichever of the two it was."""
    place, row = _standing(fault, by)
    now, capacity = timezone.now(), capacity_of(by, place)
    _end(row, how, now)
    if row.facility_id:
        Facility.objects.filter(pk=row.facility_id).update(
            condition=Facility.Condition.GOOD,
            remark="",
            checked_at=now,
            checked_as=capacity,
            updated_at=now,
        )
    audit.record("stations.end_fault", row, by=by, role=capacity, parent=place)
    notifications.ended(row)


@transaction.atomic
def lapse() -> int:
    """End what nobody said again for long; returns how many. Nobody is told: nobody knows."""
    now, count = timezone.now(), 0
    # Whoever taps at this moment holds the station, and joins what stands or begins a new one.
    standing = FacilityFault.objects.standing().values("station")
    list(Station.objects.select_for_update(no_key=True).filter(pk__in=standing).order_by("pk"))
    for kind in Kind:
        until_when = now - LAPSES_AFTER.get(kind, OTHERS_LAPSE_AFTER)
        old = FacilityFault.objects.standing().filter(kind=kind, last_at__lte=until_when)
        count += old.update(ended_at=now, end=End.LAPSED)
    return count


@transaction.atomic
def hide(tap: FaultTap, *, by: User) -> None:
    """Nobody reads this tap's words or sees its photo any more; the fault and the others stay.

    Raises NotAllowedNowError for somebody who does not keep the station.
    """
    place = held(tap.fault.station, by=by)
    FaultTap.objects.filter(pk=tap.pk, hidden_at=None).update(hidden_at=timezone.now(), words="")
    erasures.delete(TapPhoto.objects.filter(tap=tap.pk))
    audit.record("stations.hide_tap", tap, by=by, role=capacity_of(by, place), parent=place)


def _standing(fault, by):
    """(the station, the fault), both held; raises NotAllowedNowError for one that is over."""
    place = held(fault.station, by=by)
    row = FacilityFault.objects.select_for_update(of=("self",)).get(pk=fault.pk)
    if row.ended_at is not None:
        raise NotAllowedNowError(_("已经处理完了：%(how)s。") % {"how": row.get_end_display()})
    return place, row


def _end(row, how, now):
    row.end, row.ended_at = how, now
    row.save(update_fields=["end", "ended_at"])
