"""What staff do with an estate: decide, undo, agree, give the property its link; and the import."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stations.estates import access, estates, facts, importing, presenter, property_links
from stations.estates.forms import AgreementForm, PhonedForm
from stations.estates.import_forms import ImportForm
from stations.estates.link_models import PropertyLink
from stations.estates.models import Estate, EstateFact, FactVersion
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request, whole_number

# What a button does to one fact or version, and what is said of it.
OF_A_FACT = {
    "take_down": (facts.take_down, gettext_lazy("撤下了，各页都不再显示。")),
    "leave_up": (facts.leave_up, gettext_lazy("留着了。")),
}
OF_A_VERSION = {
    "confirm": (facts.confirm, gettext_lazy("核过了。")),
    "undo": (facts.undo, gettext_lazy("撤回了，恢复成上一版。")),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keep(request, slug):
    """All that staff decide about an estate; each button sends its own part."""
    estate = get_object_or_404(Estate.objects.visible_to(request.user), slug=slug)
    if not access.can_keep(request.user, estate):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, estate)
    act = request.POST.get("act")
    try:
        if act in OF_A_FACT or act in OF_A_VERSION:
            return _on_a_row(request, estate, act)
        if act in FORMS:
            return FORMS[act](request, estate)
    except NotAllowedNowError as refused:
        messages.error(request, refused.message)
        return redirect("estates:keep", estate.slug)
    return bad_request(request)


def _on_a_row(request, estate, act):
    pk = whole_number(request.POST.get("row"))
    if act in OF_A_FACT:
        verb, words = OF_A_FACT[act]
        verb(get_object_or_404(EstateFact, estate=estate, pk=pk), by=request.user)
    else:
        verb, words = OF_A_VERSION[act]
        verb(_version(estate, pk), by=request.user)
    messages.success(request, words)
    return redirect("estates:keep", estate.slug)


def _version(estate, pk):
    rows = FactVersion.objects.select_related("fact")
    return get_object_or_404(rows, fact__estate=estate, pk=pk)


def _agree(request, estate):
    form = AgreementForm(request.POST)
    if not form.is_valid():
        return _page(request, estate, status=400, agreement=form)
    data = form.cleaned_data
    estates.agree(estate, rule=data["rule"], on=data["on"], by=request.user)
    messages.success(request, _("写上了，骑手看得到。") if data["rule"] else _("撤下了。"))
    return redirect("estates:keep", estate.slug)


def _phoned(request, estate):
    version = _version(estate, whole_number(request.POST.get("row")))
    form = PhonedForm(request.POST)
    if not form.is_valid():
        return _page(request, estate, status=400, phoned=(version.pk, form))
    facts.confirm(version, by=request.user, phoned_on=form.cleaned_data["phoned_on"])
    messages.success(request, _("记下了：打物业电话核过。"))
    return redirect("estates:keep", estate.slug)


def _give_link(request, estate):
    """The key is shown on this answer and never again."""
    key = property_links.give(estate, by=request.user)
    address = request.build_absolute_uri(reverse("estates:property", args=[key]))
    return _page(request, estate, given=address)


def _renew_code(request, estate):
    property_links.renew_code(estate, by=request.user)
    messages.success(request, _("换了新码，打电话告诉物业。"))
    return redirect("estates:keep", estate.slug)


def _revoke(request, estate):
    property_links.revoke(estate, by=request.user)
    messages.success(request, _("链接收回了，打不开了。"))
    return redirect("estates:keep", estate.slug)


FORMS = {
    "agree": _agree,
    "phoned": _phoned,
    "give_link": _give_link,
    "renew_code": _renew_code,
    "revoke": _revoke,
}


def _page(request, estate, *, status=200, agreement=None, phoned=(None, None), given=""):
    page = presenter.page_of(estate, user=request.user)
    initial = {"rule": estate.agreement, "on": estate.agreed_on}
    context = {
        "estate": estate,
        "rows": [(row, _phoned_form(row, phoned)) for row in page.all_rows],
        "agreement": agreement or AgreementForm(initial=initial),
        "link": PropertyLink.objects.filter(estate=estate).first(),
        "given": given,
    }
    return render(request, "stations/estates/keep.html", context, status=status)


def _phoned_form(row, phoned):
    key, form = phoned
    if row.newest is not None and row.newest.pk == key:
        return form
    return PhonedForm(auto_id=f"v{row.fact.pk}-%s")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_estates(request):
    """Names and points from a file: all of it, or nothing with what is wrong in each row."""
    if not access.can_import(request.user):
        raise PermissionDenied
    form = ImportForm(*_sent(request), user=request.user)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        count, known = importing.store(form.read, form.cleaned_data["community"], by=request.user)
        messages.success(
            request, _("导入了 %(n)d 个，%(known)d 个原来就有。") % {"n": count, "known": known}
        )
        return redirect("estates:estates")
    return render(request, "stations/estates/import.html", {"form": form}, status=status)


def _sent(request):
    return (request.POST, request.FILES) if request.method == "POST" else ()
