"""听写: the one line that says what a voice note says."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hazards.case_page.gist_forms import GistForm
from hazards.case_page.presenter import FULL
from hazards.cases import gists
from hazards.cases.access import can_transcribe
from hazards.cases.models.attachments import HazardVoice
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import safe_next, stands_on


@require_POST
@login_required
@stands_on("hazards:case", "number")
def transcribe(request, number, pk):
    """Write down what a voice note of a case says; what was typed comes back when it is refused."""
    hazard = get_object_or_404(FULL.visible_to(request.user), number=number)
    if not can_transcribe(request.user, hazard):
        raise PermissionDenied
    notes = HazardVoice.objects.shown_with(hazard, staff=True).select_related("hazard")
    note = get_object_or_404(notes, pk=pk)
    form, status = GistForm(request.POST, action=request.path), 400
    if form.is_valid():
        try:
            gists.write(note, by=request.user, **form.given())
        except NotAllowedNowError as refused:
            form.add_error("gist", refused.message)
            note.refresh_from_db()
            form.has_seen(note)
            status = 409
        else:
            messages.success(request, _("听写记下了，后面的人不用再听一遍。"))
            return redirect(safe_next(request, hazard.get_absolute_url()))
    context = {"hazard": hazard, "voice": note, "form": form, "next": safe_next(request, "")}
    return render(request, "hazards/case_page/gist.html", context, status=status)
