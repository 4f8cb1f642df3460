"""Pledges: goods that people promise for an activity."""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import Pledge
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User

QUANTITY_MAX = 999  # as the column's constraint


def most_for(activity: Activity) -> int:
    """The most that one person promises: all of it. A slip of the thumb is no promise."""
    return min(activity.pledge_target or QUANTITY_MAX, QUANTITY_MAX)


def quantity_obstacle(activity: Activity, quantity: int) -> str:
    """Why nobody promises so much, in words, or nothing."""
    most = most_for(activity)
    if 0 <= quantity <= most:
        return ""
    facts = {"most": most, "unit": activity.pledge_unit}
    return _("数量要在 0 到 %(most)d %(unit)s之间。") % facts


def pledge(activity: Activity, *, by: User, quantity: int) -> Pledge | None:
    """Promise goods, change the promise, or take it back with 0; returns the Pledge or None.

    All together more than the target is welcome. Raises NotAllowedNowError when nothing is asked
    for, the quantity is more than the whole target, or the activity is over.
    """
    with transaction.atomic():
        activity = Activity.objects.select_for_update().get(pk=activity.pk)
        if not activity.pledge_item:
            raise NotAllowedNowError(_("这个活动不用认捐。"))
        refusal = quantity_obstacle(activity, quantity)
        if refusal:
            raise NotAllowedNowError(refusal)
        if activity.state not in (Activity.State.PUBLISHED, Activity.State.CLOSED):
            raise NotAllowedNowError(_("认捐已经结束。"))
        if quantity:
            promise, _new = Pledge.objects.update_or_create(
                activity=activity, user=by, defaults={"quantity": quantity}
            )
        else:
            erasures.delete(Pledge.objects.filter(activity=activity, user=by))
            promise = None
        audit.record("volunteers.pledge", activity, by=by, changes={"quantity": quantity})
    return promise


@transaction.atomic
def free_all(user: User, *, by: User) -> None:
    """Forget what somebody who was deactivated promised for what is still to come."""
    over = (Activity.State.FINISHED, Activity.State.CANCELLED)
    promises = Pledge.objects.filter(user=user).exclude(activity__state__in=over)
    for promise in promises.select_related("activity").order_by("activity"):
        audit.record("volunteers.pledge", promise.activity, by=by, changes={"quantity": 0})
        erasures.delete(promise)


def pledged(activity: Activity, *, by: User | AnonymousUser | None = None) -> tuple[int, int]:
    """(How much is promised so far, how much of it by this person)."""
    own = Sum("quantity", filter=Q(user_id=by.pk if by else None), default=0)
    sums = activity.pledges.aggregate(all=Sum("quantity", default=0), own=own)
    return sums["all"], sums["own"]
