"""Skills: made, edited, and what each presupposes."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from volunteers.skills.models import Skill, SkillNeed
from yuanhang.core import audit, editing
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User


def create(skill: Skill, *, by: User, needs: Collection[Skill] = ()) -> Skill:
    """Store a new skill with what it presupposes. Raises as `require_skill`; the skill stays."""
    editing.create(skill, by=by)
    set_needs(skill, needs, by=by)
    return skill


def edit(skill: Skill, *, by: User, needs: Collection[Skill]) -> Skill:
    """Store a changed skill with what it presupposes. Raises as `require_skill`."""
    editing.edit(skill, by=by, fields=["name", "text", "valid_days"])
    set_needs(skill, needs, by=by)
    return skill


def reaches(start: int, goal: int) -> bool:
    """Whether skill `goal` is among what `start` needs, however far down (primary keys)."""
    seen, front = set(), {start}
    while front:
        if goal in front:
            return True
        seen |= front
        needed = SkillNeed.objects.filter(skill__in=front).values_list("needed", flat=True)
        front = set(needed) - seen
    return False


def set_needs(skill: Skill, needed: Collection[Skill], *, by: User) -> None:
    """Make these, and no others, what a skill presupposes. Raises as `require_skill`."""
    with transaction.atomic():
        _hold_skills()
        gone = skill.needs.exclude(needed__in=needed)
        dropped = list(gone.values_list("needed", flat=True))
        if dropped:
            gone.delete()
            audit.record("volunteers.drop_need", skill, by=by, changes={"dropped": dropped})
        current = set(skill.needs.values_list("needed", flat=True))
        for one in needed:
            if one.pk not in current:
                require_skill(skill, one, by=by)


def _hold_skills() -> None:
    """All of them: two halves of a long circle, added side by side, share none of their ends."""
    list(Skill.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def require_skill(skill: Skill, needed: Skill, *, by: User) -> SkillNeed:
    """Make one skill presuppose another.

    Raises NotAllowedNowError for a circle, itself included.
    """
    _hold_skills()
    if reaches(needed.pk, skill.pk):
        raise NotAllowedNowError(_("绕回来了：一项技能不能要求它自己。"))
    need, _new = SkillNeed.objects.get_or_create(skill=skill, needed=needed)
    audit.record("volunteers.require_skill", skill, by=by, changes={"needed": needed.pk})
    return need
