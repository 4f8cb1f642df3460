"""Where a skill that somebody lacks is taught."""

from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.activities.models.activities import Activity
from volunteers.skills.qualifications import in_force
from yuanhang.core.models import User


def where_to_learn(user: User | AnonymousUser, activity: Activity) -> str:
    """「「应急救援」培训能学到。」: the coming trainings for what is missing, or nothing."""
    missing = {skill.pk for skill in activity.needed_skills()} - in_force(user)
    titles = "、".join(f"「{training}」" for training in trainings_for(user, missing)[:3])
    return _("%(titles)s能学到。") % {"titles": titles} if titles else ""


def trainings_for(user: User | AnonymousUser, skills: Collection[int]) -> list[Activity]:
    """The announced trainings, soonest first, that teach one of these skills and this person sees.

    `skills` are primary keys. Confidential ones are proposed to nobody, nor those
    whose sign-up ended.
    """
    if not skills:
        return []
    announced = Activity.objects.visible_to(user).filter(
        course__skill__in=skills,
        state=Activity.State.PUBLISHED,
        is_confidential=False,
        sessions__starts_at__gt=timezone.now(),
    )
    announced = announced.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=timezone.now()))
    # One row a session: the soonest of each training decides.
    keys = announced.order_by("sessions__starts_at", "pk").values_list("pk", flat=True)
    order = {pk: place for place, pk in reversed(list(enumerate(keys)))}
    return sorted(Activity.objects.filter(pk__in=order), key=lambda activity: order[activity.pk])
