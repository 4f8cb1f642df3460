"""Photos and voice, handed out only to those who may see the case."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hazards.cases.access import sees_as_staff
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from yuanhang.core import files


@require_safe
@login_required
def photo(request, number, pk, size):
    """A photo of a case this account may see."""
    hazard = get_object_or_404(Hazard.objects.visible_to(request.user), number=number)
    return _photo(request, hazard, pk, size, staff=sees_as_staff(request.user, hazard))


@require_safe
@login_required
def voice(request, number, pk):
    """A voice note of a case this account may see."""
    hazard = get_object_or_404(Hazard.objects.visible_to(request.user), number=number)
    return _voice(request, hazard, pk, staff=sees_as_staff(request.user, hazard))


@require_safe
def receipt_photo(request, token, pk, size):
    """A photo, for whoever holds the receipt."""
    return _photo(request, get_object_or_404(Hazard, receipt_token=token), pk, size)


@require_safe
def receipt_voice(request, token, pk):
    """A voice note, for whoever holds the receipt."""
    return _voice(request, get_object_or_404(Hazard, receipt_token=token), pk)


def _photo(request, hazard, pk, size, *, staff=False):
    found = get_object_or_404(HazardPhoto.objects.shown_with(hazard, staff=staff), pk=pk)
    return files.stream(request, found.file_of(size), "image/jpeg")


def _voice(request, hazard, pk, *, staff=False):
    found = get_object_or_404(HazardVoice.objects.shown_with(hazard, staff=staff), pk=pk)
    if not found.audio:
        raise Http404  # what was sent may say where it was recorded
    return files.stream(request, found.audio, "audio/mp4")
