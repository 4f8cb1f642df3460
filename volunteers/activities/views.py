"""What is on, and one activity with its sessions."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from volunteers.activities import free_times, ical
from volunteers.activities.forms import ListForm
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.presenter import (
    activity_page_of,
    barred_words,
    session_cards,
    session_rows,
)
from yuanhang.core import files
from yuanhang.core.http import page_or_fragment
from yuanhang.core.paging import Column, page_of, read_moment, read_number
from yuanhang.core.qr_codes import qr_response

PAGE_SIZE = 40  # sessions: about two weeks of a busy community
SOONEST_FIRST = (Column("starts_at", read_moment), Column("pk", read_number))
POSTER_SESSIONS = 6  # lines that fit on the A4 sheet beside the code


@require_safe
def activity_list(request):
    """Coming sessions by day, with places left and one's own sign-ups."""
    kind, only_fits = ListForm(request.GET).chosen()
    times = free_times.free_times_of(request.user)
    sessions = free_times.with_fits(ActivitySession.objects.listed_for(request.user), times)
    if kind:
        sessions = sessions.filter(activity__kind=kind)
    if only_fits and times:
        sessions = sessions.filter(fits=True)
    page, following = session_page(sessions, request.GET.get("after", ""))
    context = {
        "rows": session_rows(page, request.user),
        "following": following,
        "kinds": Activity.Kind.choices,
        "kind": kind,
        "has_times": bool(times),
        "fits": only_fits and bool(times),
    }
    return render(request, "volunteers/activities/activity_list.html", context)


def session_page(sessions, cursor):
    """One page of the sessions, soonest first."""
    return page_of(sessions, cursor, PAGE_SIZE, SOONEST_FIRST)


@require_safe
def activity(request, pk):
    """One activity, with its sessions."""
    return activity_page(request, find_activity(request, pk))


def find_activity(request, pk):
    """The activity this person may see, or 404."""
    visible = Activity.objects.visible_to(request.user)
    visible = visible.select_related("banner", "team", "community")
    return get_object_or_404(visible.prefetch_related("partners", "skills"), pk=pk)


def activity_page(request, shown, *, error="", error_at=None, pledge_form=None, status=200):
    """The page of the activity `shown`.

    `error` stands at the session with primary key `error_at`, where something was refused.
    """
    coming = shown.sessions.coming().order_by("starts_at", "pk")
    sessions, following = session_page(coming, request.GET.get("after", ""))
    page = activity_page_of(
        shown,
        sessions,
        following,
        request.user,
        error=error,
        error_at=error_at,
        pledge_form=pledge_form,
    )
    context = {"activity": shown, "banner": getattr(shown, "banner", None), "page": page}
    return render(request, "volunteers/activities/activity.html", context, status=status)


def session_card(request, session, *, error="", status=200, is_in=False):
    """One session's card anew, for htmx; with `is_in` to somebody who just signed up."""
    back = request.POST.get("next", "")
    (card,) = session_cards(
        [session],
        request.user,
        back=back,
        barred="" if is_in else barred_words(request.user, session.activity),
        error=error,
        error_at=session.pk,
        is_titled=back == reverse("volunteers:mine"),
        is_fresh=True,
    )
    template = "volunteers/activities/_session.html"
    return page_or_fragment(request, template, template, {"card": card}, status=status)


@require_safe
def banner(request, pk, size):
    """The picture on top, for whoever sees the activity."""
    visible = Activity.objects.visible_to(request.user).filter(pk=pk)
    picture = get_object_or_404(ActivityBanner, activity__in=visible)
    file = picture.file_of(size)
    return files.stream(request, file, "image/jpeg")


@require_safe
def poster(request, pk):
    """A page to print and hang up: the code leads to the activity."""
    shown = find_activity(request, pk)
    sessions = shown.sessions.coming().order_by("starts_at", "pk")[:POSTER_SESSIONS]
    context = {"activity": shown, "sessions": sessions}
    return render(request, "volunteers/activities/poster.html", context)


@require_safe
def poster_code(request, pk):
    """The QR code as SVG."""
    shown = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
    return qr_response(shown.get_absolute_url())


@require_safe
def session_calendar(request, pk):
    """One session as a calendar file."""
    visible = ActivitySession.objects.visible_to(request.user).select_related("activity")
    session = get_object_or_404(visible, pk=pk)
    name = session.activity.title
    return calendar_file(ical.calendar([(session, True)], name=name), f"session-{pk}.ics")


def calendar_file(text, name):
    """An answer that phones hand to their calendar."""
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
