"""Making a case out of a report, exactly once."""

import functools
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import merging, notifications, photo_places
from hazards.cases.attachments import Attachments, keep, write
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.models.steps import Step
from hazards.cases.search_terms import search_terms
from hazards.cases.steps import step_of
from hazards.catalogue.models import Category, Symptom
from hazards.deadlines import deadlines
from stations.areas.models import Community, Grid
from stations.robots import robots
from yuanhang.core import audit, files, geo, together
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User

# In the place of a number until it is given out; no day has such a one.
NOT_YET = "NO00000000-0000"


@dataclass(frozen=True)
class Content:
    """What a submission key stands for: the words of a report and its files, as they were sent.

    The position may differ: a phone that tries again may know it better by then. `files` is their
    fingerprint, known before any is decoded.
    """

    category: str
    description: str
    place: str
    contact_name: str
    contact_phone: str
    files: str

    @classmethod
    def of(cls, hazard: Hazard) -> "Content":
        """The content of a stored case, as it was sent."""
        return cls(
            hazard.category_id,
            hazard.description,
            hazard.place,
            hazard.contact_name,
            hazard.contact_phone,
            hazard.files_digest,
        )

    def key_beside(self, submission_key: UUID) -> UUID:
        """The key of this content where the sent one stands for another: always the same one."""
        return uuid5(submission_key, repr(astuple(self)))


def sent_before(
    submission_key: UUID, *, by: User | None, content: Content
) -> tuple[UUID, Hazard | None]:
    """The one rule of the submission key: (the key this report has, the case it made already).

    The same key with the same content is the same report, however often it is sent. With another
    content it is a second report: a page that was come back to, and filled in anew. It gets a key
    of its own, which follows from both, so that sending it twice makes one case as well.
    Holding the key is holding the receipt: it is random and known to the sender's browser only.
    Raises NotAllowedNowError for somebody logged in as another person than the sender.
    """
    rows = Hazard.objects.filter(submission_key=submission_key)
    # Nearly always it is new: reading a case costs Django much more than asking for one.
    hazard = rows.first() if rows.exists() else None
    if hazard is None:
        return submission_key, None
    if hazard.reporter_id and by is not None and hazard.reporter_id != by.pk:
        raise NotAllowedNowError(_("这份已经用另一个账号发过了。要再发一份，再点一次发出。"))
    if Content.of(hazard) == content:
        return submission_key, hazard
    key = content.key_beside(submission_key)
    return key, Hazard.objects.filter(submission_key=key).first()


@transaction.atomic
def claim(tokens: Iterable[str], *, by: User) -> tuple[int, list[str]]:
    """Put reports made without an account under this one: holding a receipt is holding its report.

    Returns (how many were nobody's until now, the tokens whose reports are this person's by now).
    Others stay with whom they are.
    """
    rows = Hazard.objects.select_for_update(of=("self",), no_key=True)
    held = list(rows.filter(receipt_token__in=list(tokens)).order_by("pk"))
    found = [hazard for hazard in held if hazard.reporter_id is None]
    for hazard in found:
        hazard.reporter = by
        hazard.save()
        audit.record("hazards.claim", hazard, by=by, role="reporter")
    return len(found), [row.receipt_token for row in held if row.reporter_id == by.pk]


class ReportFields(TypedDict, total=False):
    """What a report says; all but the category may be missing.

    `point` is in WGS-84. `grid` decides the community, else `community` does, else the home
    community takes it.
    """

    category: Required[Category]
    symptom: Symptom | None
    description: str
    place: str
    grid: Grid | None
    community: Community | None
    point: geo.Point | None
    source: str
    contact_name: str
    contact_phone: str
    shares_contact: bool


def submit(
    *,
    by: User | None,
    submission_key: UUID,
    attachments: Attachments | None = None,
    entered_by: User | None = None,
    same_as: Hazard | None = None,
    **fields: Unpack[ReportFields],
) -> tuple[Hazard, bool]:
    """Make a case, exactly once per `submission_key`; returns `(hazard, is_new)`.

    `by` is the reporter or None for a guest; `entered_by` the member of staff who wrote it down
    for the reporter (代录). `same_as` is the case that the reporter says this is: they follow it
    from the first moment, unless it is over by now. Where the disk takes no files the case is made
    without them, and its first step says how many were lost.
    Raises NotAllowedNowError when the key belongs to another account's report.
    """
    words = {"submission_key": submission_key, "entered_by": entered_by, "same_as": same_as}
    attachments = Attachments() if attachments is None else attachments
    try:
        return _submit(by, fields, attachments=attachments, **words)
    except files.NoRoomError:
        # No report is lost because a disk is full: its words are stored, and its receipt says so.
        return _submit(by, fields, attachments=attachments.without_files(), **words)


def _submit(by, fields, *, submission_key, attachments, entered_by, same_as):
    """Make the case at once: the key's own constraint says whether it was sent before."""
    key = submission_key
    while True:
        hazard = _new_case(by, fields)
        hazard.files_digest, hazard.submission_key = attachments.digest, key
        try:
            return _stored(hazard, attachments, by, entered_by, same_as), True
        except IntegrityError:
            content = Content.of(hazard)
            beside, existing = sent_before(submission_key, by=by, content=content)
            if existing:
                return existing, False
            if beside == key:
                raise
            key = beside


def _stored(hazard, attachments, by, entered_by, same_as):
    """The case with its number, its first step, its files, its event and its notices.

    All that can be read, thought and worded is, before the counter's lock is taken: whoever waits
    for it waits for two questions and a commit.
    """
    actor, role = entered_by or by, "on_behalf" if entered_by else "reporter"
    with files.stored_with_rows() as stored:
        # Before the counter: whoever waits for a case must not hold up everybody's numbers.
        main = _held_open(same_as)
        deadlines.on_submit(hazard)
        written = write(attachments, stored)
        hazard.pk, step_key = together.next_keys(Hazard, Step)
        hazard.number = NOT_YET
        hazard.search = [NOT_YET, *search_terms(hazard.place, hazard.description)]
        step = step_of(hazard, "submit", by=actor, role=role, note="")
        step.pk, step.lost_files = step_key, attachments.lost
        capacity = role if actor else "guest"
        event = audit.event("hazards.submit", hazard, by=actor, role=capacity)
        news = [] if main else notifications.submission_notices(hazard, step)
        chats = [] if main else robots.of_place(hazard.grid, hazard.community)
        rows = together.Together([hazard, step, event, *news])
        # The counter's row lock also lines up two sendings of the same key.
        hazard.number = NumberCounter.next_number(hazard.subdistrict_id, hazard.submitted_at)
        rows.store(functools.partial(_numbered, hazard.number))
        hazard.search = _numbered(hazard.number, hazard.search)
        if written.rows:
            keep(step, written)
        photo_places.keep(hazard, step, attachments)
        if main:
            return merging.merge(hazard, by=by, main=main, role="reporter")
        notifications.announce_submission(hazard, step, chats)
    return hazard


def _numbered(number: str, value: Any) -> Any:
    """A value of a row that was worded before its case had a number."""
    if isinstance(value, str):
        return value.replace(NOT_YET, number) if NOT_YET in value else value
    if isinstance(value, list) and NOT_YET in value:
        return sorted({*value, *search_terms(number)} - {NOT_YET})
    return value


def _new_case(by: User | None, fields: ReportFields) -> Hazard:
    """The case of a report, not stored and without number and key.

    Raises NotAllowedNowError where no community could take it.
    """
    grid, point = fields.get("grid"), fields.get("point")
    community = grid.community if grid else fields.get("community") or Community.objects.home()
    if community is None:
        raise NotAllowedNowError(_("还没有设置社区，请联系管理员。"))
    now = timezone.now()
    return Hazard(
        subdistrict_id=community.subdistrict_id,
        community=community,
        grid=grid,
        category=fields["category"],
        symptom=fields.get("symptom"),
        urgency=fields["category"].urgency,
        description=fields.get("description", ""),
        place=fields.get("place", ""),
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        accuracy=point.accuracy if point else None,
        datum=point.datum if point else Hazard.Datum.WGS84,
        location_source=fields.get("source", Hazard.Source.NONE),
        reporter=by,
        contact_name=fields.get("contact_name", ""),
        contact_phone=fields.get("contact_phone", ""),
        shares_contact=fields.get("shares_contact", False),
        submitted_at=now,
        waiting_since=now,
    )


def _held_open(case: Hazard | None) -> Hazard | None:
    """The case, or the one it follows by now, with its row locked; None when that one is over."""
    if case is None:
        return None
    leading = Hazard.objects.values_list("main", flat=True).get(pk=case.pk)
    fresh = Hazard.objects.select_for_update().get(pk=leading or case.pk)
    return fresh if fresh.is_open else None
