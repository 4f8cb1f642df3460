"""What the centre's officers do with a slip: another code, stop the link, a new one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hazards.cases.models.hazards import Hazard
from hazards.slips import slips
from hazards.slips.access import can_manage_slip
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on

TOLD = {
    "code": gettext_lazy("换好了，念新的口令。"),
    "stop": gettext_lazy("停用了，原来的链接打不开了。"),
    "new": gettext_lazy("新的链接好了。"),
}


@require_POST
@login_required
@stands_on("hazards:case", "number")
def slip_manage(request, number, what):
    """One tap of the officer's."""
    hazard = get_object_or_404(Hazard.objects.visible_to(request.user), number=number)
    if not can_manage_slip(request.user, hazard):
        raise PermissionDenied
    live = slips.live_slip(hazard)
    try:
        if what == "new":
            slips.issue(hazard, by=request.user)
        elif live is None:
            raise NotAllowedNowError(_("已经停用了，要用就发一个新的。"))
        elif what == "code":
            slips.renew_code(live, by=request.user)
        else:
            slips.stop(live, by=request.user)
        messages.success(request, TOLD[what])
    except NotAllowedNowError as refused:
        messages.error(request, refused.message)
    return redirect(f"{hazard.get_absolute_url()}#slip")
