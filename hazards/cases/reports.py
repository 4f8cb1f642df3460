"""Making a case out of a report, exactly once."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import cases, notifications
from hazards.cases.attachments import Attachments, attach
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.numbers import NumberCounter
from hazards.cases.steps import record_step
from hazards.catalogue.models import Category
from hazards.deadlines import deadlines
from stations.areas.models import Community, Grid
from yuanhang.core import audit, files, geo
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


def submit(
    *,
    by: User | None,
    submission_key: UUID,
    category: Category,
    description: str = "",
    place: str = "",
    grid: Grid | None = None,
    community: Community | None = None,
    point: geo.Point | None = None,
    source: str = Hazard.Source.NONE,
    attachments: Attachments | None = None,
    contact_name: str = "",
    contact_phone: str = "",
    shares_contact: bool = False,
    entered_by: User | None = None,
    same_as: Hazard | None = None,
) -> tuple[Hazard, bool]:
    """Make a case, exactly once per `submission_key`; returns `(hazard, is_new)`.

    `by` is the reporter or None for a guest; `point` a `geo.Point` (WGS-84) or None; `grid`
    decides the community, else `community` does, else the home community takes it. `entered_by`
    is the member of staff who wrote it down for the reporter (代录). `same_as` is the case that the
    reporter says this is: they follow it from the first moment, unless it is over by now.
    Raises NotAllowedNowError when the key belongs to another account's report.
    """
    existing = _sent_before(submission_key, by)
    if existing:
        return existing, False
    now = timezone.now()
    community = grid.community if grid else community or Community.objects.home()
    if community is None:
        raise NotAllowedNowError(_("还没有设置社区，请联系管理员。"))
    hazard = Hazard(
        submission_key=submission_key,
        subdistrict_id=community.subdistrict_id,
        community=community,
        grid=grid,
        category=category,
        urgency=category.urgency,
        description=description,
        place=place,
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        accuracy=point.accuracy if point else None,
        datum=point.datum if point else Hazard.Datum.WGS84,
        location_source=source,
        reporter=by,
        contact_name=contact_name,
        contact_phone=contact_phone,
        shares_contact=shares_contact,
        submitted_at=now,
        waiting_since=now,
    )
    try:
        with files.undone_on_failure() as written, transaction.atomic():
            # Before the counter: whoever waits for a case must not hold up everybody's numbers.
            main = _held_open(same_as)
            # The counter's row lock also lines up two sendings of the same key.
            hazard.number = NumberCounter.next_number(community.subdistrict_id, now)
            deadlines.on_submit(hazard)
            hazard.save(force_insert=True)
            role = "on_behalf" if entered_by else "reporter"
            step = record_step(hazard, "submit", by=entered_by or by, role=role, note="")
            attach(step, attachments or Attachments(), written)
            capacity = role if entered_by or by else "guest"
            audit.record("hazards.submit", hazard, by=entered_by or by, role=capacity)
            if main:
                hazard = cases.merge(hazard, by=by, main=main, role="reporter")
            else:
                notifications.notify_step(hazard, step)
    except IntegrityError:
        existing = _sent_before(submission_key, by)
        if existing is None:
            raise
        return existing, False
    return hazard, True


def _held_open(case: Hazard | None) -> Hazard | None:
    """The case with its row locked, or None when it is over."""
    if case is None:
        return None
    fresh = Hazard.objects.select_for_update().get(pk=case.pk)
    return fresh if fresh.is_open else None


def _sent_before(submission_key: UUID, by: User | None) -> Hazard | None:
    """The case this key made already.

    Holding the key is holding the receipt: it is random and known to the sender's browser only.
    Somebody logged in as another person did not send it, though.
    """
    hazard = Hazard.objects.filter(submission_key=submission_key).first()
    if hazard and hazard.reporter_id and by is not None and hazard.reporter_id != by.pk:
        raise NotAllowedNowError(_("这份已经用另一个账号发过了。要再发一份，再点一次发出。"))
    return hazard
