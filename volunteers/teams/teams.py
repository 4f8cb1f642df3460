"""Joining, leading and leaving a team; making and editing one.

Every verb locks the team first, so members and leader never change under one another. Belonging to
a vanguard team tells of party membership: notices do not name such a team, the audit trail does
not link to it, and a membership that ends is deleted instead of kept.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import community_staff
from volunteers.teams.models import Membership, Team
from volunteers.teams.transitions import MEMBERSHIPS
from yuanhang.core import editing, people
from yuanhang.core.erasures import erasures
from yuanhang.core.erasures.erasures import Eraser
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

SHOWN_NAME = "volunteers.shown_name"


def create(team: Team, *, by: User) -> Team:
    """Store a new team."""
    return editing.create(team, by=by)


def edit(team: Team, *, by: User, fields: Iterable[str]) -> Team:
    """Store the named fields of a team."""
    return editing.edit(team, by=by, fields=fields)


def _locked(team_id: int) -> Team:
    """The team's row for this transaction alone; members may be written meanwhile, not by us."""
    return Team.objects.select_for_update(no_key=True).get(pk=team_id)


def _own(team: Team, user: User) -> Membership | None:
    return team.memberships.filter(user=user, left_at__isnull=True).first()


def _leader(team: Team) -> Membership | None:
    return team.memberships.current().filter(is_leader=True).select_related("user").first()


def _carry_out(verb: str, member: Membership, team: Team, by: User, **fields: Any) -> Membership:
    """One transition of a membership of a locked team."""
    parent = None if team.is_sensitive else team
    return carry_out(
        MEMBERSHIPS,
        member,
        verb,
        by=by,
        is_locked=True,
        fields=fields,
        parent=parent,
    )


def _end(verb: str, member: Membership, team: Team, by: User) -> None:
    """A membership ends: it is kept as history, of a vanguard team it is forgotten."""
    parent = None if team.is_sensitive else team
    ended = {"left_at": timezone.now(), "is_leader": False, "is_shown": False}
    store = _forget if team.is_sensitive else None
    carry_out(
        MEMBERSHIPS,
        member,
        verb,
        by=by,
        is_locked=True,
        fields=ended,
        parent=parent,
        store=store,
    )


def _forget(member: Membership) -> None:
    erasures.delete(member)


def _notify(
    people: Iterable[User] | models.QuerySet, what: str, member: Membership, team: Team
) -> None:
    named = "" if team.is_sensitive else team.name
    notices.send(
        people,
        f"volunteers.{what}",
        key=f"member:{member.pk}:{what}:{timezone.now().timestamp():.0f}",
        context={"named": named},
        url=team.get_absolute_url(),
    )


def _notify_leader(what: str, member: Membership, team: Team) -> None:
    leader = _leader(team)
    _notify([leader.user] if leader else community_staff(team.community), what, member, team)


def ask_to_join(team: Team, *, by: User) -> Membership:
    """Ask the leader for a place in the team; returns the Membership, also when asked before.

    Raises NotAllowedNowError when the team takes nobody any more, and as `people.hold`.
    """
    with transaction.atomic():
        people.hold(by)
        team = _locked(team.pk)
        member = _own(team, by)
        if member:
            return member
        if not team.is_active:
            raise NotAllowedNowError(_("这支队伍现在不收人。"))
        member = _carry_out("ask_to_join", Membership(team=team, user=by), team, by)
        _notify_leader("team_asked", member, team)
    return member


def answer_asker(team: Team, member_id: int, *, by: User, is_accepted: bool) -> None:
    """Say yes or no to a request; the person is told.

    Raises NotAllowedNowError when somebody answered before, or the request was taken back.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        member = team.memberships.asked().select_related("user").filter(pk=member_id).first()
        if member is None:
            raise NotAllowedNowError(_("已被他人处理，或者对方撤回了。"))
        _notify([member.user], "team_accepted" if is_accepted else "team_declined", member, team)
        if is_accepted:
            _carry_out("accept_asker", member, team, by, joined_at=timezone.now())
        else:
            _end("decline_asker", member, team, by)


def leave(team: Team, *, by: User) -> None:
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
        _end("leave_team", member, team, by)


def free_all(user: User, *, by: User) -> None:
    """End whatever somebody who was deactivated is in a team; staff hear of a team left leaderless.

    The caller holds the person, so nothing new begins meanwhile.
    """
    rows = Membership.objects.filter(user=user, left_at__isnull=True)
    for team_id in list(rows.order_by("team").values_list("team", flat=True)):
        with transaction.atomic():
            team = _locked(team_id)
            member = _own(team, user)
            if member is None:
                continue
            was_leader = member.is_leader
            if was_leader and team.memberships.current().exclude(pk=member.pk).exists():
                _notify(community_staff(team.community), "staff_team_leaderless", member, team)
            _end("free_membership", member, team, by)


def hand_over(team: Team, member_id: int, *, by: User) -> None:
    """The leader makes another member leader, who is told.

    Raises NotAllowedNowError when `by` leads no more, or the other one is no member.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        old = _leader(team)
        if old is None or old.user_id != by.pk:
            raise NotAllowedNowError(_("你已经不是队长了。"))
        _make_leader(team, old, member_id, team.memberships.current(), by, "hand_over")


def appoint_leader(team: Team, member_id: int, *, by: User) -> None:
    """Staff make a member leader, or somebody who asked to join; nobody is put in unasked.

    Raises NotAllowedNowError when the person is not there any more.
    """
    with transaction.atomic():
        team = _locked(team.pk)
        rows = team.memberships.filter(left_at__isnull=True)
        _make_leader(team, _leader(team), member_id, rows, by, "appoint_leader")


def _make_leader(
    team: Team,
    old: Membership | None,
    member_id: int,
    rows: models.QuerySet,
    by: User,
    verb: str,
) -> None:
    member = rows.filter(pk=member_id, user__is_active=True).select_related("user").first()
    if member is None:
        raise NotAllowedNowError(_("这位已经不在队里了。"))
    if old and old.pk != member.pk:
        old.is_leader = False
        old.save(update_fields=["is_leader"])
    joined_at = member.joined_at or timezone.now()
    _carry_out(verb, member, team, by, is_leader=True, joined_at=joined_at)
    _notify([member.user], "team_leader", member, team)


def show_membership(team: Team, *, by: User) -> None:
    """Agree that others see one's name in the team. Raises NotAllowedNowError for non-members."""
    _set_shown("show_membership", team, by, is_shown=True)


def hide_membership(team: Team, *, by: User) -> None:
    """Take that back, at once. Raises NotAllowedNowError for non-members."""
    _set_shown("hide_membership", team, by, is_shown=False)


def _set_shown(verb: str, team: Team, by: User, *, is_shown: bool) -> None:
    with transaction.atomic():
        team = _locked(team.pk)
        member = team.memberships.current().filter(user=by).first()
        if member is None:
            raise NotAllowedNowError(_("你不在这支队伍里。"))
        if member.is_shown and not is_shown:
            erasures.note(SHOWN_NAME, "volunteers.membership", [member.pk])
        _carry_out(verb, member, team, by, is_shown=is_shown)


def _forget_shown(keys: list[Any], _now: datetime) -> None:
    Membership.objects.filter(pk__in=keys).update(is_shown=False)


# The agreement that others see one's name, taken back.
ERASERS = (Eraser(SHOWN_NAME, "volunteers.membership", _forget_shown),)
