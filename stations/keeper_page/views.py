"""The keeper's screen: closed, open longer, the round, on one page of a phone at the station."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from stations.faults import faults
from stations.faults.forms import AnswerForm
from stations.faults.models import FacilityFault, FaultTap, TapPhoto
from stations.faults.presenter import standing_at
from stations.houses.models import Closure, Facility, LongerHours, Station
from stations.houses.opening_words import told
from stations.keeper_page.forms import CloseForm, FirstAidForm, LongerForm, RoundForm, ThingForm
from stations.keeping import closures, first_aid, longer_hours, rounds
from stations.keeping.access import can_keep
from yuanhang.core import versions
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request, whole_number

FORMS = {
    "close": CloseForm,
    "longer": LongerForm,
    "round": RoundForm,
    "aid": FirstAidForm,
    "thing": ThingForm,
}


# What a button does to one row: its model, the way from it to the station, the verb, what is said.
OF_A_ROW = {
    "open": (Closure, "station", closures.lift, _("重新开门了，各页都改过来了。")),
    "usual": (LongerHours, "station", longer_hours.take_back, _("恢复平时的时间了。")),
    "repaired": (FacilityFault, "station", faults.repair, _("记下了，点的人都会知道。")),
    "not_so": (FacilityFault, "station", faults.dismiss, _("记下了，点的人都会知道。")),
    "away": (Facility, "zone__station", rounds.take_away, _("撤掉了。")),
    "hide": (FaultTap, "fault__station", faults.hide, _("没人看得到了。")),
}


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
    if act not in {*FORMS, *OF_A_ROW, "answer"}:
        return bad_request(request)
    try:
        with transaction.atomic():
            versions.hold(Station, [station.pk])
            return _act(request, station, act)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
        return redirect("stations:keep", station.slug)


def _act(request, station, act):
    if act in OF_A_ROW:
        model, place, verb, words = OF_A_ROW[act]
        pk = whole_number(request.POST.get("row"))
        verb(get_object_or_404(model, pk=pk, **{place: station}), by=request.user)
        messages.success(request, words)
        return redirect("stations:keep", station.slug)
    if act == "answer":
        return _answer(request, station)
    form = _form(act, station, request.POST)
    if not form.is_valid():
        status = 409 if getattr(form, "is_outdated", False) else 400
        return _page(request, station, status=status, **{act: form})
    messages.success(request, _carry_out(act, station, form, request.user))
    return redirect("stations:keep", station.slug)


def _answer(request, station):
    """A word to those who told of a fault."""
    pk = whole_number(request.POST.get("row"))
    fault = get_object_or_404(FacilityFault, station=station, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, station, status=400, answer=(fault.pk, form))
    faults.answer(fault, text=form.cleaned_data["answer"], by=request.user)
    messages.success(request, _("回话了，点的人都看得到。"))
    return redirect("stations:keep", station.slug)


def _carry_out(act, station, form, user):
    """The verb of a form, and what is said of it."""
    if act == "close":
        closures.announce(station, by=user, **form.closing())
        return _("写上了，各页都说关门。")
    if act == "longer":
        longer_hours.extend(station, by=user, **form.extension())
        return _("写上了，各页都说开得更晚。")
    if act == "thing":
        rounds.put_up(station, by=user, **form.cleaned_data)
        return _("添上了，骑手看得到了。")
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


class _Told:
    """A fault on the keeper's screen, with the form that answers it."""

    def __init__(self, standing, answer, photos):
        self.standing, self.fault = standing, standing.fault
        key, form = answer
        self.form = form if key == self.fault.pk else AnswerForm(auto_id=f"{self.fault.pk}-%s")
        self.taps = [tap for tap in self.fault.taps.all() if tap.taken_back_at is None]
        for tap in self.taps:
            tap.shown = photos.get(tap.pk)


def _faults(station, answer):
    """The faults that stand, with the words and the photos of those who told of them."""
    standing = standing_at(station)
    taps = [tap.pk for one in standing for tap in one.fault.taps.all()]
    photos = (
        {photo.tap_id: photo for photo in TapPhoto.objects.filter(tap__in=taps)} if taps else {}
    )
    return [_Told(one, answer, photos) for one in standing]


def _page(request, station, status=200, answer=(None, None), **bound):
    now = timezone.now()
    forms = {name: bound.get(name) or _form(name, station) for name in FORMS}
    context = {
        "station": station,
        "told": told(station.opening(), has_phone=bool(station.desk_phone)),
        "closures": Closure.objects.filter(station=station).exclude(ends_at__lte=now),
        "longer": LongerHours.objects.filter(station=station, ends_at__gt=now),
        "forms": forms,
        "faults": _faults(station, answer),
    }
    return render(request, "stations/keeper_page/keep.html", context, status=status)
