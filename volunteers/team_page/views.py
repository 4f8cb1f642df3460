"""Teams: the list, and one team for those outside, inside and at its head.

What is done is said in the form and not in the address: addresses land in logs, and who left a
vanguard team is nobody's business.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from stations.areas.models import Community
from volunteers.team_page.figures import with_totals
from volunteers.team_page.presenter import team_page_of
from volunteers.teams import teams
from volunteers.teams.access import can_answer_asker, membership_of
from volunteers.teams.models import Team
from workers.access import worker_of
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request, whole_number
from yuanhang.core.paging import Column, page_of, read_number, read_text

PAGE_SIZE = 100  # teams: a subdistrict has some dozens
# A team\'s name is unique in its community.
BY_COMMUNITY = (Column("community_id", read_number), Column("name", read_text))


@require_safe
def team_list(request):
    """The teams in use of the subdistrict, one's own marked."""
    worker = worker_of(request.user)
    home = worker.community if worker else Community.objects.home()
    listed = Team.objects.filter(
        is_active=True, community__subdistrict=home and home.subdistrict_id
    )
    listed = with_totals(listed.select_related("community"))
    page = page_of(listed, request.GET.get("after", ""), PAGE_SIZE, BY_COMMUNITY)
    context = {"teams": page.rows, "following": page.following}
    return render(request, "volunteers/team_page/team_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request, pk):
    """One team; a form sent here says what to do."""
    teams_here = with_totals(Team.objects.visible_to(request.user).select_related("community"))
    shown = get_object_or_404(teams_here, pk=pk)
    if request.method == "POST":
        return _act(request, shown)
    page = team_page_of(shown, request.user, request.GET)
    if page.sees_all and shown.is_sensitive and not page.is_led_by_viewer:
        audit.record("volunteers.viewed", shown, by=request.user, role="staff")
    context = {"team": shown, "page": page}
    response = render(request, "volunteers/team_page/team.html", context)
    response["Cache-Control"] = "no-store"
    return response


class Actor(Enum):
    """Who may do something with a team."""

    ANYBODY = "anybody"
    LEADER = "leader"
    ANSWERER = "answerer"  # the leader, and staff of the community


@dataclass(frozen=True)
class Act:
    """What a form of the page does: the verb, who may, and what is said afterwards.

    `is_about_other`: the verb takes the primary key of another membership. `arguments` are
    further ones of the verb.
    """

    verb: Callable
    done: str
    actor: Actor = Actor.ANYBODY
    is_about_other: bool = False
    arguments: dict = field(default_factory=dict)


def _answer(done, *, is_accepted):
    return Act(teams.answer_asker, done, Actor.ANSWERER, True, {"is_accepted": is_accepted})


# By the value of the button that was pressed.
ACTS = {
    "ask": Act(teams.ask_to_join, _("申请发出去了，队长答复了会通知你。")),
    "leave": Act(teams.leave, _("好了，你已经不在这支队伍里。")),
    "show": Act(teams.show_membership, _("大家能看到你在队里了。")),
    "hide": Act(teams.hide_membership, _("不公开了，只有队长和社区知道。")),
    "accept": _answer(_("收下了，已经告诉对方。"), is_accepted=True),
    "decline": _answer(_("回绝了，已经告诉对方。"), is_accepted=False),
    "hand-over": Act(teams.hand_over, _("交接好了，已经告诉新队长。"), Actor.LEADER, True),
}


def _act(request, shown):
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return bad_request(request)
    if not _may(request.user, shown, act.actor):
        raise PermissionDenied
    other = [whole_number(request.POST.get("member"))] if act.is_about_other else []
    try:
        act.verb(shown, *other, by=request.user, **act.arguments)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, act.done)
    return redirect("volunteers:teams" if not shown.is_active else shown)


def _may(user, shown, actor):
    """Whether this person is one of those who may."""
    own = membership_of(user, shown)
    if actor is Actor.LEADER:
        return bool(own and own.is_leader)
    return actor is Actor.ANYBODY or can_answer_asker(user, shown, own)
