"""What staff do with an activity: announce, close, finish, cancel, copy, repeat, move a session."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import ACTIVE, SignUp
from volunteers.activities.offers import count, locked, settle
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox import notices

State = Activity.State
MOVES = {
    "publish": ((State.DRAFT,), State.PUBLISHED),
    "close": ((State.PUBLISHED,), State.CLOSED),
    "reopen": ((State.CLOSED,), State.PUBLISHED),
    "finish": ((State.PUBLISHED, State.CLOSED), State.FINISHED),
    "cancel": ((State.DRAFT, State.PUBLISHED, State.CLOSED), State.CANCELLED),
}


def _move(activity, verb, *, by, **fields):
    """One move of the table under the row's lock; returns the fresh activity."""
    sources, target = MOVES[verb]
    fresh = Activity.objects.select_for_update().get(pk=activity.pk)
    if fresh.state not in sources:
        now = {"state": fresh.get_state_display()}
        raise NotAllowedNowError(_("已被他人处理，现在是「%(state)s」。") % now)
    before, fresh.state = fresh.state, target
    for name, value in fields.items():
        setattr(fresh, name, value)
    fresh.save()
    audit.record(f"volunteers.{verb}", fresh, by=by, changes={"state": [before, target]})
    return fresh


def _refuse_closed_by_date(activity, until=None):
    """Announced as open while nobody could sign up: the end of the sign-up is before `until`."""
    if activity.closes_at and activity.closes_at <= (until or timezone.now()):
        raise NotAllowedNowError(_("「报名截止」的时间太早，谁都报不上；先改晚或清空。"))


def publish(activity, *, by):
    """Announce a draft.

    Raises NotAllowedNowError without a session that is still to come, or when signing up ended
    before.
    """
    with transaction.atomic():
        fresh = _move(activity, "publish", by=by)
        _refuse_closed_by_date(fresh)
        if not fresh.sessions.filter(starts_at__gt=timezone.now()).exists():
            raise NotAllowedNowError(_("先加一个还没开始的场次，再发布。"))
    return fresh


def close(activity, *, by):
    """End the sign-up early; the line goes on moving."""
    with transaction.atomic():
        return _move(activity, "close", by=by)


def reopen(activity, *, by):
    """Let people sign up again after closing early. Raises NotAllowedNowError after its set end."""
    with transaction.atomic():
        fresh = _move(activity, "reopen", by=by)
        _refuse_closed_by_date(fresh)
    return fresh


def finish(activity, *, by):
    """All is over. Raises NotAllowedNowError while a session is still to end."""
    with transaction.atomic():
        fresh = _move(activity, "finish", by=by)
        if fresh.sessions.coming().exists():
            raise NotAllowedNowError(_("还有场次没结束。"))
    return fresh


def cancel(activity, *, by, reason):
    """Call it off; everybody who signed up is told why.

    Raises NotAllowedNowError without a reason, or once a session took place.
    """
    reason = reason.strip()
    if not reason:
        raise NotAllowedNowError(_("写一句为什么取消，报了名的人会看到。"))
    with transaction.atomic():
        ids = activity.sessions.order_by("pk").values_list("pk", flat=True)
        sessions = [locked(pk) for pk in ids]
        fresh = _move(activity, "cancel", by=by, cancel_reason=reason)
        # A draft was announced to nobody: nothing of it took place, whatever its dates say.
        if any(one.has_started and one.activity.state != State.DRAFT for one in sessions):
            raise NotAllowedNowError(_("已经有场次开始过，不能整个取消；可以截止报名。"))
        rows = SignUp.objects.filter(session__activity=fresh, state__in=ACTIVE)
        rows = list(rows.select_related("user"))
        for signup in rows:
            settle(signup, SignUp.State.CANCELLED)
        for session in sessions:
            count(session)
        _notify(fresh, rows, "cancelled", f"activity:{fresh.pk}:cancelled")
    return fresh


def _notify(activity, signups, what, key, **context):
    notices.send(
        {signup.user_id: signup.user for signup in signups}.values(),
        f"volunteers.{what}",
        key=key,
        context={"activity": activity, **context},
        url=activity.told_url(),
    )


def notify_place(activity, *, by, before):
    """Tell everybody who signed up for what is to come that the place is another one."""
    with transaction.atomic():
        changes = {"place": [before, activity.place]}
        event = audit.record("volunteers.place", activity, by=by, changes=changes)
        sessions = activity.sessions.coming()
        rows = SignUp.objects.active().filter(session__in=sessions).select_related("user")
        _notify(activity, rows, "place", f"activity:{activity.pk}:place:{event.pk}")


COPIED = (
    "kind",
    "text",
    "community",
    "grid",
    "place",
    "course",
    "is_confidential",
    "team",
    "bring",
    "pledge_item",
    "pledge_unit",
    "pledge_target",
    "latitude",
    "longitude",
    "accuracy",
    "datum",
)


@transaction.atomic
def copy(activity, *, by, days=0):
    """A new draft like this one, its sessions `days` later, without sign-ups; returns it."""
    new = Activity(title=activity.title, organiser=by)
    for name in COPIED:
        setattr(new, name, getattr(activity, name))
    new.opens_at = timezone.now()
    new.save()
    new.partners.set(activity.partners.all())
    new.skills.set(activity.skills.all())
    later = timedelta(days=days)
    for session in activity.sessions.all():
        ActivitySession.objects.create(
            activity=new,
            starts_at=session.starts_at + later,
            ends_at=session.ends_at + later,
            minimum=session.minimum,
            maximum=session.maximum,
            leader=session.leader,
            part=session.part,
        )
    audit.record("volunteers.copy", new, by=by, parent=activity)
    return new
