"""Receipts that lie on somebody's phone, joined to the account they made later."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hazards.case_page.views import CLAIMED
from hazards.cases import reports

# More than a phone keeps; whoever sends more sends nonsense.
RECEIPTS_MAX = 30


@require_POST
@login_required
def claim(request):
    """Reports made without an account, found by their receipts, are this person's from now on."""
    tokens = [token for token in request.POST.getlist("token") if token.isprintable()]
    count, own = reports.claim(tokens[:RECEIPTS_MAX], by=request.user)
    # The next page tells the phone which receipts it need not keep any more.
    request.session[CLAIMED] = own
    if count:
        messages.success(request, _("%(n)d 件记到你名下了。") % {"n": count})
    else:
        messages.info(request, _("没有要记的：已经在你名下，或者有人认领了。"))
    return redirect("hazards:mine")
