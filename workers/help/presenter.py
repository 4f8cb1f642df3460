"""What the pages of a request show one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from workers.access import worker_of
from workers.help import access
from workers.help.duty import Duty, duty_of
from workers.help.forms import AnswerForm
from workers.help.models import HelpRequest, HelpTake
from workers.help.transitions import UNENDED
from yuanhang.core import geo
from yuanhang.core.models import User


@dataclass(frozen=True)
class Shown:
    """A file with the address at which this viewer may fetch it."""

    row: Any
    url: str
    thumb: str = ""


@dataclass(frozen=True, kw_only=True)
class HelpPage:
    """How a request stands for one person.

    `going` is the live take of anybody, `own` this person's. Place, words and files show to the
    asker, to a keeper, and to whoever is on the way; `details` says whether this is one of them.
    `helper` says who comes, to the asker and the keeper.
    """

    call: HelpRequest
    going: HelpTake | None
    own: HelpTake | None
    is_asker: bool
    is_keeper: bool
    may_take: bool
    helper: str
    duty: Duty
    photos: Sequence[Shown]
    voices: Sequence[Shown]
    links: Sequence[Any]
    phone: str
    name: str
    form: AnswerForm
    token: str
    error: str

    @property
    def details(self) -> bool:
        """Whether place, words and files show."""
        return self.is_asker or self.is_keeper or self.own is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing can be done any more."""
        return self.call.state not in UNENDED

    @property
    def asks(self) -> bool:
        """Whether the asker is asked something now."""
        return self.is_asker and not self.is_over and self.call.questioned_at is not None

    @property
    def may_refuse(self) -> bool:
        """Whether a neighbour is on the way, whom the asker may send home."""
        return self.is_asker and self.going is not None and not self.going.as_keeper

    @property
    def act_url(self) -> str:
        """Where the buttons lead; a verb comes behind it."""
        if self.token:
            return reverse("workers:help-receipt", args=[self.token])
        return reverse("workers:help-request", args=[self.call.pk])


def page_of(
    call: HelpRequest, user: User | Any, *, token: str = "", form: Any = None, error: str = ""
) -> HelpPage:
    """The page of a request for a person; `token` is the receipt's, where that was opened."""
    is_asker = bool(token) or (user.is_authenticated and call.asker_id == user.pk)
    going = call.takes.live().select_related("helper__worker__platform").first()
    own = going if going and user.is_authenticated and going.helper_id == user.pk else None
    is_keeper = not is_asker and access.can_keep(user, call)
    free = going is None and call.state in (call.State.OPEN, call.State.TAKEN)
    may_take = free and not is_asker and (is_keeper or access.can_take(user, call))
    details = is_asker or is_keeper or own is not None
    return HelpPage(
        call=call,
        going=going,
        own=own,
        is_asker=is_asker,
        is_keeper=is_keeper,
        may_take=may_take,
        helper=helper_words(going) if going and (is_asker or is_keeper) else "",
        duty=duty_of(call.community),
        photos=_photos(call, token) if details else (),
        voices=_voices(call, token) if details else (),
        links=_links(call) if details and not is_asker else (),
        phone=(call.contact_phone or _account(call, "phone")) if is_keeper else "",
        name=(call.contact_name or _account(call, "display_name")) if is_keeper else "",
        form=form or AnswerForm(),
        token=token,
        error=error,
    )


def helper_words(take: HelpTake) -> str:
    """Who comes: 「骑手乙 · 美团」, or the post of whoever comes by their task."""
    if take.as_keeper:
        return _("驿站或社区的人")
    worker = worker_of(take.helper)
    platform = worker.platform if worker else None
    return f"{take.helper.display_name} · {platform}" if platform else take.helper.display_name


def _account(call, name):
    return getattr(call.asker, name, "") if call.asker_id else ""


def _photos(call, token):
    return [
        Shown(
            row,
            _file_url("photo", call, token, row.pk, "page"),
            _file_url("photo", call, token, row.pk, "thumb"),
        )
        for row in call.photos.all()
    ]


def _voices(call, token):
    return [Shown(row, _file_url("voice", call, token, row.pk)) for row in call.voices.all()]


def _file_url(what, call, token, *args):
    if token:
        return reverse(f"workers:help-receipt-{what}", args=[token, *args])
    return reverse(f"workers:help-{what}", args=[call.pk, *args])


def _links(call):
    if not call.has_point:
        return ()
    return geo.navigation_links(call.latitude, call.longitude, call.title)
