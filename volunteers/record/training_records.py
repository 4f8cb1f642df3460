"""Training records, the skills they grant, certificates from elsewhere, and warnings.

A skill is granted by a whole course: every part of it attended and passed, and no other course's.
"""

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities import trainings
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills import qualifications
from volunteers.skills.models import Course, Qualification, QualificationScan, Skill, SkillNeed
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

RECORD_URL = "/volunteers/record/"
WARNINGS = (60, 14, 0)  # days before the end
LATEST = timedelta(days=14)  # so long after the end somebody is still told of it, after an outage
TRAINING_LOCK = 7_302_119  # any number, the same in every process


def hold_training() -> None:
    """One writer of training records at a time, until the transaction ends.

    Two parts of a course settled side by side would each miss the other, and grant nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TRAINING_LOCK])


def note_training(
    session: ActivitySession, user: User, minutes: int, *, is_passed: bool
) -> TrainingRecord | None:
    """Write or correct the record of one person at one training; grants or revokes what follows.

    The caller holds `hold_training`. Absent people have a record only if they had one before.
    """
    activity = session.activity
    record = TrainingRecord.objects.filter(session=session, user=user).first()
    if record is None and not minutes:
        return None
    if record is None:
        record = TrainingRecord(session=session, user=user, course=activity.course)
    lost = record.qualification if record.qualification_id and not is_passed else None
    record.part = session.part
    # As in the ledger: what a confidential one was about stays between those who were there.
    record.title = str(_("培训")) if activity.is_confidential else activity.title
    record.organiser = str(activity.community)
    record.on = timezone.localtime(session.starts_at).date()
    record.minutes, record.is_passed = minutes, is_passed
    if lost:
        record.qualification = None
    record.save()
    changes = {"minutes": minutes, "passed": is_passed}
    audit.record("volunteers.training", record, parent=session, changes=changes)
    if lost:
        _revoke(lost)
    if record.course_id:
        grant(user, record.course)
    return record


def _revoke(qualification):
    """A training turned out not to have been passed: the other parts are free to be used again."""
    qualification.training_records.update(qualification=None)
    qualification.revoked_at = timezone.now()
    qualification.revoke_reason = str(_("培训记录更正"))
    qualification.save(update_fields=["revoked_at", "revoke_reason"])
    audit.record("volunteers.revoke_skill", qualification)
    _notify(qualification, "skill_lost")
    _revoke_what_needed(qualification.user, qualification.skill_id)


def _revoke_what_needed(user, skill_id):
    """What was granted because of a skill that was never earned goes with it, to the chain's end.

    Not where the person has the skill from elsewhere too. Earned at last, it brings the others
    back: their trainings are free to be used again (`_grant_what_waited`).
    """
    if skill_id in qualifications.in_force(user):
        return
    built_on = Qualification.objects.in_force().filter(
        user=user, source=Qualification.Source.TRAINING, skill__needs__needed=skill_id
    )
    for qualification in built_on.select_related("user", "skill").order_by("pk"):
        _revoke(qualification)


def grant(user: User, course: Course) -> Qualification | None:
    """Give the course's skill to somebody who passed every part and has what it presupposes.

    Returns the Qualification or None. Records used for an earlier one do not count again.
    """
    if course.skill_id is None:
        return None
    passed = TrainingRecord.objects.filter(
        user=user, course=course, is_passed=True, qualification__isnull=True
    )
    parts = {record.part: record.on for record in passed.order_by("on", "pk")}
    if set(range(1, course.parts + 1)) - parts.keys():
        return None
    needed = SkillNeed.objects.filter(skill=course.skill_id).values_list("needed", flat=True)
    if set(needed) - qualifications.in_force(user):
        return None
    since = max(parts.values())
    valid = course.skill.valid_days
    qualification = Qualification.objects.create(
        user=user,
        skill=course.skill,
        course=course,
        source=Qualification.Source.TRAINING,
        since=since,
        until=since + timedelta(days=valid) if valid else None,
    )
    passed.update(qualification=qualification)
    audit.record("volunteers.grant", qualification, parent=course)
    _notify(qualification, "skill")
    _grant_what_waited(user, course.skill_id)
    return qualification


def _grant_what_waited(user, skill_id):
    """Courses passed before, whose skill presupposed this one; no circles (`require_skill`)."""
    for course in Course.objects.filter(skill__needs__needed=skill_id).select_related("skill"):
        grant(user, course)


def register_certificate(
    *,
    user: User,
    skill: Skill,
    issuer: str,
    since: date,
    until: date | None,
    scan: StoredPhoto,
    by: User,
) -> Qualification:
    """A certificate from elsewhere, with its picture; returns the Qualification.

    Raises NotAllowedNowError for oneself, without an issuer, when it already ended or ends before
    it begins, or begins in the future.
    """
    if user.pk == by.pk:
        raise NotAllowedNowError(_("自己的证书要别人登记。"))
    if not issuer.strip():
        raise NotAllowedNowError(_("写上发证单位。"))
    today = timezone.localdate()
    if since > today or (until is not None and (until < since or until < today)):
        raise NotAllowedNowError(_("日期不对：从今天或以前开始，还没过期的才登记。"))
    with files.stored_with_rows() as stored:
        hold_training()
        qualification = Qualification.objects.create(
            user=user,
            skill=skill,
            source=Qualification.Source.REGISTERED,
            issuer=issuer.strip(),
            since=since,
            until=until,
            by=by,
        )
        columns = uploads.store_photo("volunteers/certificates", scan, stored)
        QualificationScan.objects.create(qualification=qualification, **columns)
        audit.record("volunteers.register_certificate", qualification, by=by)
        _notify(qualification, "skill")
        _grant_what_waited(user, skill.pk)
    return qualification


def _notify(qualification, what, **context):
    stage = qualification.warned if what == "skill_ends" else ""
    notices.send(
        [qualification.user],
        f"volunteers.{what}",
        key=f"qualification:{qualification.pk}:{what}:{stage}",
        context={"qualification": qualification, "skill": qualification.skill, **context},
        url=RECORD_URL,
    )


def stage_of(qualification: Qualification, today: date) -> int | None:
    """The warning that is due: 60, 14 or 0 days before the end, or None.

    A skill that is valid for less than 60 days is not warned of on its first day.
    """
    left = (qualification.until - today).days
    length = (qualification.until - qualification.since).days
    due = [days for days in WARNINGS if left <= days < length]
    stage = min(due, default=None)
    if stage is None or (qualification.warned is not None and qualification.warned <= stage):
        return None
    return stage


def warn_expiries(today: date | None = None) -> int:
    """Tell people of skills about to end, each stage once; returns how many were told.

    After an outage each person hears the latest stage only, and nothing of what ended long ago
    or was renewed meanwhile.
    """
    today = today or timezone.localdate()
    ending = Qualification.objects.filter(
        revoked_at__isnull=True,
        until__gte=today - LATEST,
        until__lte=today + timedelta(days=WARNINGS[0]),
    )
    count = 0
    for pk in list(ending.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Qualification.objects.select_for_update(of=("self",)).filter(pk=pk)
            fresh = row.select_related("user", "skill").first()
            stage = stage_of(fresh, today) if fresh and not fresh.revoked_at else None
            if stage is None:
                continue
            fresh.warned = stage
            fresh.save(update_fields=["warned"])
            if _is_renewed(fresh):
                continue
            lesson = next(iter(trainings.trainings_for(fresh.user, {fresh.skill_id})), None)
            left = (fresh.until - today).days
            _notify(fresh, "skill_ends", left=left, ended=left < 0, lesson=lesson)
            count += 1
    return count


def _is_renewed(qualification):
    others = Qualification.objects.filter(
        user=qualification.user_id, skill=qualification.skill_id, revoked_at__isnull=True
    ).exclude(pk=qualification.pk)
    longer = others.filter(until__gt=qualification.until) | others.filter(until__isnull=True)
    return longer.exists()
