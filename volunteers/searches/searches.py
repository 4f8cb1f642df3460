"""A search for a missing person: begun, looked for grid by grid, ended, and erased.

Whatever tells of the person is in one row and two files, nowhere else: notices and the trail say
that there is a search and never for whom.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.postings.models import Posting
from volunteers.searches.models import LASTS, SearchedArea, SearchNotice, SearchPhoto
from volunteers.searches.transitions import SEARCHES
from workers.models import Worker
from yuanhang.core import files, retention
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.jobs import enqueue
from yuanhang.core.locked_transitions import carry_out, check
from yuanhang.core.media import uploads
from yuanhang.core.media.photos import StoredPhoto
from yuanhang.core.models import User
from yuanhang.core.outbox import notices
from yuanhang.core.retention import RetentionRule, Span

FOLDER = "volunteers/searches"
ENDED = _("这次寻人已经结束了。")
SAME_TAP = timedelta(minutes=1)  # a second tap on the same grid so soon says nothing new
TAKE_BACK = timedelta(minutes=10)  # a wrong tap hides a gap; later, others have built upon it


def _locked(notice_id):
    return SearchNotice.objects.select_for_update(no_key=True).get(pk=notice_id)


def activate(notice: SearchNotice, *, by: User, photo: StoredPhoto | None = None) -> SearchNotice:
    """Begin a search from an unsaved notice; returns it as stored.

    The people of the community are told by the queue, after the commit.
    """
    notice.activated_by, notice.activated_at = by, timezone.now()
    notice.ends_at = notice.activated_at + LASTS
    with files.stored_with_rows() as stored:
        notice = carry_out(SEARCHES, notice, "activate", by=by)
        _put(notice, photo, stored)
        enqueue("volunteers.searches.tasks.notify_begun", notice.pk)
    return notice


def edit(
    notice: SearchNotice,
    *,
    by: User,
    fields: Iterable[str],
    photo: StoredPhoto | None = None,
) -> None:
    """Store the named fields of a running search as they are on `notice`, and a new photo.

    Raises NotAllowedNowError once it is over: what was erased does not come back.
    """
    with files.stored_with_rows() as stored:
        fresh = _locked(notice.pk)
        changed = {name: getattr(notice, name) for name in fields}
        carry_out(SEARCHES, fresh, "edit", by=by, is_locked=True, fields=changed, refusal=ENDED)
        _put(notice, photo, stored)


def _put(notice, photo, stored):
    if photo is not None:
        erasures.delete(SearchPhoto.objects.filter(notice=notice))
        SearchPhoto.objects.create(notice=notice, **uploads.store_photo(FOLDER, photo, stored))


def mark_area(notice: SearchNotice, grid: Grid, *, by: User) -> SearchedArea:
    """Somebody looked through a grid of the community; returns the SearchedArea.

    A second tap within a minute gives the first one's. Raises NotAllowedNowError after the end.
    """
    with transaction.atomic():
        notice = _locked(notice.pk)
        check(SEARCHES, notice, "mark_area", refusal=ENDED)
        since = timezone.now() - SAME_TAP
        earlier = notice.areas.filter(grid=grid, by=by, at__gt=since).first()
        return earlier or SearchedArea.objects.create(notice=notice, grid=grid, by=by)


def own_fresh_marks(notice: SearchNotice, *, by: User) -> QuerySet[SearchedArea]:
    """The looks that somebody may still take back."""
    return notice.areas.filter(by=by, at__gt=timezone.now() - TAKE_BACK)


def unmark_area(notice: SearchNotice, grid: Grid, *, by: User) -> None:
    """Take back a wrong tap of one's own; what others saw there stands.

    Raises NotAllowedNowError after the end, or when it is too late or was not one's own.
    """
    with transaction.atomic():
        notice = _locked(notice.pk)
        check(SEARCHES, notice, "unmark_area", refusal=ENDED)
        if not erasures.delete(own_fresh_marks(notice, by=by).filter(grid=grid)):
            raise NotAllowedNowError(_("只能撤回自己十分钟里点的。"))


def end(notice: SearchNotice, *, by: User) -> SearchNotice:
    """Found. From now on nothing of the person is shown; the job erases it within the hour.

    Raises NotAllowedNowError when it is over already.
    """
    with transaction.atomic():
        now = timezone.now()
        times = {"found_at": now, "ended_at": now}
        notice = carry_out(
            SEARCHES,
            _locked(notice.pk),
            "end",
            by=by,
            is_locked=True,
            fields=times,
            refusal=ENDED,
        )
        enqueue("volunteers.searches.tasks.notify_found", notice.pk)
    return notice


def erase_old(now: datetime | None = None) -> int:
    """Erase what tells of a person from every search that is over; returns how many."""
    return retention.erase(RETENTION[0], now)


def _forget(keys: list[int], now: datetime) -> None:
    there = SearchNotice.objects.filter(pk__in=keys, erased_at=None)
    for pk in there.order_by("pk").values_list("pk", flat=True):
        _erase(_locked(pk), now)


def _erase(notice, now):
    SearchPhoto.objects.filter(notice=notice).delete()
    notice.areas.all().delete()
    empty = dict.fromkeys(("name", "text", "last_seen_place"), "")
    empty |= dict.fromkeys(("last_seen_at", "latitude", "longitude", "accuracy"))
    times = {"ended_at": notice.ended_at or now, "erased_at": now}
    carry_out(SEARCHES, notice, "erase", is_locked=True, fields=empty | times)


RETENTION = (
    RetentionRule(
        key="volunteers.search",
        model="volunteers.SearchNotice",
        after=Span(),
        is_due=SearchNotice.objects.over_by,
        forget=_forget,
        hourly=True,
        words=_("寻人的照片和信息在找到后一小时内删，最久留 14 天"),
    ),
)


def people_of(community: Community) -> QuerySet[User]:
    """Active people who are registered in a community, or serve it or a place in it."""
    registered = Worker.objects.filter(community=community).values("user")
    posts = Posting.objects.current()
    serving = posts.filter(community=community) | posts.filter(grid__community=community)
    serving |= posts.filter(station__community=community)
    rows = User.objects.filter(is_active=True)
    return rows.filter(pk__in=registered) | rows.filter(pk__in=serving.values("user"))


def notify_begun(notice_id: int) -> None:
    """Tell the people of the community that somebody is missing, unless it is over already."""
    notice = SearchNotice.objects.select_related("community").get(pk=notice_id)
    if notice.is_running:
        _notify(notice, "search")


def notify_found(notice_id: int) -> None:
    """Tell those who were asked to look that they may stop."""
    _notify(SearchNotice.objects.select_related("community").get(pk=notice_id), "search_found")


def _notify(notice, what):
    notices.send(
        people_of(notice.community),
        f"volunteers.{what}",
        key=f"search:{notice.pk}:{what}",
        context={"community": notice.community},
        url=notice.get_absolute_url(),
    )
