"""Where to warm oneself, charge, drink: large filters over stations and friendly places."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stations.needs import needs
from stations.needs.forms import NeedsForm


@require_safe
def places(request):
    """The places that have all that was asked for, open and near ones first."""
    form = NeedsForm(request.GET)
    asked, start = form.needs, form.point
    found = needs.places(asked, start=start)
    context = {
        "form": form,
        "tiles": [_tile(need, asked, form) for need in needs.offered(timezone.localdate().month)],
        "heading": _heading(asked, len(found)),
        "open": [place for place in found if place.is_worth_the_way],
        "others": [place for place in found if not place.is_worth_the_way],
        "asked": asked,
        "start": start,
    }
    return render(request, "stations/needs/places.html", context)


def _tile(need, asked, form):
    """A seal to tap: (seal, word, whether it is chosen, the address with it taken or left)."""
    others = [one for one in asked if one is not need]
    chosen = need in asked
    query = [("need", one.value) for one in (others if chosen else [*asked, need])]
    if form.point:
        query.append(("landmark", form.cleaned_data["landmark"]))
    return needs.SEALS[need], need.label, chosen, urlencode(query)


def _heading(asked, count):
    """The question once more: 「能取暖又能充电的 3 处」."""
    if not asked:
        return _("一共 %(n)d 处") % {"n": count}
    words = _("又能").join(str(need.label) for need in asked)
    return _("能%(what)s的 %(n)d 处") % {"what": words, "n": count}
