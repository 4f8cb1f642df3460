"""The property's page, without an account: a link and six digits open it, and only buttons act."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stations.estates import facts, presenter, property_links
from stations.estates.device_keys import device_key, is_in, let_in
from stations.estates.forms import AskDownForm, CodeForm
from stations.estates.models import EstateFact, FactVersion
from yuanhang.core.accounts import remembers_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import whole_number
from yuanhang.core.text import only_digits

REFUSALS_SHOWN = 5


@never_cache
@remembers_device
@require_http_methods(["GET", "HEAD", "POST"])
def by_property(request, key):
    """The code is asked for; then each fact with 「对」 and 「请社区撤下」."""
    link = property_links.find(key)
    if link is None:
        raise Http404
    if not is_in(request, link):
        return _ask_code(request, link)
    if request.method != "POST":
        return _page(request, link)
    try:
        messages.success(request, _act(request, link.estate))
    except NotAllowedNowError as refused:
        messages.error(request, refused.message)
    return redirect(request.path)


def _ask_code(request, link):
    """A look spends nothing; a wrong code is counted for this device."""
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            code = only_digits(form.cleaned_data["code"])
            opened = property_links.open_with(link, code, device=device_key(request))
            response = redirect(request.path)
            let_in(response, opened, path=request.path, is_secure=request.is_secure())
            return response
        except property_links.WrongCodeError as refused:
            form.add_error("code", refused.message)
    context = {"estate": link.estate, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "stations/estates/property_code.html", context, status=status)


def _act(request, estate):
    """What a button does; returns what is said of it."""
    act, pk = request.POST.get("act"), whole_number(request.POST.get("row"))
    if act == "confirm":
        rows = FactVersion.objects.select_related("fact").filter(fact__estate=estate)
        facts.confirm_by_property(get_object_or_404(rows, pk=pk), estate=estate)
        return _("记下了，骑手看得到是物业核过的。")
    if act == "down":
        form = AskDownForm(request.POST)
        if not form.is_valid():
            raise NotAllowedNowError(next(iter(form.errors.values()))[0])
        fact = get_object_or_404(EstateFact, estate=estate, pk=pk)
        facts.ask_down(fact, words=form.cleaned_data["why"], estate=estate)
        return _("社区收到了，看过就处理。")
    raise Http404


def _page(request, link):
    page = presenter.page_of(link.estate, user=presenter.GUEST, is_property=True)
    context = {
        "estate": link.estate,
        "refusals": link.estate.refusals.all()[:REFUSALS_SHOWN],
        "rows": [(row, AskDownForm(auto_id=f"f{row.fact.pk}-%s")) for row in page.rows],
        "waiting": page.waiting,
    }
    return render(request, "stations/estates/property.html", context)
