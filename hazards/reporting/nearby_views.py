"""Before a report is sent: has somebody reported the same already?"""

from allauth.core import ratelimit
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from hazards.cases import duplicates
from hazards.reporting.forms import PlaceForm
from yuanhang.core import files


@require_POST
def nearby(request):
    """The likely duplicates of what is in the form, as a piece of it; empty where there are none.

    What is wrong with the input is said when the report is sent, and not here.
    """
    form = PlaceForm(request.POST)
    if not form.is_valid() or form.cleaned_data["category"] is None:
        return HttpResponse(status=204)
    cases = duplicates.offered_duplicates(request.user, **form.placed())
    if not cases:
        return HttpResponse(status=204)
    # Only what is found counts: it is found by trying that a guest could map the town's cases;
    # whoever has an account reads them in `around`.
    if not request.user.is_authenticated and not ratelimit.consume(request, action="nearby"):
        return HttpResponse(status=429)
    context = {
        "rows": [duplicates.duplicate_row(case) for case in cases],
        "chosen": form.cleaned_data["same_as"],
        # Whoever writes it down for somebody is not the one who hears of it.
        "is_entry": "entry" in request.POST,
    }
    return render(request, "hazards/reporting/_duplicates.html", context)


@require_safe
def nearby_photo(request, pk):
    """A thumbnail beside such a row: the covered copy where there is one."""
    photo = get_object_or_404(duplicates.visible_pictures(request.user), pk=pk)
    covered = photo.public_small or photo.public_image
    response = files.stream(request, covered if photo.is_public else photo.thumbnail, "image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response
