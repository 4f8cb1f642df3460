"""The keeper's screen: closed, open longer, the round, on one page of a phone at the station."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stations.houses.models import Closure, Facility, LongerHours, Station
from stations.houses.opening_words import told
from stations.keeping import closures, first_aid, longer_hours, rounds
from stations.keeping.access import can_keep
from stations.keeping.forms import CloseForm, FirstAidForm, LongerForm, RoundForm
from yuanhang.core import versions
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request, whole_number

FORMS = {"close": CloseForm, "longer": LongerForm, "round": RoundForm, "aid": FirstAidForm}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keep(request, slug):
    """All that a keeper says of a station; each button sends its own part."""
    station = get_object_or_404(Station.objects.with_opening(), slug=slug)
    if not can_keep(request.user, station):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, station)
    act = request.POST.get("act")
    if act not in {*FORMS, "open", "usual"}:
        return bad_request(request)
    try:
        with transaction.atomic():
            versions.hold(Station, [station.pk])
            return _act(request, station, act)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
        return redirect("stations:keep", station.slug)


def _act(request, station, act):
    if act == "open":
        row = get_object_or_404(Closure, station=station, pk=whole_number(request.POST.get("row")))
        closures.lift(row, by=request.user)
        messages.success(request, _("重新开门了，各页都改过来了。"))
    elif act == "usual":
        pk = whole_number(request.POST.get("row"))
        row = get_object_or_404(LongerHours, station=station, pk=pk)
        longer_hours.take_back(row, by=request.user)
        messages.success(request, _("恢复平时的时间了。"))
    else:
        form = _form(act, station, request.POST)
        if not form.is_valid():
            status = 409 if getattr(form, "is_outdated", False) else 400
            return _page(request, station, status=status, **{act: form})
        messages.success(request, _carry_out(act, station, form, request.user))
    return redirect("stations:keep", station.slug)


def _carry_out(act, station, form, user):
    """The verb of a form, and what is said of it."""
    if act == "close":
        closures.announce(station, by=user, **form.closing())
        return _("写上了，各页都说关门。")
    if act == "longer":
        longer_hours.extend(station, by=user, **form.extension())
        return _("写上了，各页都说开得更晚。")
    if act == "aid":
        first_aid.fill(station, form.contents(), by=user)
        return _("药箱记下了，到期前一个月会提醒。")
    rounds.walk(station, form.seen(), by=user)
    return _("记下了，谢谢。")


def _form(act, station, data=None):
    if act == "round":
        rows = Facility.objects.filter(zone__station=station).select_related("zone")
        return RoundForm(data, facilities=rows)
    if act == "aid":
        return FirstAidForm(data, items=station.first_aid.all())
    return FORMS[act](data)


def _page(request, station, status=200, **bound):
    now = timezone.now()
    forms = {name: bound.get(name) or _form(name, station) for name in FORMS}
    context = {
        "station": station,
        "told": told(station.opening(), has_phone=bool(station.desk_phone)),
        "closures": Closure.objects.filter(station=station).exclude(ends_at__lte=now),
        "longer": LongerHours.objects.filter(station=station, ends_at__gt=now),
        "forms": forms,
    }
    return render(request, "stations/keeping/keep.html", context, status=status)
