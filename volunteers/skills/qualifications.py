"""Which skills a person has now, and where a missing one is taught."""

from volunteers.skills.models import Qualification


def in_force(user):
    """Primary keys of the skills this person has today; expired and revoked ones do not count."""
    held = Qualification.objects.in_force().filter(user_id=user.pk)
    return set(held.values_list("skill_id", flat=True))
