"""What is on, and one activity with its sessions."""

import io

import segno
from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from volunteers.activities import access, free_times, ical, pledges, trainings
from volunteers.activities.forms import ListForm, PledgeForm
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.skills import qualifications
from yuanhang.core import files, geo
from yuanhang.core.http import decode_cursor, encode_cursor, page_or_fragment
from yuanhang.core.models import User

PAGE_SIZE = 40
PAST_SHOWN = 5


@require_safe
def activity_list(request):
    """Coming sessions by day, with places left and one's own sign-ups."""
    kind, only_fits = ListForm(request.GET).chosen()
    times = free_times.free_times_of(request.user)
    found = free_times.marked(ActivitySession.objects.listed_for(request.user), times)
    if kind:
        found = found.filter(activity__kind=kind)
    if only_fits and times:
        found = found.filter(fits=True)
    rows, following = page_of(found, request.GET.get("after", ""))
    context = {
        "sessions": with_own(rows, request.user),
        "following": following,
        "kinds": [(value, label) for value, label in Activity.Kind.choices],
        "kind": kind,
        "has_times": bool(times),
        "fits": only_fits and bool(times),
    }
    return render(request, "volunteers/activities/activity_list.html", context)


def page_of(sessions, cursor):
    """(the page's sessions behind a key, the key of the next page or "")."""
    key = decode_cursor(cursor, 2)
    try:
        moment, pk = parse_datetime(key[0]), int(key[1])
    except (TypeError, ValueError, OverflowError):
        moment = None
    if moment is not None and moment.tzinfo is not None and 0 <= pk < 2**63:
        later = Q(starts_at__gt=moment) | Q(starts_at=moment, pk__gt=pk)
        sessions = sessions.filter(later, starts_at__gte=moment)
    rows = list(sessions[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return rows[:PAGE_SIZE], encode_cursor([last.starts_at.isoformat(), last.pk]) if last else ""


def with_own(sessions, user):
    """The sessions, each with `own`, the user's sign-up, and `last_own`, also one that ended."""
    newest, alive = {}, {}
    if user.is_authenticated and sessions:
        rows = SignUp.objects.filter(user=user, session__in=sessions).with_place_in_line()
        for signup in rows.order_by("pk"):
            newest[signup.session_id] = signup.pk
            if signup.is_active:
                alive[signup.session_id] = signup
    for session in sessions:
        session.own = alive.get(session.pk)
        session.last_own = newest.get(session.pk, 0)
        if session.own:
            session.own.session = session
    return sessions


def with_leaders(sessions):
    """The sessions of `with_own`, each with `known_leader`, where this user may know who leads."""
    told = [one for one in sessions if access.can_know_leader(one.own, one)]
    people = User.objects.in_bulk({one.leader_id for one in told if one.leader_id})
    for session in sessions:
        session.known_leader = people.get(session.leader_id) if session in told else None
    return sessions


@require_safe
def activity(request, pk):
    """One activity, with its sessions."""
    return activity_page(request, find_activity(request, pk))


def find_activity(request, pk):
    """The activity this person may see, or 404."""
    rows = Activity.objects.visible_to(request.user).select_related("banner", "team", "community")
    return get_object_or_404(rows.prefetch_related("partners", "skills"), pk=pk)


def activity_page(request, found, *, error="", at=None, pledge_form=None, status=200):
    """The page; `error` stands at the session `at` where something was refused."""
    coming = found.sessions.coming().order_by("starts_at", "pk")
    rows, following = page_of(coming, request.GET.get("after", ""))
    past = list(
        found.sessions.filter(ends_at__lte=timezone.now()).order_by("-starts_at")[:PAST_SHOWN]
    )
    for session in (*rows, *past):
        session.activity = found
    with_leaders(with_own(rows, request.user))
    may_manage = request.user.is_staff and access.can_manage(request.user, found)
    amount, own = pledges.pledged(found, by=request.user) if found.pledge_item else (0, 0)
    context = {
        "activity": found,
        "banner": getattr(found, "banner", None),
        "sessions": rows,
        "following": following,
        "past": past,
        "error": error,
        "error_at": at,
        "barred": barred(request.user, found),
        "first_joinable": first_joinable(rows),
        "pledged": amount,
        "pledge_share": min(100, amount * 100 // found.pledge_target) if found.pledge_item else 0,
        "own_pledge": own,
        "pledge_form": pledge_form or PledgeForm(initial={"quantity": own or 1}),
        "may_manage": may_manage,
        "rosters": [
            s for s in (*past, *rows) if may_manage or access.can_lead_alone(request.user, s)
        ],
        "map_links": map_links(found),
        "back": found.get_absolute_url(),
    }
    return render(request, "volunteers/activities/activity.html", context, status=status)


def first_joinable(sessions):
    """The session whose button is the page's main one, or None: a held place comes before it."""
    if any(s.own and s.own.state == SignUp.State.OFFERED for s in sessions):
        return None
    free = (s.pk for s in sessions if s.activity.is_open and not s.has_started and not s.own)
    return next(free, None)


def barred(user, found):
    """Why this person may not sign up at all, with the way to change it; "" otherwise."""
    if not user.is_authenticated or found.is_over:
        return ""
    reason = access.signup_obstacle(user, found, skills_of=qualifications.in_force)
    return f"{reason}{trainings.where_to_learn(user, found)}" if reason else ""


def map_links(found):
    """Links to map apps, where the point is known."""
    if not found.has_point:
        return []
    return geo.navigation_links(found.latitude, found.longitude, found.place)


def session_block(request, session, *, error="", status=200):
    """One session's block anew, for htmx."""
    with_leaders(with_own([session], request.user))
    context = {
        "session": session,
        "activity": session.activity,
        "error": error,
        "error_at": session.pk,
        "barred": barred(request.user, session.activity),
        "first_joinable": None,
        "back": request.POST.get("next", ""),
        "is_titled": request.POST.get("next", "") == reverse("volunteers:mine"),
        "is_fresh": True,
    }
    template = "volunteers/activities/_session.html"
    return page_or_fragment(request, template, template, context, status=status)


@require_safe
def banner(request, pk, size):
    """The picture on top, for whoever sees the activity."""
    seen = Activity.objects.visible_to(request.user).filter(pk=pk)
    found = get_object_or_404(ActivityBanner, activity__in=seen)
    return files.stream(request, found.thumbnail if size == "thumb" else found.image, "image/jpeg")


@require_safe
def poster(request, pk):
    """A page to print and hang up: the code leads to the activity."""
    found = find_activity(request, pk)
    sessions = found.sessions.coming().order_by("starts_at", "pk")[:6]
    context = {"activity": found, "sessions": sessions}
    return render(request, "volunteers/activities/poster.html", context)


@require_safe
def poster_code(request, pk):
    """The QR code as SVG."""
    found = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
    address = f"{settings.SITE_URL}{found.get_absolute_url()}"
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=8, border=2, xmldecl=False)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


@require_safe
def session_calendar(request, pk):
    """One session as a calendar file."""
    rows = ActivitySession.objects.visible_to(request.user).select_related("activity")
    session = get_object_or_404(rows, pk=pk)
    name = session.activity.title
    return calendar_file(ical.calendar([(session, True)], name=name), f"session-{pk}.ics")


def calendar_file(text, name):
    """An answer that phones hand to their calendar."""
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
