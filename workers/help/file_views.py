"""Photos and voice of a request, for its asker, keepers, and whoever is on the way; nobody else."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from workers.help import access, asking, help_requests
from workers.help.models import HelpRequest
from yuanhang.core import files


@require_safe
@login_required
def photo(request, number, pk, size):
    """A photo, while this person is on the way or looks after it; kept track of."""
    return _private(_photo(request, _seen(request, number), pk, size))


@require_safe
@login_required
def voice(request, number, pk):
    """A voice note, on the same terms."""
    return _private(_voice(request, _seen(request, number), pk))


@require_safe
def receipt_photo(request, token, pk, size):
    """A photo, for the phone that sent it."""
    return _photo(request, get_object_or_404(asking.by_receipt(token)), pk, size)


@require_safe
def receipt_voice(request, token, pk):
    """A voice note, for the phone that sent it."""
    return _voice(request, get_object_or_404(asking.by_receipt(token)), pk)


def _seen(request, number):
    """The request whose files this person may have now; else 404."""
    rows = HelpRequest.objects.visible_to(request.user)
    call, user = get_object_or_404(rows, pk=number), request.user
    if call.asker_id == user.pk:
        return call
    own = call.takes.live().filter(helper=user).first()
    if own is not None:
        help_requests.note_look(own, by=user, what="help_file_seen")
    elif access.can_keep(user, call):
        help_requests.note_keepers_look(call, by=user, what="help_file_seen")
    else:
        raise Http404
    return call


def _photo(request, call, pk, size):
    found = get_object_or_404(call.photos, pk=pk)
    return files.stream(request, found.file_of(size), "image/jpeg")


def _voice(request, call, pk):
    found = get_object_or_404(call.voices, pk=pk)
    if not found.audio:
        raise Http404  # what was sent may say where it was recorded
    return files.stream(request, found.audio, "audio/mp4")


def _private(response):
    """Not kept by the browser: who was sent home must not have it a week later."""
    response["Cache-Control"] = "private, no-store"
    return response
