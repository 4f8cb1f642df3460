"""Signing up, waiting, coming along, leaving; and pledges.

Locks are always taken in the same order: the person, then the session. The person's lock makes two
sign-ups of one person wait for each other, so that clashes are seen.
"""

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import Pledge
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError


def pledge(activity, *, by, quantity):
    """Promise goods, change the promise, or take it back with 0; returns the Pledge or None.

    More than the target is welcome. Raises NotAllowedNowError when nothing is asked for, the
    quantity is not between 0 and 999, or the activity is over.
    """
    if not 0 <= quantity <= 999:
        raise NotAllowedNowError(_("数量要在 0 到 999 之间。"))
    with transaction.atomic():
        activity = Activity.objects.select_for_update().get(pk=activity.pk)
        if not activity.pledge_item:
            raise NotAllowedNowError(_("这个活动不用认捐。"))
        if activity.state not in (Activity.State.PUBLISHED, Activity.State.CLOSED):
            raise NotAllowedNowError(_("认捐已经结束。"))
        if quantity:
            made, _new = Pledge.objects.update_or_create(
                activity=activity, user=by, defaults={"quantity": quantity}
            )
        else:
            Pledge.objects.filter(activity=activity, user=by).delete()
            made = None
        audit.record("volunteers.pledge", activity, by=by, changes={"quantity": quantity})
    return made


def pledged(activity, *, by=None):
    """(How much is promised so far, how much of it by this person)."""
    own = Sum("quantity", filter=Q(user_id=by.pk if by else None), default=0)
    found = activity.pledges.aggregate(all=Sum("quantity", default=0), own=own)
    return found["all"], found["own"]
