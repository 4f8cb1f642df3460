"""The honest door: one tap, with an account or without, and taking it back."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stations.faults import faults
from stations.faults.forms import TellForm
from stations.faults.models import FacilityFault, TapPhoto
from stations.faults.tellers import device_key, teller_of
from stations.houses.models import Station
from stations.keeping.access import can_keep
from yuanhang.core import files
from yuanhang.core.accounts import remembers_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.uploads.fields import sent_by


@require_POST
@stands_on("stations:station", "slug")
@remembers_device
def tell(request, slug):
    """Somebody at the door says what is wrong; the page then shows what they said."""
    station = get_object_or_404(Station.objects.listed(), slug=slug)
    form = sent_by(TellForm(request.POST, request.FILES, station=station), request.user)
    if not ratelimit.consume(request, action="fault"):
        messages.error(request, _("点得太快了，过一会儿再来。急事打电话。"))
    elif not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
    else:
        data = form.cleaned_data
        try:
            faults.tell(
                station,
                data["kind"],
                who=teller_of(request),
                facility=data["facility"],
                words=data["words"],
                photo=next(iter(data["photos"]), None),
            )
            reads = request.user.is_authenticated or device_key(request)
            told = _("记下了，谢谢。处理了在这里告诉你。") if reads else _("记下了，谢谢。")
            messages.success(request, told)
        except NotAllowedNowError as error:
            messages.error(request, error.message)
    return redirect(station.get_absolute_url() + "#said")


@require_POST
@stands_on("stations:station", "slug")
@remembers_device
def take_back(request, slug, pk):
    """It was a slip of the thumb."""
    station = get_object_or_404(Station.objects.listed(), slug=slug)
    fault = get_object_or_404(FacilityFault, station=station, pk=pk)
    try:
        faults.take_back(fault, who=teller_of(request))
        messages.success(request, _("收回了。"))
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    return redirect(station.get_absolute_url())


@require_safe
@login_required
def tap_photo(request, slug, pk, size):
    """What somebody saw there, for whoever keeps the station."""
    photos = TapPhoto.objects.select_related("tap__fault__station").filter(
        tap__fault__station__slug=slug, tap__taken_back_at=None
    )
    photo = get_object_or_404(photos, tap=pk)
    if size not in ("thumb", "full") or not can_keep(request.user, photo.tap.fault.station):
        raise Http404
    return files.stream(request, photo.file_of(size), "image/jpeg")
