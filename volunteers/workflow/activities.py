"""What staff do with an activity: announce, close, finish, cancel, copy, repeat, move a session."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.models import ACTIVE, Activity, Session, SignUp, Skill, SkillNeed
from yuanhang.core import audit, notify
from yuanhang.core.errors import NotAllowedNow

from .line import advance, count, locked, settle

State = Activity.State
MOVES = {
    "publish": ((State.DRAFT,), State.PUBLISHED),
    "close": ((State.PUBLISHED,), State.CLOSED),
    "reopen": ((State.CLOSED,), State.PUBLISHED),
    "finish": ((State.PUBLISHED, State.CLOSED), State.FINISHED),
    "cancel": ((State.DRAFT, State.PUBLISHED, State.CLOSED), State.CANCELLED),
}
MOST_WEEKS = 12


def _move(activity, verb, *, by, **fields):
    """One move of the table under the row's lock; returns the fresh activity."""
    sources, target = MOVES[verb]
    fresh = Activity.objects.select_for_update().get(pk=activity.pk)
    if fresh.state not in sources:
        now = {"state": fresh.get_state_display()}
        raise NotAllowedNow(_("已被他人处理，现在是「%(state)s」。") % now)
    before, fresh.state = fresh.state, target
    for name, value in fields.items():
        setattr(fresh, name, value)
    fresh.save()
    audit.record(f"volunteers.{verb}", fresh, by=by, changes={"state": [before, target]})
    return fresh


def _refuse_closed_by_date(activity, until=None):
    """Announced as open while nobody could sign up: the end of the sign-up is before `until`."""
    if activity.closes_at and activity.closes_at <= (until or timezone.now()):
        raise NotAllowedNow(_("「报名截止」的时间太早，谁都报不上；先改晚或清空。"))


def publish(activity, *, by):
    """Announce a draft.

    Raises NotAllowedNow without a session that is still to come, or when signing up ended before.
    """
    with transaction.atomic():
        fresh = _move(activity, "publish", by=by)
        _refuse_closed_by_date(fresh)
        if not fresh.sessions.filter(starts_at__gt=timezone.now()).exists():
            raise NotAllowedNow(_("先加一个还没开始的场次，再发布。"))
    return fresh


def close(activity, *, by):
    """End the sign-up early; the line goes on moving."""
    with transaction.atomic():
        return _move(activity, "close", by=by)


def reopen(activity, *, by):
    """Let people sign up again after closing early. Raises NotAllowedNow after its set end."""
    with transaction.atomic():
        fresh = _move(activity, "reopen", by=by)
        _refuse_closed_by_date(fresh)
    return fresh


def finish(activity, *, by):
    """All is over. Raises NotAllowedNow while a session is still to end."""
    with transaction.atomic():
        fresh = _move(activity, "finish", by=by)
        if fresh.sessions.coming().exists():
            raise NotAllowedNow(_("还有场次没结束。"))
    return fresh


def cancel(activity, *, by, reason):
    """Call it off; everybody who signed up is told why.

    Raises NotAllowedNow without a reason, or once a session took place.
    """
    reason = reason.strip()
    if not reason:
        raise NotAllowedNow(_("写一句为什么取消，报了名的人会看到。"))
    with transaction.atomic():
        ids = activity.sessions.order_by("pk").values_list("pk", flat=True)
        sessions = [locked(pk) for pk in ids]
        fresh = _move(activity, "cancel", by=by, cancel_reason=reason)
        # A draft was announced to nobody: nothing of it took place, whatever its dates say.
        if any(one.has_started and one.activity.state != State.DRAFT for one in sessions):
            raise NotAllowedNow(_("已经有场次开始过，不能整个取消；可以截止报名。"))
        rows = SignUp.objects.filter(session__activity=fresh, state__in=ACTIVE)
        rows = list(rows.select_related("user"))
        for signup in rows:
            settle(signup, SignUp.State.CANCELLED)
        for session in sessions:
            count(session)
        _tell(fresh, rows, "cancelled", f"activity:{fresh.pk}:cancelled")
    return fresh


def _tell(activity, signups, what, key, **context):
    notify.send(
        {signup.user_id: signup.user for signup in signups}.values(),
        f"volunteers.{what}",
        key=key,
        context={"activity": activity, **context},
        url=activity.told_url(),
    )


def tell_place(activity, *, by, before):
    """Tell everybody who signed up for what is to come that the place is another one."""
    with transaction.atomic():
        changes = {"place": [before, activity.place]}
        event = audit.record("volunteers.place", activity, by=by, changes=changes)
        sessions = activity.sessions.coming()
        rows = SignUp.objects.active().filter(session__in=sessions).select_related("user")
        _tell(activity, rows, "place", f"activity:{activity.pk}:place:{event.pk}")


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
        Session.objects.create(
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


@transaction.atomic
def repeat_weekly(activity, *, by, weeks):
    """Add the last week's sessions again for each of the next `weeks` weeks; returns the new ones.

    Local wall time is kept. Raises NotAllowedNow for less than 1 or more than 12 weeks, without
    a session, once the activity is over, or where signing up ends before the last session.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise NotAllowedNow(_("一次能重复 1 到 12 周。"))
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.state in (State.FINISHED, State.CANCELLED):
        raise NotAllowedNow(_("活动已经结束，复制一份再用。"))
    last = activity.sessions.order_by("-starts_at").first()
    if last is None:
        raise NotAllowedNow(_("先加一个场次，才能按周重复。"))
    # The new ones come after the last: with an end of the sign-up before it, nobody could take one.
    _refuse_closed_by_date(activity, until=last.starts_at)
    pattern = activity.sessions.filter(starts_at__gt=last.starts_at - timedelta(days=7))
    made = []
    for week in range(1, weeks + 1):
        for session in pattern:
            made.append(
                Session.objects.create(
                    activity=activity,
                    starts_at=session.starts_at + timedelta(weeks=week),
                    ends_at=session.ends_at + timedelta(weeks=week),
                    minimum=session.minimum,
                    maximum=session.maximum,
                    leader=session.leader,
                    part=session.part,
                )
            )
    audit.record("volunteers.repeat_weekly", activity, by=by, changes={"weeks": weeks})
    return made


def edit_session(session, *, by, starts_at, ends_at, minimum, maximum, leader=None, part=None):
    """Change a session; returns (session, how many confirmed people exceed the new maximum).

    Nobody loses their sign-up. Who signed up is told of a new time and may leave; free places go
    to the line. `part` of the course stays as it is where none is given. Raises NotAllowedNow as
    `Session.why_not_at` says, or ValidationError for nonsense.
    """
    with transaction.atomic():
        fresh = locked(session.pk)
        reason = fresh.why_not_at(starts_at)
        if reason:
            raise NotAllowedNow(reason)
        moved = (fresh.starts_at, fresh.ends_at) != (starts_at, ends_at)
        before = {"from": [str(fresh.starts_at), str(fresh.ends_at), fresh.maximum]}
        fresh.starts_at, fresh.ends_at = starts_at, ends_at
        fresh.minimum, fresh.maximum, fresh.leader = minimum, maximum, leader
        fresh.part = fresh.part if part is None else part
        fresh.ceiling = max(maximum, fresh.taken)
        if moved:
            fresh.reminded_at = None
        fresh.full_clean(exclude=["activity"])
        fresh.save()
        event = audit.record("volunteers.edit_session", fresh, by=by, changes=before)
        rows = list(fresh.signups.active().select_related("user"))
        if moved:
            key = f"session:{fresh.pk}:moved:{event.pk}"
            _tell(fresh.activity, rows, "moved", key, session=fresh)
        count(fresh)
        advance(fresh)
    return fresh, max(fresh.taken - fresh.maximum, 0)


def reaches(start, goal):
    """Whether skill `goal` is among what `start` needs, however far down (primary keys)."""
    seen, front = set(), {start}
    while front:
        if goal in front:
            return True
        seen |= front
        needed = SkillNeed.objects.filter(skill__in=front).values_list("needed", flat=True)
        front = set(needed) - seen
    return False


def set_needs(skill, needed, *, by):
    """Make these, and no others, what a skill presupposes. Raises as `require_skill`."""
    with transaction.atomic():
        _hold_skills()
        gone = skill.needs.exclude(needed__in=needed)
        dropped = list(gone.values_list("needed", flat=True))
        if dropped:
            gone.delete()
            audit.record("volunteers.drop_need", skill, by=by, changes={"dropped": dropped})
        held = set(skill.needs.values_list("needed", flat=True))
        for one in needed:
            if one.pk not in held:
                require_skill(skill, one, by=by)


def _hold_skills():
    """All of them: two halves of a long circle, added side by side, share none of their ends."""
    list(Skill.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def require_skill(skill, needed, *, by):
    """Make one skill presuppose another. Raises NotAllowedNow for a circle, itself included."""
    _hold_skills()
    if reaches(needed.pk, skill.pk):
        raise NotAllowedNow(_("绕回来了：一项技能不能要求它自己。"))
    need, _new = SkillNeed.objects.get_or_create(skill=skill, needed=needed)
    audit.record("volunteers.require_skill", skill, by=by, changes={"needed": needed.pk})
    return need
