"""Joining, leading and leaving a team.

Every verb locks the team first, so members and leader never change under one another. Belonging to
a vanguard team tells of party membership: notices do not name such a team, the audit trail does
not link to it, and a membership that ends is deleted instead of kept.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import community_staff
from volunteers.teams.models import Membership, Team
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.outbox import notices


def _locked(team_id):
    """The team's row for this transaction alone; members may be written meanwhile, not by us."""
    return Team.objects.select_for_update(no_key=True).get(pk=team_id)


def _own(team, user):
    return team.memberships.filter(user=user, left_at__isnull=True).first()


def _leader(team):
    return team.memberships.current().filter(is_leader=True).select_related("user").first()


def _written(verb, member, team, by):
    parent = None if team.is_sensitive else team
    audit.record(f"volunteers.{verb}", member, by=by, parent=parent)


def _notify(people, what, member, team):
    named = "" if team.is_sensitive else team.name
    notices.send(
        people,
        f"volunteers.{what}",
        key=f"member:{member.pk}:{what}:{timezone.now().timestamp():.0f}",
        context={"named": named},
        url=team.get_absolute_url(),
    )


def _notify_leader(what, member, team):
    leader = _leader(team)
    _notify([leader.user] if leader else community_staff(team.community), what, member, team)


def _end(member, team):
    if team.is_sensitive:
        member.delete()
        return
    member.left_at, member.is_leader, member.is_shown = timezone.now(), False, False
    member.save()


def ask_to_join(team, *, by):
    """Ask the leader for a place in the team; returns the Membership, also when asked before.

    Raises NotAllowedNowError when the team takes nobody any more.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        member = _own(team, by)
        if member:
            return member
        if not team.is_active:
            raise NotAllowedNowError(_("这支队伍现在不收人。"))
        member = Membership.objects.create(team=team, user=by)
        _written("ask_to_join", member, team, by)
        _notify_leader("team_asked", member, team)
    return member


def answer_asker(team, member_id, *, by, is_accepted):
    """Say yes or no to a request; the person is told.

    Raises NotAllowedNowError when somebody answered before, or the request was taken back.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        member = team.memberships.asked().select_related("user").filter(pk=member_id).first()
        if member is None:
            raise NotAllowedNowError(_("已被他人处理，或者对方撤回了。"))
        verb = "accept_asker" if is_accepted else "decline_asker"
        _written(verb, member, team, by)
        _notify([member.user], "team_accepted" if is_accepted else "team_declined", member, team)
        if is_accepted:
            member.joined_at = timezone.now()
            member.save(update_fields=["joined_at"])
        else:
            _end(member, team)


def leave(team, *, by):
    """Leave, or take the request back; leaving twice changes nothing.

    Raises NotAllowedNowError for a leader while others are in the team.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        member = _own(team, by)
        if member is None:
            return
        if member.is_leader and team.memberships.current().exclude(pk=member.pk).exists():
            raise NotAllowedNowError(_("你是队长，先把队长交给别人再退出。"))
        if member.joined_at and not member.is_leader:
            _notify_leader("team_left", member, team)
        _written("leave_team", member, team, by)
        _end(member, team)


def hand_over(team, member_id, *, by):
    """The leader makes another member leader, who is told.

    Raises NotAllowedNowError when `by` leads no more, or the other one is no member.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        old = _leader(team)
        if old is None or old.user_id != by.pk:
            raise NotAllowedNowError(_("你已经不是队长了。"))
        _make_leader(team, old, member_id, team.memberships.current(), by, "hand_over")


def appoint_leader(team, member_id, *, by):
    """Staff make a member leader, or somebody who asked to join; nobody is put in unasked.

    Raises NotAllowedNowError when the person is not there any more.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        rows = team.memberships.filter(left_at__isnull=True)
        _make_leader(team, _leader(team), member_id, rows, by, "appoint_leader")


def _make_leader(team, old, member_id, rows, by, verb):
    member = rows.select_related("user").filter(pk=member_id).first()
    if member is None:
        raise NotAllowedNowError(_("这位已经不在队里了。"))
    if old:
        old.is_leader = False
        old.save(update_fields=["is_leader"])
    member.is_leader, member.joined_at = True, member.joined_at or timezone.now()
    member.save(update_fields=["is_leader", "joined_at"])
    _written(verb, member, team, by)
    _notify([member.user], "team_leader", member, team)


def show_membership(team, *, by):
    """Agree that others see one's name in the team. Raises NotAllowedNowError for non-members."""
    _set_shown(team, by, is_shown=True)


def hide_membership(team, *, by):
    """Take that back, at once. Raises NotAllowedNowError for non-members."""
    _set_shown(team, by, is_shown=False)


def _set_shown(team, by, *, is_shown):
    with transaction.atomic():
        team = _locked(team.pk)
        member = team.memberships.current().filter(user=by).first()
        if member is None:
            raise NotAllowedNowError(_("你不在这支队伍里。"))
        member.is_shown = is_shown
        member.save(update_fields=["is_shown"])
        _written("show_membership" if is_shown else "hide_membership", member, team, by)
