"""What teams did, as sums; nobody's own figures."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.record.models.service_records import ServiceRecord

# States in which a session that is over was held.
HAPPENED = (Activity.State.PUBLISHED, Activity.State.CLOSED, Activity.State.FINISHED)


class _HoursOfSeveral(Subquery):
    """Whole hours over a subquery's rows of one person each; NULL for fewer than three people.

    The sum of two tells each of them what the other did.
    """

    template = (
        "(SELECT FLOOR(SUM(each.served) / 60)::integer"
        " FROM (%(subquery)s) each HAVING COUNT(*) >= 3)"
    )
    output_field = IntegerField()


def with_totals(teams: QuerySet) -> QuerySet:
    """The teams with `activities_count` and `sessions_count` of what was held, and `hours_served`.

    Hours are whole ones, of the ledger's entries that count; None when fewer than three people
    gave any. Confidential activities are left out of all three. Asks nothing more than `teams`.
    """
    held = ActivitySession.objects.filter(
        activity__team=OuterRef("pk"),
        activity__state__in=HAPPENED,
        activity__is_confidential=False,
        ends_at__lte=timezone.now(),
    )
    held = held.order_by().values("activity__team")
    served = ServiceRecord.objects.counting().filter(
        session__activity__team=OuterRef("pk"), session__activity__is_confidential=False
    )
    # Who was corrected down to nothing gave nothing; accounts that were erased are nobody.
    people = served.filter(user__isnull=False).order_by().values("user")
    people = people.annotate(served=Sum("minutes")).filter(served__gt=0).values("served")
    return teams.annotate(
        activities_count=_counted(held, Count("activity", distinct=True)),
        sessions_count=_counted(held, Count("pk")),
        hours_served=_HoursOfSeveral(people),
    )


def _counted(sessions, count):
    """The aggregate of a subquery's one group, 0 where it has no row."""
    return Coalesce(Subquery(sessions.annotate(n=count).values("n")), 0)
