"""Giving, changing and taking back a post: who may see what changes with it, so it is kept."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.postings import notifications
from stations.postings.access import can_substitute
from stations.postings.models import Posting
from yuanhang.core import audit, log_ins, people
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.words import spoken_date

SUBSTITUTE_DAYS_MAX = 366  # a longer one is a slip in the year, or no substitute


def create(posting: Posting, *, by: User) -> Posting:
    """Give a post; `posting` is not stored yet."""
    return _store(posting, "create_posting", by)


def edit(posting: Posting, *, by: User) -> Posting:
    """Store a changed post, such as its end."""
    return _store(posting, "edit_posting", by)


@transaction.atomic
def remove(posting: Posting, *, by: User) -> None:
    """Delete a post that was a mistake; one that ended gets an end date instead."""
    audit.record("stations.remove_posting", posting, by=by, changes=_facts(posting))
    erasures.delete(posting)


@transaction.atomic
def end_all(user: User, *, by: User) -> None:
    """End the posts of somebody who leaves. Who held one until yesterday holds none today.

    One that has not lasted a day yet is removed; the trail keeps what it was.
    """
    yesterday = timezone.localdate() - timedelta(days=1)
    for posting in Posting.objects.ongoing().filter(user=user).order_by("pk"):
        if posting.start > yesterday:
            remove(posting, by=by)
            continue
        posting.end = yesterday
        posting.save(update_fields=["end", "updated_at"])
        audit.record("stations.edit_posting", posting, by=by, changes=_facts(posting))


@transaction.atomic
def substitute(posting: Posting, *, person: User, start: date, until: date, by: User) -> Posting:
    """Ask `person` to stand in for the holder of a grid from `start` to `until`, both included.

    The holder counts as absent for exactly that time, and so long the substitute has a post of
    their own, which ends by itself; both are told. Returns the substitute's post. Raises
    NotAllowedNowError with the reason, in Chinese.
    """
    # Accounts before posts, in one order: who leaves takes the same locks.
    for account in sorted({posting.user, person}, key=lambda user: user.pk):
        people.hold(account)
    held = Posting.objects.select_for_update(of=("self",)).filter(pk=posting.pk).first()
    obstacle = _substitute_obstacle(held, person, start, until, by)
    if held is None or obstacle:
        raise NotAllowedNowError(obstacle)
    since, old = held.absent_from, held.absent_until
    if old is not None and old >= timezone.localdate():
        # One stretch with what was known before; an absence without a beginning has begun.
        start_of_all = None if since is None else min(since, start)
        held.absent_from, held.absent_until = start_of_all, max(old, until)
    else:
        held.absent_from, held.absent_until = start, until
    held.save(update_fields=["absent_from", "absent_until", "updated_at"])
    place = {"role": held.role, "grid": held.grid}
    post = Posting(user=person, start=start, end=until, substitute_for=held, **place)
    create(post, by=by)
    days = {"person": person.pk, "start": str(start), "end": str(until)}
    audit.record("stations.substitute", held, by=by, changes=days)
    notifications.substitute_asked(post)
    return post


def _substitute_obstacle(
    posting: Posting | None, person: User, start: date, until: date, by: User
) -> Any:
    """Why somebody cannot stand in, in Chinese, or an empty text."""
    if posting is None:
        return _("这个岗位刚刚被删了。")
    if posting.role not in Posting.GRID_ROLES:
        return _("只有网格员的岗位能请人代班。")
    if not can_substitute(by, posting):
        return _("只能给自己社区还在岗的网格员请人代班。")
    if person.pk == posting.user_id:
        return _("本人不能给自己代班，请换一个人。")
    return _days_obstacle(posting, start, until) or _clash(posting, person, start, until)


def _days_obstacle(posting: Posting, start: date, until: date) -> Any:
    today = timezone.localdate()
    if start < today:
        return _("开始不能早于今天。")
    if until < start:
        return _("结束不能早于开始。")
    if (until - start).days >= SUBSTITUTE_DAYS_MAX:
        words = _("代班最长 %(n)d 天。要更久，就给对方一个岗位。")
        return words % {"n": SUBSTITUTE_DAYS_MAX}
    if start < posting.start:
        return _("这个岗位 %(day)s才开始。") % {"day": spoken_date(posting.start)}
    if posting.end is not None and until > posting.end:
        return _("这个岗位只到 %(day)s。") % {"day": spoken_date(posting.end)}
    old = posting.absent_until
    if old is None or old < today:
        return ""
    day = timedelta(days=1)
    is_later = start > old + day
    is_earlier = posting.absent_from is not None and until < posting.absent_from - day
    if is_later or is_earlier:
        words = _("已经记了另一段不在岗，到 %(day)s为止，和这段连不上。先在岗位里改掉再请人。")
        return words % {"day": spoken_date(old)}
    return ""


def _clash(posting: Posting, person: User, start: date, until: date) -> Any:
    """Who else has a post in that time that leaves no room for this one."""
    then = Posting.objects.within(start, until)
    named = {"name": person, "grid": posting.grid}
    if then.filter(user=person, grid=posting.grid_id).exists():
        return _("这段时间%(name)s已经在管%(grid)s了。") % named
    other = then.filter(substitute_for=posting).select_related("user").first()
    if other is not None:
        return _("这段时间已经请了%(name)s代班。") % {"name": other.user}
    away = then.filter(user=person, absent_until__gte=start)
    if away.filter(Q(absent_from__isnull=True) | Q(absent_from__lte=until)).exists():
        return _("这段时间%(name)s自己也不在岗。") % named
    return ""


@transaction.atomic
def _store(posting: Posting, verb: str, by: User) -> Posting:
    """Raises NotAllowedNowError where the post would begin with somebody who was deactivated."""
    is_over = posting.end is not None and posting.end < timezone.localdate()
    if not is_over:
        people.hold(posting.user)
    posting.save()
    audit.record(f"stations.{verb}", posting, by=by, changes=_facts(posting))
    if not is_over:
        # Who is logged in for a season now sees other people's data.
        log_ins.shorten_sessions(posting.user)
    return posting


def _facts(posting: Posting) -> dict[str, Any]:
    """Role, place and end, as the trail keeps them."""
    facts = {"role": posting.role, "place": str(posting.place), "end": str(posting.end or "")}
    facts["absent_from"] = str(posting.absent_from or "")
    return facts | {"absent_until": str(posting.absent_until or "")}
