"""The door of confidential requests. What is written is sealed before it is stored.

The trail names the number and no asker; the handler is told by the number. Whoever asked is told on
their own pages alone: a stored notice would say in the database that they asked.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from stations.postings.models import Organisation
from workers.aid import notifications, sealing
from workers.aid.access import desk_of
from workers.aid.models import AidDesk, AidNote, AidRequest
from workers.aid.transitions import ASKER, HANDLER, REQUESTS, SYSTEM
from workers.models import PrivacyNotice, Worker
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User

STILL_FOR = timedelta(days=365)
OPEN_MAX = 3  # of one person; more is a conversation, and stands in the one that is open


@sensitive_variables()
def ask(worker: Worker, *, text: str, reach: str = "") -> AidRequest:
    """Store a request that its asker agreed to; returns it. `reach` is how to reach them, if said.

    Raises NotAllowedNowError where nobody is there to read it, no key is set, or three of theirs
    are open.
    """
    # Not as a decorator, whose own frame would show the words in a report of an error.
    with transaction.atomic():
        return _stored(worker, {"text": text, "reach": reach})


@sensitive_variables()
def _stored(worker, said):
    desk, notice = desk_of(worker), PrivacyNotice.current()
    if desk is None or notice is None or not sealing.is_on():
        raise NotAllowedNowError(_("还没有人负责收，请打前台电话。"))
    # One after the other, so that the open ones are counted.
    User.objects.select_for_update(no_key=True).get(pk=worker.user_id)
    if AidRequest.objects.asked_by(worker.user).open().count() >= OPEN_MAX:
        raise NotAllowedNowError(_("已经有 %(n)d 件没办完，在原来那件里接着写。") % {"n": OPEN_MAX})
    consent = {"notice": notice.version, "agreed_at": timezone.now().isoformat()}
    row = AidRequest(
        community=desk.community,
        sealed=sealing.seal({"asker": worker.user_id} | said | consent),
        asker_mark=sealing.mark_of(worker.user_id),
        handler=desk.handler,
        deputy=desk.deputy,
    )
    made: AidRequest = carry_out(REQUESTS, row, "ask_aid", capacity=ASKER)
    notifications.tell_handler(made, "ask")
    return made


@sensitive_variables()
def read(request: AidRequest) -> dict[str, Any]:
    """What was asked and by whom. Raises CannotOpenError where the keys do not fit."""
    return sealing.unseal(request.sealed)


@sensitive_variables()
def notes_of(request: AidRequest) -> list[tuple[AidNote, str]]:
    """The lines between the two, each with its text. Raises CannotOpenError likewise."""
    return [(note, sealing.unseal(note.sealed)["text"]) for note in request.notes.all()]


def mark_read(request: AidRequest, *, by_handler: bool) -> None:
    """Whoever it waited for has seen it."""
    name = "news_for_handler" if by_handler else "news_for_asker"
    if getattr(request, name):
        AidRequest.objects.filter(pk=request.pk).update(**{name: False})


@sensitive_variables()
def _move(
    request: AidRequest,
    verb: str,
    *,
    by: User | None,
    text: str = "",
    change: Callable[[AidRequest], None] | None = None,
) -> AidRequest:
    """One transition with its line; nothing is stored over what the keys do not open."""
    is_handler = by is not None
    capacity = HANDLER if is_handler else ASKER

    def stamp(row: AidRequest, _before: str) -> None:
        sealing.unseal(row.sealed)
        row.moved_on = timezone.localdate()
        row.news_for_asker, row.news_for_handler = is_handler, not is_handler
        if change:
            change(row)

    with transaction.atomic():
        fresh: AidRequest = carry_out(
            REQUESTS, request, verb, by=by, capacity=capacity, change=stamp
        )
        if text:
            AidNote.objects.create(
                request=fresh, sealed=sealing.seal({"text": text}), from_handler=is_handler
            )
        if not is_handler:
            notifications.tell_handler(fresh, "news")
    return fresh


@sensitive_variables()
def answer(request: AidRequest, *, by: User, text: str) -> AidRequest:
    """The handler's line. Raises NotAllowedNowError where the table does not lead on."""
    return _move(request, "answer_aid", by=by, text=text)


@sensitive_variables()
def add(request: AidRequest, *, text: str) -> AidRequest:
    """Another line of the asker's. Raises NotAllowedNowError once it is done."""
    return _move(request, "add_to_aid", by=None, text=text)


@sensitive_variables()
def propose_referral(
    request: AidRequest, *, by: User, organisation: Organisation, text: str
) -> AidRequest:
    """Ask whether a partner may be told; nothing leaves before the asker agrees to this one."""

    def change(row: AidRequest) -> None:
        row.referred_to = organisation

    said = _("想请%(unit)s一起帮忙：%(text)s") % {"unit": organisation, "text": text}
    return _move(request, "propose_referral", by=by, text=said, change=change)


@sensitive_variables()
def agree_to_referral(request: AidRequest) -> AidRequest:
    """The asker's consent to this one partner; its time is kept with it, sealed."""
    facts = {"unit": request.referred_to_id, "agreed_at": timezone.now().isoformat()}

    def change(row: AidRequest) -> None:
        opened = sealing.unseal(row.sealed)
        row.sealed = sealing.seal(opened | {"referrals": [*opened.get("referrals", ()), facts]})

    text = _("同意转给%(unit)s。") % {"unit": request.referred_to}
    return _move(request, "agree_to_referral", by=None, text=text, change=change)


def decline_referral(request: AidRequest) -> AidRequest:
    """No: the partner hears nothing, and the request goes on."""

    def change(row: AidRequest) -> None:
        row.referred_to = None

    return _move(request, "decline_referral", by=None, text=_("不转介。"), change=change)


@sensitive_variables()
def end(request: AidRequest, *, by: User, text: str = "") -> AidRequest:
    """All that could be done is done."""

    def change(row: AidRequest) -> None:
        row.ended_at = timezone.now()

    return _move(request, "end_aid", by=by, text=text, change=change)


def lapse() -> int:
    """End what nobody wrote on for a year; returns how many. Retention takes it from there."""
    until = timezone.localdate() - STILL_FOR
    rows = AidRequest.objects.open().filter(moved_on__lt=until).order_by("pk")

    def change(row: AidRequest, _before: str) -> None:
        row.ended_at, row.news_for_asker = timezone.now(), True

    for row in rows:
        with suppress(NotAllowedNowError):
            carry_out(REQUESTS, row, "lapse_aid", capacity=SYSTEM, change=change)
    return len(rows)


@transaction.atomic
def withdraw(request: AidRequest) -> None:
    """The asker takes everything back: it is gone, in backups that are restored too."""
    rows = AidRequest.objects.select_for_update().filter(pk=request.pk)
    if not rows:
        raise NotAllowedNowError(_("已经删掉了。"))
    erasures.delete(rows)


@transaction.atomic
def hand_over(desk: AidDesk) -> int:
    """Give the community's open requests to whom the desk names now; returns how many.

    Their askers read that somebody else has it, and can take it back.
    """
    rows = AidRequest.objects.open().filter(community=desk.community_id)
    moved = 0
    for row in rows.exclude(handler=desk.handler, deputy=desk.deputy).order_by("pk"):

        def change(fresh: AidRequest, _before: str) -> None:
            is_other = fresh.handler_id != desk.handler_id
            fresh.handler, fresh.deputy = desk.handler, desk.deputy
            fresh.news_for_asker = fresh.news_for_asker or is_other
            fresh.news_for_handler = True

        fresh = carry_out(REQUESTS, row, "hand_over_aid", capacity=SYSTEM, change=change)
        notifications.tell_handler(fresh, "handed")
        moved += 1
    return moved


@transaction.atomic
def leave(user: User) -> None:
    """Somebody who read requests is gone: the deputy goes on, and staff are told where none is."""
    desks = AidDesk.objects.select_for_update(of=("self",)).order_by("pk")
    for desk in desks.filter(handler=user):
        desk.handler, desk.deputy = desk.deputy, None
        desk.save(update_fields=["handler", "deputy"])
        hand_over(desk)
        if desk.handler is None:
            notifications.tell_of_empty_desk(desk)
    desks.filter(deputy=user).update(deputy=None)
    AidRequest.objects.filter(deputy=user).update(deputy=None)
    AidRequest.objects.filter(handler=user).update(handler=None)
