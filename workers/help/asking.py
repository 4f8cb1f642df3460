"""Making a request for help, exactly once."""

import hashlib
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID, uuid5

from django.db import IntegrityError
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from workers.help import notifications
from workers.help.access import can_ask_neighbours
from workers.help.duty import duty_of
from workers.help.models import FOR_NEIGHBOURS, HelpPhoto, HelpRequest, HelpVoice
from workers.help.recordings import FOLDER, TASK
from workers.help.transitions import ASKER, HELP
from yuanhang.core import files, geo, jobs
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.media.stored_voice import StoredVoice
from yuanhang.core.models import User

# A phone's clock may be wrong: what it wrote is told only when it is earlier by so much.
LATE_AFTER = timedelta(minutes=2)
LATE_AT_MOST = timedelta(days=7)


@dataclass(frozen=True)
class Content:
    """What a submission key stands for: words and files, as they were sent.

    The position may differ: a phone that tries again may know it better by then.
    """

    kind: str
    words: str
    place: str
    contact_name: str
    contact_phone: str
    files: str

    @classmethod
    def of(cls, row: HelpRequest) -> "Content":
        """The content of a stored request. Its place goes when it ends: then nothing is like it."""
        return cls(
            row.kind, row.words, row.place, row.contact_name, row.contact_phone, row.files_digest
        )

    def key_beside(self, submission_key: UUID) -> UUID:
        """The key of this content where the sent one stands for another: always the same one."""
        return uuid5(submission_key, repr(astuple(self)))


@dataclass(frozen=True)
class Attached:
    """Checked files of a form, and the fingerprint of what was sent."""

    photos: list[StoredPhoto] = field(default_factory=list)
    voices: list[StoredVoice] = field(default_factory=list)
    digest: str = ""


class AskFields(TypedDict, total=False):
    """What a request says. `point` is in WGS-84; `grid` decides the community, else `community`
    does, else the home community takes it. `written_at` is by the phone's clock."""

    kind: Required[str]
    words: str
    place: str
    grid: Grid | None
    community: Community | None
    point: geo.Point | None
    source: str
    contact_name: str
    contact_phone: str
    asks_neighbours: bool
    written_at: datetime | None


def receipt_token(key: UUID) -> str:
    """The secret part of a receipt's link (128 bits): follows from the key that the phone made.

    So a form that is sent twice leads to the same page, while the table holds only a hash.
    """
    return salted_hmac("workers.help.receipt", str(key), algorithm="sha256").hexdigest()[:32]


def hash_of(token: str) -> str:
    """What is stored of a receipt's secret, and what it is found by."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_receipt(token: str) -> Any:
    """The requests that a link opens: one, or none."""
    return HelpRequest.objects.filter(receipt_hash=hash_of(token))


def sent_before(
    submission_key: UUID, *, by: User | None, content: Content
) -> tuple[UUID, HelpRequest | None]:
    """The one rule of the key: (the key this request has, the row it made already).

    The same key with the same content is the same request; with another content it is a second
    one, whose key follows from both. One that has ended by now was surely sent: whoever sends it
    again is led to how it ended. Raises NotAllowedNowError for somebody logged in as another
    person than the sender.
    """
    row = HelpRequest.objects.filter(submission_key=submission_key).first()
    if row is None:
        return submission_key, None
    if row.asker_id and by is not None and row.asker_id != by.pk:
        raise NotAllowedNowError(_("这份已经用另一个账号发过了。要再发一份，再点一次发出。"))
    if row.ended_at is not None or Content.of(row) == content:
        return submission_key, row
    key = content.key_beside(submission_key)
    return key, HelpRequest.objects.filter(submission_key=key).first()


def ask(
    *,
    by: User | None,
    submission_key: UUID,
    attached: Attached | None = None,
    **fields: Unpack[AskFields],
) -> tuple[HelpRequest, str]:
    """Make a request, exactly once per key; returns (it, the secret of its receipt's link).

    `by` is None for a guest, who asks the keeper alone. Where the disk takes no files it is made
    without them and says so. Raises NotAllowedNowError where neighbours may not be asked, no
    community could take it, or the key belongs to another account's request.
    """
    row = _new(by, fields)
    attached = attached or Attached()
    row.files_digest = attached.digest
    key = submission_key
    while True:
        row.submission_key, row.receipt_hash = key, hash_of(receipt_token(key))
        try:
            return _stored(row, attached, by), receipt_token(key)
        except files.NoRoomError:
            row.lost_files = len(attached.photos) + len(attached.voices)
            attached = Attached(digest=attached.digest)
        except IntegrityError:
            beside, existing = sent_before(submission_key, by=by, content=Content.of(row))
            if existing:
                return existing, receipt_token(beside)
            if beside == key:
                raise
            key = beside
        row.pk, row._state.adding = None, True


def _new(by: User | None, fields: AskFields) -> HelpRequest:
    grid, point = fields.get("grid"), fields.get("point")
    community = grid.community if grid else fields.get("community") or Community.objects.home()
    if community is None:
        raise NotAllowedNowError(_("还没有设置社区，请联系管理员。"))
    asks_neighbours = fields.get("asks_neighbours", False)
    if asks_neighbours:
        _refuse_unless_for_neighbours(by, fields["kind"])
    duty, now = duty_of(community, point), timezone.now()
    return HelpRequest(
        kind=fields["kind"],
        level=duty.level,
        station=duty.station,
        community=community,
        grid=grid,
        place=fields.get("place", ""),
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        accuracy=point.accuracy if point else None,
        datum=point.datum if point else HelpRequest.Datum.WGS84,
        location_source=fields.get("source", "none"),
        words=fields.get("words", ""),
        asker=by,
        contact_name=fields.get("contact_name", ""),
        contact_phone=fields.get("contact_phone", ""),
        # Without a grid nobody is a neighbour: the keeper hears it alone, and the page says so.
        asks_neighbours=asks_neighbours and grid is not None,
        written_at=told_time(fields.get("written_at"), now),
        asked_at=now,
    )


def _refuse_unless_for_neighbours(by, kind):
    if kind not in FOR_NEIGHBOURS:
        raise NotAllowedNowError(_("摔了、冻着了和别的事只告诉驿站，不告诉附近的骑手。"))
    if by is None or not can_ask_neighbours(by):
        raise NotAllowedNowError(_("社区确认过登记，才能告诉附近的骑手。去掉那个勾再发。"))


def told_time(written_at: datetime | None, now: datetime) -> datetime | None:
    """When the phone noted it, where that is worth telling; None for a clock that must be wrong."""
    if written_at is None or not LATE_AFTER <= now - written_at <= LATE_AT_MOST:
        return None
    return written_at


def _stored(row: HelpRequest, attached: Attached, by: User | None) -> HelpRequest:
    with files.stored_with_rows() as stored:
        photos = [uploads.store_photo("help/photos", one, stored) for one in attached.photos]
        voices = [uploads.store_voice(FOLDER, one, stored) for one in attached.voices]
        made = carry_out(HELP, row, "ask", by=by, capacity=ASKER)
        HelpPhoto.objects.bulk_create(HelpPhoto(request=made, **one) for one in photos)
        made_voices = HelpVoice.objects.bulk_create(
            HelpVoice(request=made, **one) for one in voices
        )
        for one in made_voices:
            if one.original:
                jobs.enqueue(TASK, one.pk)
        notifications.asked(made, duty_of(made.community, _point_of(made)))
    return made


def _point_of(row: HelpRequest) -> geo.Point | None:
    if row.latitude is None or row.longitude is None:
        return None
    return geo.Point(row.latitude, row.longitude)
