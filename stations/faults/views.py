"""The honest door: one tap, with an account or without, and taking it back."""

from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stations.faults import faults
from stations.faults.forms import TellForm
from stations.faults.models import FacilityFault
from stations.faults.tellers import device_key, teller_of
from stations.houses.models import Station
from yuanhang.core.accounts import remembers_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on


@require_POST
@stands_on("stations:station", "slug")
@remembers_device
def tell(request, slug):
    """Somebody at the door says what is wrong; the page then shows what they said."""
    station = get_object_or_404(Station.objects.listed(), slug=slug)
    form = TellForm(request.POST, station=station)
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
