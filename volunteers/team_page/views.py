"""Teams: the list, and one team for those outside, inside and at its head.

What is done is said in the form and not in the address: addresses land in logs, and who left a
vanguard team is nobody's business.
"""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from stations.areas.models import Community
from volunteers.activities.models.activities import Activity
from volunteers.team_page.figures import HAPPENED, with_totals
from volunteers.teams import teams
from volunteers.teams.access import can_answer_asker, membership_of
from volunteers.teams.models import Team
from workers.access import worker_of
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request, decode_cursor, encode_cursor, whole_number
from yuanhang.core.paging import by_pk

PAGE, ACTIVITIES = 100, 20


@require_safe
def team_list(request):
    """The teams in use of the subdistrict, one's own marked."""
    worker = worker_of(request.user)
    home = worker.community if worker else Community.objects.home()
    rows = Team.objects.filter(is_active=True, community__subdistrict=home and home.subdistrict_id)
    key = decode_cursor(request.GET.get("after", ""), 2)
    if key and type(key[0]) is int and isinstance(key[1], str) and "\0" not in key[1]:
        community, name = whole_number(str(key[0])), key[1]
        rows = rows.filter(Q(community__gt=community) | Q(community=community, name__gt=name))
    rows = with_totals(rows.select_related("community")).order_by("community_id", "name")
    page = list(rows[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    context = {
        "teams": page[:PAGE],
        "following": encode_cursor([last.community_id, last.name]) if last else "",
    }
    return render(request, "volunteers/team_page/team_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request, pk):
    """One team; a form sent here says what to do."""
    rows = with_totals(Team.objects.visible_to(request.user).select_related("community"))
    found = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        return _act(request, found)
    own = membership_of(request.user, found)
    sees_all = can_answer_asker(request.user, found, own)
    if sees_all and found.is_sensitive and not (own and own.is_leader):
        audit.record("volunteers.viewed", found, by=request.user, role="staff")
    context = {
        "team": found,
        "own": own,
        "sees_all": sees_all,
        **_people(request, found, sees_all=sees_all),
        **_activities(request, found),
    }
    response = render(request, "volunteers/team_page/team.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _people(request, found, *, sees_all):
    """Members by page and, for who answers, those who ask; guests learn no names."""
    if not request.user.is_authenticated:
        return {"members": [], "asked": [], "following": None}
    rows = found.memberships.current().select_related("user")
    if not sees_all:
        rows = rows.filter(is_shown=True)
    rows = rows.filter(pk__gt=whole_number(request.GET.get("after")))
    members = list(rows.order_by("pk")[: PAGE + 1])
    following = members[PAGE - 1].pk if len(members) > PAGE else None
    asked = found.memberships.asked().select_related("user").order_by("pk")[:PAGE]
    return {
        "members": members[:PAGE],
        "asked": asked if sees_all else [],
        "following": following,
    }


def _activities(request, found):
    """The team's own activities that this person may see, by page, the newest first."""
    rows = Activity.objects.visible_to(request.user)
    rows = rows.filter(team=found, state__in=HAPPENED, is_confidential=False)
    page, earlier = by_pk(rows, request.GET.get("before", ""), ACTIVITIES)
    return {"activities": page, "earlier": earlier}


# What the form says: verb, who may, whether it is about another member, what is said afterwards.
ACTS = {
    "ask": (teams.ask_to_join, "anybody", False, _("申请发出去了，队长答复了会通知你。")),
    "leave": (teams.leave, "anybody", False, _("好了，你已经不在这支队伍里。")),
    "show": (teams.show_membership, "anybody", False, _("大家能看到你在队里了。")),
    "hide": (teams.hide_membership, "anybody", False, _("不公开了，只有队长和社区知道。")),
    "accept": (teams.answer_asker, "answers", True, _("收下了，已经告诉对方。")),
    "decline": (teams.answer_asker, "answers", True, _("回绝了，已经告诉对方。")),
    "hand-over": (teams.hand_over, "leads", True, _("交接好了，已经告诉新队长。")),
}


def _act(request, found):
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    name = request.POST.get("act", "")
    if name not in ACTS:
        return bad_request(request)
    verb, who, is_about_other, done = ACTS[name]
    own = membership_of(request.user, found)
    leads = bool(own and own.is_leader)
    may = {
        "anybody": True,
        "leads": leads,
        "answers": can_answer_asker(request.user, found, own),
    }
    if not may[who]:
        raise PermissionDenied
    arguments = [whole_number(request.POST.get("member"))] if is_about_other else []
    named = {"is_accepted": name == "accept"} if verb is teams.answer_asker else {}
    try:
        verb(found, *arguments, by=request.user, **named)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("volunteers:teams" if not found.is_active else found)
