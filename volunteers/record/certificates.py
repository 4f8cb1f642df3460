"""服务证明: the person asks with one tap, the community issues from the ledger.

Who organises records, and who records certifies: each community certifies its own entries.
"""

from datetime import date

from django.db import models, transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.postings.access import community_staff
from volunteers.record.models.certificates import Certificate, CertificateHolder, CertificateRequest
from volunteers.record.models.service_records import Counter, ServiceRecord, ServiceRecordQuerySet
from volunteers.record.service_records import RECORD_URL, volunteer_number
from volunteers.record.transitions import CERTIFICATES, REQUESTS
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out, check
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

DESK_URL = "/volunteers/records/"
LINES_MAX = 10


def entries_of(user: User, community: Community, start: date, end: date) -> ServiceRecordQuerySet:
    """What counts for a person in a community from one day to another, both included."""
    return ServiceRecord.objects.certifiable(user, community, start, end)


def request(
    user: User, *, community: Community, start: date | None = None, end: date | None = None
) -> CertificateRequest:
    """Ask for a certificate; staff are told. Returns the request.

    Without dates it is from the first entry until today. Asking again gives the request that
    waits. Raises NotAllowedNowError when nothing counts in the period, it ends before it begins, or
    one for another period waits.
    """
    today = timezone.localdate()
    end = min(end or today, today)
    if start is None:
        rows = entries_of(user, community, date.min, end).order_by("on")
        start = rows.values_list("on", flat=True).first() or end
    if end < start:
        raise NotAllowedNowError(_("结束日期要在开始日期之后。"))
    with transaction.atomic():
        if entries_of(user, community, start, end).total() <= 0:
            raise NotAllowedNowError(_("这段时间还没有记上的服务时长。"))
        made, is_new = CertificateRequest.objects.get_or_create(
            user=user,
            community=community,
            answered_at=None,
            defaults={"start": start, "end": end, "asked_at": timezone.now()},
        )
        if is_new:
            audit.record(f"{REQUESTS.prefix}request_certificate", made, by=user)
            notices.send(
                community_staff(community),
                "volunteers.staff_certificate",
                key=f"certificate-request:{made.pk}",
                url=DESK_URL,
            )
    if not is_new and (made.start, made.end) != (start, end):
        span = {"start": made.start, "end": made.end}
        raise NotAllowedNowError(
            _("社区还在办你上一份（%(start)s 到 %(end)s），办好再要别的。") % span
        )
    return made


def _locked_request(request_id: int) -> CertificateRequest:
    rows = CertificateRequest.objects.select_for_update(of=("self",))
    return rows.select_related("user", "community").get(pk=request_id)


def issue(
    asked: CertificateRequest, *, by: User, person_in_charge: str, contact: str, remarks: str = ""
) -> Certificate:
    """Issue the certificate of a request from the ledger as it is now; returns it.

    One of the same beginning, person and community that this one covers is superseded.
    Raises NotAllowedNowError when somebody was faster, for oneself, without a person in charge or a
    contact, or when nothing counts any more.
    """
    if not person_in_charge.strip() or not contact.strip():
        raise NotAllowedNowError(_("负责人和联系电话要写上。"))
    with transaction.atomic():
        asked = _locked_request(asked.pk)
        check(REQUESTS, asked, "issue_certificate")
        if asked.user_id == by.pk:
            raise NotAllowedNowError(_("自己的证明要别人来开。"))
        entries = entries_of(asked.user, asked.community, asked.start, asked.end)
        minutes = entries.total()
        if minutes <= 0:
            raise NotAllowedNowError(_("这段时间没有记上的服务时长，开不了。"))
        certificate = Certificate(
            community=asked.community,
            start=asked.start,
            end=asked.end,
            minutes=minutes,
            person_in_charge=person_in_charge.strip(),
            handler=str(by),
            contact=contact.strip(),
            remarks=remarks.strip(),
            issued_at=timezone.now(),
        )
        _store(certificate, asked.user, entries, by)
        answer = {"certificate": certificate, "answered_at": certificate.issued_at}
        carry_out(REQUESTS, asked, "issue_certificate", by=by, is_locked=True, fields=answer)
        _notify(asked.user, certificate, "certificate", certificate.get_absolute_url())
    return certificate


def _store(certificate: Certificate, user: User, entries: ServiceRecordQuerySet, by: User) -> None:
    """Give it its number, and its holder, whose name lies in a row of its own."""
    volunteer = volunteer_number(user, certificate.community)
    year = timezone.localtime(certificate.issued_at).year
    # The counter's row lines up every issue of the year.
    certificate.number = f"FW{year}-{Counter.following(f'certificate:{year}'):05d}"
    carry_out(CERTIFICATES, certificate, "issue", by=by)
    CertificateHolder.objects.create(
        certificate=certificate,
        user=user,
        name=str(user),
        volunteer_number=volunteer,
        lines=_lines(entries),
    )
    _supersede(certificate, user)


def _lines(entries: ServiceRecordQuerySet) -> list[list]:
    """[content, times, minutes], longest first; the rest in one line, so that one page holds it."""
    rows = entries.order_by().values("content").annotate(times=Count("pk"), sum=Sum("minutes"))
    found = sorted(([r["content"], r["times"], r["sum"]] for r in rows), key=lambda r: -r[2])
    found = [line for line in found if line[2]]
    if len(found) > LINES_MAX:
        rest = found[LINES_MAX - 1 :]
        others = [str(_("其他")), sum(r[1] for r in rest), sum(r[2] for r in rest)]
        found = [*found[: LINES_MAX - 1], others]
    return found


def _supersede(certificate: Certificate, user: User) -> None:
    rows = Certificate.objects.filter(
        holder__user=user,
        community=certificate.community,
        state=Certificate.State.VALID,
        start=certificate.start,
        end__lte=certificate.end,
    ).exclude(pk=certificate.pk)
    ended = {"superseded_by": certificate, "ended_at": timezone.now()}
    for former in rows.select_for_update(of=("self",)):
        carry_out(
            CERTIFICATES, former, "supersede", is_locked=True, fields=ended, parent=certificate
        )


def _notify(user: User, target: models.Model, what: str, url: str) -> None:
    notices.send(
        [user],
        f"volunteers.{what}",
        key=f"{target._meta.model_name}:{target.pk}:{what}",
        context={"target": target},
        url=url,
    )


def decline(asked: CertificateRequest, *, by: User, reason: str) -> CertificateRequest:
    """Answer a request with a reason instead; the person is told."""
    reason = reason.strip()
    if not reason:
        raise NotAllowedNowError(_("不开要写一句原因。"))
    with transaction.atomic():
        answer = {"refusal": reason, "answered_at": timezone.now()}
        asked = _locked_request(asked.pk)
        carry_out(REQUESTS, asked, "decline_certificate", by=by, is_locked=True, fields=answer)
        _notify(asked.user, asked, "certificate_declined", RECORD_URL)
    return asked


def revoke(certificate: Certificate, *, by: User, reason: str) -> Certificate:
    """Declare a certificate void, for everybody who checks it; the person is told why.

    Raises NotAllowedNowError without a reason, or when it is void or superseded already.
    """
    reason = reason.strip()
    if not reason:
        raise NotAllowedNowError(_("作废要写一句原因。"))
    with transaction.atomic():
        ended = {"end_reason": reason, "ended_at": timezone.now()}
        fresh = carry_out(CERTIFICATES, certificate, "revoke", by=by, fields=ended)
        holder = CertificateHolder.objects.filter(certificate=fresh).select_related("user").first()
        if holder:
            _notify(holder.user, fresh, "certificate_revoked", fresh.get_absolute_url())
    return fresh
