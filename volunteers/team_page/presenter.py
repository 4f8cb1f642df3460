"""What a team's page shows one person."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from volunteers.activities.models.activities import Activity
from volunteers.team_page.figures import HAPPENED
from volunteers.teams.access import can_answer_asker, membership_of
from volunteers.teams.models import Membership, Team
from yuanhang.core.models import User
from yuanhang.core.paging import NEWEST_FIRST, OLDEST_FIRST, Page, page_of

MEMBERS_A_PAGE = 100  # names are short rows; most teams fit on one page
ACTIVITIES_A_PAGE = 20  # they stand under the members and have pages of their own


@dataclass(frozen=True, kw_only=True)
class TeamPage:
    """A team for one person.

    `own` is their membership or request that has not ended. `sees_all`: also members who are not
    shown, and `asked`, those who want to join. `following` is the key of the next page of
    members, `earlier` that of the next page of activities; None or "" where there is none.
    """

    own: Membership | None
    sees_all: bool
    members: list[Membership]
    following: int | None
    asked: list[Membership]
    activities: list[Activity]
    earlier: str

    @property
    def is_led_by_viewer(self) -> bool:
        return self.own is not None and self.own.is_leader


def team_page_of(team: Team, user: User | AnonymousUser, cursors: Mapping[str, str]) -> TeamPage:
    """The page; `cursors` has the keys asked for: `after` of members, `before` of activities."""
    own = membership_of(user, team)
    sees_all = can_answer_asker(user, team, own)
    members, following = _members_of(team, user, cursors.get("after", ""), sees_all=sees_all)
    asked = team.memberships.asked().select_related("user").order_by("pk")
    activities, earlier = _activities_of(team, user, cursors.get("before", ""))
    return TeamPage(
        own=own,
        sees_all=sees_all,
        members=members,
        following=following,
        asked=list(asked[:MEMBERS_A_PAGE]) if sees_all else [],
        activities=activities,
        earlier=earlier,
    )


def _members_of(team, user, after, *, sees_all):
    """One page of members; guests learn no names."""
    if not user.is_authenticated:
        return Page([], "")
    members = team.memberships.current().select_related("user")
    if not sees_all:
        members = members.filter(is_shown=True)
    return page_of(members, after, MEMBERS_A_PAGE, OLDEST_FIRST)


def _activities_of(team, user, before):
    """The team's own activities that this person may see, by page, the newest first."""
    activities = Activity.objects.visible_to(user)
    activities = activities.filter(team=team, state__in=HAPPENED, is_confidential=False)
    return page_of(activities, before, ACTIVITIES_A_PAGE, NEWEST_FIRST)
