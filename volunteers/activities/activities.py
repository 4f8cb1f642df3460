"""What staff do with an activity: make, edit, announce, close, finish, cancel, copy."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities.banner import set_banner
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import ACTIVE, Pledge, SignUp
from volunteers.activities.offers import count, locked, settle
from volunteers.activities.transitions import ACTIVITIES
from yuanhang.core import audit, editing
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

State = Activity.State


def create(activity: Activity, *, by: User, banner: StoredPhoto | None = None) -> Activity:
    """Store a new draft, which whoever makes it organises."""
    activity.organiser = by
    with transaction.atomic():
        editing.create(activity, by=by)
        if banner:
            set_banner(activity, banner, by=by)
    return activity


def edit(activity: Activity, *, by: User, fields: Collection[str], place_before: str) -> Activity:
    """Store the named columns of an activity; its state is nobody's to overwrite here.

    Whoever signed up for what is to come is told of a new place.
    """
    with transaction.atomic():
        activity.save(update_fields=[*fields, "updated_at"])
        changes = {"fields": sorted(fields)}
        audit.record("volunteers.edit_activity", activity, by=by, changes=changes)
        if "place" in fields and not activity.is_over and activity.state != State.DRAFT:
            _notify_place(activity, by, place_before)
    return activity


def refuse_closed_by_date(activity: Activity, until: datetime | None = None) -> None:
    """Announced as open while nobody could sign up: the end of the sign-up is before `until`."""
    if activity.closes_at and activity.closes_at <= (until or timezone.now()):
        raise NotAllowedNowError(_("「报名截止」的时间太早，谁都报不上；先改晚或清空。"))


def publish(activity: Activity, *, by: User) -> Activity:
    """Announce a draft.

    Raises NotAllowedNowError without a session that is still to come, or when signing up ended
    before.
    """
    with transaction.atomic():
        fresh = carry_out(ACTIVITIES, activity, "publish", by=by)
        refuse_closed_by_date(fresh)
        if not fresh.sessions.filter(starts_at__gt=timezone.now()).exists():
            raise NotAllowedNowError(_("先加一个还没开始的场次，再发布。"))
    return fresh


def close(activity: Activity, *, by: User) -> Activity:
    """End the sign-up early; the line goes on moving."""
    with transaction.atomic():
        return carry_out(ACTIVITIES, activity, "close", by=by)


def reopen(activity: Activity, *, by: User) -> Activity:
    """Let people sign up again after closing early. Raises NotAllowedNowError after its set end."""
    with transaction.atomic():
        fresh = carry_out(ACTIVITIES, activity, "reopen", by=by)
        refuse_closed_by_date(fresh)
    return fresh


def finish(activity: Activity, *, by: User) -> Activity:
    """All is over. Raises NotAllowedNowError while a session is still to end."""
    with transaction.atomic():
        fresh = carry_out(ACTIVITIES, activity, "finish", by=by)
        if fresh.sessions.coming().exists():
            raise NotAllowedNowError(_("还有场次没结束。"))
    return fresh


def cancel(activity: Activity, *, by: User, reason: str) -> Activity:
    """Call it off; everybody who signed up is told why.

    Raises NotAllowedNowError without a reason, or once a session took place.
    """
    reason = reason.strip()
    if not reason:
        raise NotAllowedNowError(_("写一句为什么取消，报了名的人会看到。"))
    with transaction.atomic():
        ids = activity.sessions.order_by("pk").values_list("pk", flat=True)
        sessions = [locked(pk) for pk in ids]
        why = {"cancel_reason": reason}
        fresh = carry_out(ACTIVITIES, activity, "cancel", by=by, fields=why)
        # A draft was announced to nobody: nothing of it took place, whatever its dates say.
        if any(one.has_started and one.activity.state != State.DRAFT for one in sessions):
            raise NotAllowedNowError(_("已经有场次开始过，不能整个取消；可以截止报名。"))
        rows = SignUp.objects.filter(session__activity=fresh, state__in=ACTIVE)
        rows = list(rows.select_related("user", "session"))
        for signup in rows:
            settle(signup, "call_off", signup.session, by=by)
        for session in sessions:
            count(session)
        # Whoever promised goods without signing up would bring them.
        told = [*rows, *fresh.pledges.select_related("user")]
        notify_signed_up(fresh, told, "cancelled", f"activity:{fresh.pk}:cancelled")
    return fresh


def notify_signed_up(
    activity: Activity, signups: Iterable[SignUp | Pledge], what: str, key: str, **context: Any
) -> None:
    """Tell the people of these sign-ups or pledges, each once; `what` names the template."""
    notices.send(
        {signup.user_id: signup.user for signup in signups}.values(),
        f"volunteers.{what}",
        key=key,
        context={"activity": activity, **context},
        url=activity.told_url(),
    )


def _notify_place(activity: Activity, by: User, before: str) -> None:
    """Tell everybody who signed up for what is to come that the place is another one."""
    changes = {"place": [before, activity.place]}
    event = audit.record("volunteers.place", activity, by=by, changes=changes)
    sessions = activity.sessions.coming()
    rows = list(SignUp.objects.active().filter(session__in=sessions).select_related("user"))
    key = f"activity:{activity.pk}:place:{event.pk}"
    notify_signed_up(activity, rows, "place", key)
    # Whoever only brings something; who is signed up has the notice of this key already.
    notify_signed_up(activity, activity.pledges.select_related("user"), "place_pledge", key)


COPIED_FIELDS = (
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
def copy(activity: Activity, *, by: User, days: int = 0) -> Activity:
    """A new draft like this one, its sessions `days` later, without sign-ups; returns it."""
    new = Activity(title=activity.title, organiser=by)
    for name in COPIED_FIELDS:
        setattr(new, name, getattr(activity, name))
    new.opens_at = timezone.now()
    new.save()
    new.partners.set(activity.partners.all())
    new.skills.set(activity.skills.all())
    later = timedelta(days=days)
    for session in activity.sessions.all():
        session.copied(new, later).save()
    audit.record("volunteers.copy", new, by=by, parent=activity)
    return new
