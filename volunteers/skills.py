"""Which skills a person has now, and where a missing one is taught."""

from django.utils.translation import gettext_lazy as _

from .models import Activity


def in_force(user):
    """Primary keys of the skills this person has today."""
    return set()


def where_to_learn(user, activity):
    """「「应急救援」培训能学到。」: the coming trainings for what is missing, or nothing."""
    missing = set(activity.skills.values_list("pk", flat=True)) - in_force(user)
    trainings = Activity.objects.none() if not missing else _trainings(missing)
    titles = "、".join(f"「{training}」" for training in trainings[:3])
    return _("%(titles)s能学到。") % {"titles": titles} if titles else ""


def _trainings(skills):
    return Activity.objects.none()
