"""Who may do what with activities, sessions and sign-ups."""

from django.utils.translation import gettext_lazy as _

from stations.access import scope_of
from workers.access import worker_of
from yuanhang.core.models import User

from .models import Activity, Membership, SignUp


def can_manage(user, activity):
    """Staff of the community and the organiser; of a confidential activity the organiser alone."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or Activity.objects.managed_by(user).filter(pk=activity.pk).exists()


def can_organise(user):
    """Who makes activities at all: community staff and administrators."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user).communities))


def leads(user, session):
    """Whether the session is theirs to lead; a confidential one is its organiser's."""
    is_own = user.is_authenticated and session.leader_id == user.pk
    return is_own and not session.activity.is_confidential


def can_lead(user, session):
    """The session's leader, and whoever manages the activity."""
    return leads(user, session) or can_manage(user, session.activity)


def is_member(user, team):
    """Whether the user belongs to the team now."""
    return Membership.objects.current().filter(user_id=user.pk, team=team).exists()


def why_not(user, activity, *, skills_of):
    """The reason in words why this person may not come, or None.

    `skills_of` takes a user and gives the primary keys of the skills in force.
    """
    if activity.team_id and not is_member(user, activity.team):
        return _("只给「%(team)s」的队员。") % {"team": activity.team}
    needed = {skill.pk: skill for skill in activity.needed_skills()}
    missing = [needed[pk] for pk in needed.keys() - skills_of(user)] if needed else []
    if missing:
        names = "、".join(str(skill) for skill in missing)
        return _("要先会：%(skills)s。") % {"skills": names}
    return None


def may_know_leader(signup, session):
    """Whether somebody learns whom to look for: those who have a place, and nobody else.

    A leader may be a rider, so the name is for those who will meet (DOMAIN 5). What is
    confidential is led by nobody but its organiser (`leads`).
    """
    has_place = signup is not None and signup.state == SignUp.State.CONFIRMED
    return has_place and not session.activity.is_confidential


def can_take_roster(user, session):
    """Who sees and keeps the list: leader and managers; of a confidential one the organiser."""
    activity = session.activity
    if activity.is_confidential:
        return user.is_authenticated and activity.organiser_id == user.pk
    return can_lead(user, session)


def people_kept_by(user):
    """The accounts whose record a member of staff keeps: those registered with their communities.

    Administrators keep everybody's.
    """
    if not user.is_authenticated:
        return User.objects.none()
    if user.is_superuser:
        return User.objects.all()
    return User.objects.filter(worker__community__in=scope_of(user).communities)


def can_keep_record(user, person):
    """As `people_kept_by`, of one person."""
    return people_kept_by(user).filter(pk=person.pk).exists()


def _serves(user, community_id):
    """Staff of a community; administrators serve all of them."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or community_id in scope_of(user).communities


def can_certify(user, community):
    """Who records certifies: the staff of that community."""
    return _serves(user, community.pk)


def can_answer(user, record):
    """A second person of the community's staff: neither who entered it nor who gains by it."""
    is_second = user.pk not in (record.by_id, record.user_id)
    return is_second and can_certify(user, record.community)


def can_claim_errand(user, errand):
    """Confirmed registered people of the subdistrict: staff know who goes to the door."""
    worker = worker_of(user)
    if worker is None or not worker.is_confirmed:
        return False
    return worker.community.subdistrict_id == errand.community.subdistrict_id


def can_manage_errand(user, errand):
    """Staff of the community."""
    return _serves(user, errand.community_id)


def membership_of(user, team):
    """The user's membership or request that has not ended, or None."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, team=team, left_at__isnull=True).first()


def runs_team(user, team):
    """Staff of the team's community."""
    return _serves(user, team.community_id)


def can_answer_asker(user, team, own):
    """The leader and the staff say yes or no and see everybody; `own` is the user's membership."""
    return bool(own and own.is_leader) or runs_team(user, team)


def can_end(user, notice):
    """Staff of the community say that the missing person was found."""
    return _serves(user, notice.community_id)
