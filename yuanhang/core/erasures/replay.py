"""Erasing again, in a restored database, what was erased since its backup was made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.module_loading import import_string

from yuanhang.core import retention, rooms
from yuanhang.core.erasures import erasure_list, erasures
from yuanhang.core.erasures.erasure_list import Contents, Erasure
from yuanhang.core.erasures.erasures import DELETE, Eraser

AT_ONCE = 200  # rows a call of an eraser
# Nobody's transaction lasts so long: what was noted earlier had ended when the backup was made.
IN_FLIGHT = timedelta(days=1)


@dataclass(frozen=True)
class Snapshot:
    """The instant of a backup, as PostgreSQL writes it (`xmin:xmax:running,…`), and by the clock.

    `position` is how far the list named `list_number` went just before.
    """

    text: str
    at: datetime
    list_number: str
    position: int

    def sees(self, transaction: int) -> bool:
        """Whether a transaction of the same server had ended before this instant."""
        first, end, running = (part for part in self.text.split(":"))
        still = {int(number) for number in running.split(",") if number}
        return transaction < int(first) or (transaction < int(end) and transaction not in still)


class UnknownEraserError(Exception):
    """The list asks for an eraser that this version of the code does not have."""


class MissingListError(Exception):
    """None of the given lists goes on from the backup."""


def erased_since(snapshot: Snapshot, places: Iterable[Path]) -> list[Erasure]:
    """The erasures that a backup of this instant still needs, from all lists, each once, in order.

    Raises MissingListError when the list that was in use then is not among them, or was shortened.
    """
    lists: dict[str, Contents] = {}
    for one in (erasure_list.read(place) for place in places):
        # A copy that was handed over earlier knows less.
        if one.number not in lists or one.size > lists[one.number].size:
            lists[one.number] = one
    own = lists.get(snapshot.list_number)
    if own is None or own.size < snapshot.position:
        raise MissingListError
    found: dict[str, Erasure] = {}
    for one in lists.values():
        found |= {erasure.number: erasure for erasure in _since(snapshot, one)}
    # One list is in order by itself, whatever the clock did.
    return sorted(found.values(), key=lambda one: one.at if len(lists) > 1 else snapshot.at)


def _since(snapshot: Snapshot, contents: Contents) -> Iterator[Erasure]:
    if contents.number != snapshot.list_number:
        # A list that was begun elsewhere: only the clock tells.
        yield from (one for one in erasure_list.lasting(contents) if one.at >= snapshot.at)
        return
    # Numbers of transactions mean something between two restores only.
    begun = max((at for at in contents.restored_at if at < snapshot.position), default=0)
    for one in erasure_list.lasting(contents):
        place = contents.places[one.number]
        if place >= snapshot.position:
            yield one
            continue
        is_recent = place > begun and one.at > snapshot.at - IN_FLIGHT
        if is_recent and not snapshot.sees(one.transaction):
            yield one


def erasers() -> dict[str, Eraser]:
    """All erasers but that of whole rows, by their keys."""
    found = {rule.key: rule.eraser() for rule in retention.rules()}
    for room in apps.get_app_configs():
        if isinstance(room, rooms.RoomConfig):
            for path in room.erasers:
                found |= {one.key: one for one in import_string(path)}
    return found


def replay(since: Iterable[Erasure]) -> list[str]:
    """Carry the erasures out again, in the caller's transaction; returns what had to stay.

    That is a row on which others hang that were taken off it after the backup, as
    "label key": somebody has to look. Raises UnknownEraserError, which fails the restore.
    """
    known, now, held = erasers(), timezone.now(), []
    with erasures.replaying():
        for one in since:
            for start in range(0, len(one.ids), AT_ONCE):
                held += _again(one, list(one.ids[start : start + AT_ONCE]), known, now)
        # What a later line took away may have been what held these.
        return [f"{model} {key}" for model, key in held if _delete(model, [key])]


def _again(
    one: Erasure, ids: list[Any], known: dict[str, Eraser], now: datetime
) -> list[tuple[str, Any]]:
    try:
        if one.how == DELETE:
            return _delete(one.model, ids)
        known[one.how].forget(ids, now)
    except LookupError as error:  # KeyError too
        raise UnknownEraserError(f"{one.how} of {one.model}") from error
    return []


def _delete(model: str, ids: list[Any]) -> list[tuple[str, Any]]:
    """Delete rows; returns those that others hang on."""
    rows = apps.get_model(model)._default_manager
    try:
        rows.filter(pk__in=ids).delete()
    except (ProtectedError, RestrictedError):
        if len(ids) == 1:
            return [(model, ids[0])]
        return [held for key in ids for held in _delete(model, [key])]
    return []
