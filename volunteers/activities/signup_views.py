"""Signing up, coming along, leaving; pledges; one's own sign-ups and calendar."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from volunteers.activities import calendar_feeds, ical, pledges, signups
from volunteers.activities.forms import PledgeForm
from volunteers.activities.models.calendar_feeds import CalendarFeed
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.activities.presenter import session_cards
from volunteers.activities.views import (
    activity_page,
    calendar_file,
    find_activity,
    session_card,
    session_page,
)
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import safe_next, to_login

FEED_DAYS = 30  # past sessions stay in the phone's calendar this long
FEED_ENTRIES = 500  # keeps the answer small; nobody is signed up for as many


def _sign_up(request, session, seen, *, as_pair=False):
    """Refuses a form from before the person left again: it was sent twice, not meant twice."""
    last = session.signups.filter(user=request.user).order_by("-pk").first()
    if last and last.pk != seen and not last.is_active:
        raise NotAllowedNowError(_("这一页是旧的，你后来退出了。想再报，请在下面再点一次。"))
    signups.sign_up(session, by=request.user, as_pair=as_pair)


def _pair(request, session, seen):
    _sign_up(request, session, seen, as_pair=True)


def _own(verb):
    """A verb on one's own sign-up, the one that the page showed."""

    def act(request, session, seen):
        signup = session.signups.filter(user=request.user, pk=seen).first()
        if signup is None:
            raise Http404
        verb(signup, by=request.user)

    return act


VERBS = {
    "sign-up": _sign_up,
    "pair": _pair,
    "accept": _own(signups.accept_offer),
    "alone": _own(signups.go_alone),
    "leave": _own(signups.leave),
}


@require_POST
def act(request, pk, verb):
    """One tap on a session."""
    visible = ActivitySession.objects.visible_to(request.user).select_related("activity")
    session = get_object_or_404(visible, pk=pk)
    if verb not in VERBS:
        raise Http404
    if not request.user.is_authenticated:
        return to_login(request, session.get_absolute_url())
    seen = request.POST.get("seen", "")
    error, status = "", 200
    try:
        VERBS[verb](request, session, int(seen) if seen.isdecimal() and len(seen) < 19 else 0)
    except NotAllowedNowError as refused:
        error, status = refused.message, 409
    if request.htmx:
        # Seen it they have; and whoever just came needs no reason why they may not.
        fresh = ActivitySession.objects.select_related("activity").get(pk=pk)
        is_in = not error and verb in ("sign-up", "pair")
        return session_card(request, fresh, error=error, status=status, is_in=is_in)
    if error:
        shown = find_activity(request, session.activity_id)
        return activity_page(request, shown, error=error, error_at=session.pk, status=status)
    return redirect(f"{safe_next(request, session.activity.get_absolute_url())}#session-{pk}")


@require_POST
def pledge(request, pk):
    """Promise goods, change it, or take it back."""
    shown = find_activity(request, pk)
    if not request.user.is_authenticated:
        return to_login(request, shown.get_absolute_url())
    form = PledgeForm(request.POST, activity=shown)
    status = 400
    if form.is_valid():
        try:
            pledges.pledge(shown, by=request.user, quantity=form.cleaned_data["quantity"])
        except NotAllowedNowError as refused:
            form.add_error("quantity", refused.message)
            status = 409
        else:
            return redirect(f"{shown.get_absolute_url()}#pledge")
    return activity_page(request, shown, pledge_form=form, status=status)


@require_http_methods(["GET", "POST"])
def pair(request, code):
    """The invitation to come along, for whoever got the link."""
    invited = SignUp.objects.active().filter(pair=code).order_by("pk")
    first = invited.select_related("user", "session__activity").first()
    if first is None:
        return render(request, "volunteers/activities/pair.html", {"first": None}, status=404)
    error, status = "", 200
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        try:
            signups.join_pair(code, by=request.user)
        except NotAllowedNowError as refused:
            error, status = refused.message, 409
        else:
            return redirect(first.session.get_absolute_url())
    context = {
        "first": first,
        "session": first.session,
        "activity": first.session.activity,
        "is_own": first.user_id == request.user.pk,
        "is_open": first.state == SignUp.State.PAIRING,
        "error": error,
    }
    return render(request, "volunteers/activities/pair.html", context, status=status)


@require_safe
@login_required
def mine(request):
    """One's own coming sign-ups, and the way into the phone's calendar."""
    attended = ActivitySession.objects.attended_by(request.user)
    sessions, following = session_page(attended, request.GET.get("after", ""))
    context = {
        "cards": session_cards(sessions, request.user, back=request.path, is_titled=True),
        "following": following,
        "feed": CalendarFeed.objects.filter(user=request.user).first(),
    }
    return render(request, "volunteers/activities/mine.html", context)


@require_POST
@login_required
def feed_change(request):
    """A calendar address, a new one instead, or none."""
    if "end" in request.POST:
        calendar_feeds.end_feed(by=request.user)
        messages.success(request, _("日历链接停用了。"))
    else:
        calendar_feeds.renew_feed(by=request.user)
    return redirect("volunteers:mine")


@require_safe
def feed(request, token):
    """A person's sessions for their phone's calendar, which cannot log in; the token is the key."""
    feeds = CalendarFeed.objects.select_related("user")
    user = get_object_or_404(feeds, token=token).user
    if not user.is_active:
        raise Http404
    since = timezone.now() - timedelta(days=FEED_DAYS)
    places = SignUp.objects.holding().filter(user=user, session__ends_at__gt=since)
    places = places.select_related("session__activity").order_by("session__starts_at", "pk")
    entries = [
        (place.session, place.state == SignUp.State.CONFIRMED) for place in places[:FEED_ENTRIES]
    ]
    return calendar_file(ical.calendar(entries, name=_("庆小驿的活动")), "qingxiaoyi.ics")
