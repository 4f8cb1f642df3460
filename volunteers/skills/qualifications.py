"""Which skills a person has now."""

from volunteers.skills.models import Qualification
from yuanhang.core.models import User


def in_force(user: User) -> set[int]:
    """Primary keys of the skills this person has today; expired and revoked ones do not count."""
    current = Qualification.objects.in_force().filter(user_id=user.pk)
    return set(current.values_list("skill_id", flat=True))
