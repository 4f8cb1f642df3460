"""Training records, the skills they grant, certificates from elsewhere, and warnings.

A skill is granted by a whole course: every part of it attended and passed, and no other course's.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities import trainings
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills import qualifications
from volunteers.skills.models import Course, Qualification, QualificationScan, SkillNeed
from yuanhang.core import audit, files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox import notices

RECORD_URL = "/volunteers/record/"
WARNINGS = (60, 14, 0)  # days before the end
LATEST = timedelta(days=14)  # so long after the end somebody is still told of it, after an outage
TRAINING_LOCK = 7_302_119  # any number, the same in every process


def hold_training():
    """One writer of training records at a time, until the transaction ends.

    Two parts of a course settled side by side would each miss the other, and grant nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TRAINING_LOCK])


def note_training(session, user, minutes, *, is_passed):
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


def grant(user, course):
    """Give the course's skill to somebody who passed every part and has what it presupposes.

    Returns the Qualification or None. Records used for an earlier one do not count again.
    """
    if course.skill_id is None:
        return None
    rows = TrainingRecord.objects.filter(
        user=user, course=course, is_passed=True, qualification__isnull=True
    )
    parts = {record.part: record.on for record in rows.order_by("on", "pk")}
    if set(range(1, course.parts + 1)) - parts.keys():
        return None
    needed = SkillNeed.objects.filter(skill=course.skill_id).values_list("needed", flat=True)
    if set(needed) - qualifications.in_force(user):
        return None
    since = max(parts.values())
    valid = course.skill.valid_days
    made = Qualification.objects.create(
        user=user,
        skill=course.skill,
        course=course,
        source=Qualification.Source.TRAINING,
        since=since,
        until=since + timedelta(days=valid) if valid else None,
    )
    rows.update(qualification=made)
    audit.record("volunteers.grant", made, parent=course)
    _notify(made, "skill")
    _grant_what_waited(user, course.skill_id)
    return made


def _grant_what_waited(user, skill_id):
    """Courses passed before, whose skill presupposed this one; no circles (`require_skill`)."""
    for course in Course.objects.filter(skill__needs__needed=skill_id).select_related("skill"):
        grant(user, course)


def register_certificate(*, user, skill, issuer, since, until, scan, by):
    """A certificate from elsewhere, with its picture (a `photos.StoredPhoto`); returns the
    Qualification.

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
    with files.undone_on_failure() as written, transaction.atomic():
        hold_training()
        made = Qualification.objects.create(
            user=user,
            skill=skill,
            source=Qualification.Source.REGISTERED,
            issuer=issuer.strip(),
            since=since,
            until=until,
            by=by,
        )
        stored = files.put_photo("volunteers/certificates", scan, written)
        QualificationScan.objects.create(qualification=made, **stored)
        audit.record("volunteers.register_certificate", made, by=by)
        _notify(made, "skill")
        _grant_what_waited(user, skill.pk)
    return made


def _notify(qualification, what, **context):
    stage = qualification.warned if what == "skill_ends" else ""
    notices.send(
        [qualification.user],
        f"volunteers.{what}",
        key=f"qualification:{qualification.pk}:{what}:{stage}",
        context={"qualification": qualification, "skill": qualification.skill, **context},
        url=RECORD_URL,
    )


def stage_of(qualification, today):
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


def warn_expiries(today=None):
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
    told = 0
    for pk in list(ending.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Qualification.objects.select_for_update(of=("self",)).filter(pk=pk)
            found = row.select_related("user", "skill").first()
            stage = stage_of(found, today) if found and not found.revoked_at else None
            if stage is None:
                continue
            found.warned = stage
            found.save(update_fields=["warned"])
            if _is_renewed(found):
                continue
            lesson = next(iter(trainings.trainings_for(found.user, {found.skill_id})), None)
            left = (found.until - today).days
            _notify(found, "skill_ends", left=left, ended=left < 0, lesson=lesson)
            told += 1
    return told


def _is_renewed(qualification):
    others = Qualification.objects.filter(
        user=qualification.user_id, skill=qualification.skill_id, revoked_at__isnull=True
    ).exclude(pk=qualification.pk)
    longer = others.filter(until__gt=qualification.until) | others.filter(until__isnull=True)
    return longer.exists()
