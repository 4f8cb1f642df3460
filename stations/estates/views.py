"""Finding an estate, reading how to get in, writing it, and saying that it is right."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stations.estates import access, facts, presenter, search
from stations.estates.drawn_map import SHEET_HEIGHT, SHEET_WIDTH, map_of
from stations.estates.forms import SearchForm, form_of, initial_of
from stations.estates.models import Estate, EstateFact, FactPhoto, FactVersion
from yuanhang.core import files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on, whole_number
from yuanhang.core.paging import NEWEST_FIRST, Column, page_of, read_number, read_text
from yuanhang.core.qr_codes import qr_response
from yuanhang.core.uploads.fields import sent_by

PAGE_SIZE = 30
BY_NAME = (Column("name", read_text), Column("pk", read_number))


@require_safe
def estates(request):
    """All of them by name, or those that are looked for; each with the gate to take now."""
    form = SearchForm({"q": request.GET.get("q", "")})
    form.is_valid()
    query = search.query_of(form.cleaned_data.get("q", ""))
    found = search.matching(query) & Estate.objects.visible_to(request.user)
    page = page_of(found, request.GET.get("after", ""), PAGE_SIZE, BY_NAME)
    context = {
        "form": form,
        "asked": form.cleaned_data.get("q", ""),
        "building": query.building,
        "rows": presenter.list_rows(page.rows, query.building),
        "following": page.following,
        "may_import": access.can_import(request.user),
    }
    return render(request, "stations/estates/estates.html", context)


def _find(request, slug):
    return get_object_or_404(Estate.objects.visible_to(request.user), slug=slug)


@require_safe
def estate(request, slug):
    """The gate for an e-bike now, why to believe it, the map, and each fact."""
    found = _find(request, slug)
    building = search.number_of(request.GET.get("building", "")[: search.TEXT_MAX])
    page = presenter.page_of(found, user=request.user, building=building)
    context = {"estate": found, "page": page, "map": map_of(page), "kinds": EstateFact.SEALS}
    return render(request, "stations/estates/estate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def write(request, slug, kind):
    """A new fact of one kind."""
    if kind not in EstateFact.Kind.values:
        raise Http404
    found = _find(request, slug)
    if not access.can_write(request.user, found):
        raise PermissionDenied
    form = form_of(kind)(*_sent(request), kind=kind, label_suffix="")
    if request.method == "POST" and sent_by(form, request.user).is_valid():
        try:
            version = facts.write(
                found,
                kind,
                form.content(),
                by=request.user,
                photos=tuple(form.cleaned_data["photos"]),
            )
            return _written(request, found, version)
        except NotAllowedNowError as refused:
            form.add_error(None, refused.message)
    return _form_page(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correct(request, slug, pk):
    """Say a fact otherwise; what it says now stands in the form."""
    found = _find(request, slug)
    if not access.can_write(request.user, found):
        raise PermissionDenied
    fact = get_object_or_404(EstateFact, estate=found, pk=pk, taken_down_at=None)
    newest = fact.versions.filter(ended_at=None).order_by("-pk").first()
    if newest is None:
        raise Http404
    form = form_of(fact.kind)(
        *_sent(request), kind=fact.kind, initial=initial_of(newest), label_suffix=""
    )
    if request.method == "POST" and sent_by(form, request.user).is_valid():
        try:
            version = facts.correct(
                fact,
                form.content(),
                by=request.user,
                seen=form.cleaned_data["seen"] or 0,
                photos=tuple(form.cleaned_data["photos"]),
            )
            return _written(request, found, version)
        except NotAllowedNowError as refused:
            form.add_error(None, refused.message)
    return _form_page(request, found, form, fact=fact)


def _sent(request):
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _written(request, found, version):
    done = (
        _("写上了。")
        if version.confirmed_at
        else _("记下了，谢谢。再有两个骑手说对，大家就看得到。")
    )
    messages.success(request, done)
    return redirect(found)


def _form_page(request, found, form, *, fact=None):
    context = {"estate": found, "form": form, "fact": fact, "kind": form.kind}
    status = 400 if form.is_bound else 200
    return render(request, "stations/estates/write.html", context, status=status)


@require_POST
@stands_on("estates:estate", "slug")
@login_required
def confirm(request, slug):
    """「对」 to one version, or 「都对」 to all that stand on the page."""
    found = _find(request, slug)
    if not access.can_write(request.user, found):
        raise PermissionDenied
    keys = [whole_number(key) for key in request.POST.getlist("version")]
    rows = FactVersion.objects.standing().filter(pk__in=keys, fact__estate=found)
    done, why = 0, _("没有要核的，刷新一下再看。")
    for version in rows.select_related("fact").order_by("pk"):
        try:
            facts.confirm(version, by=request.user)
            done += 1
        except NotAllowedNowError as refused:
            why = refused.message
    if done:
        messages.success(request, _("记下了 %(n)d 条，谢谢。") % {"n": done})
    else:
        messages.error(request, why)
    return redirect(found)


@require_safe
def history(request, slug, pk):
    """What a fact said before, and who said so by role; what was never confirmed only for staff."""
    found = _find(request, slug)
    fact = get_object_or_404(EstateFact, estate=found, pk=pk, taken_down_at=None)
    versions = fact.versions.order_by("-pk")
    if not access.can_keep(request.user, found):
        versions = versions.exclude(confirmed_at=None)
    page = page_of(versions, request.GET.get("before", ""), PAGE_SIZE, NEWEST_FIRST)
    context = {
        "estate": found,
        "fact": fact,
        "versions": [presenter.told_version(version) for version in page.rows],
        "following": page.following,
        "may_keep": access.can_keep(request.user, found),
    }
    return render(request, "stations/estates/history.html", context)


@require_safe
@login_required
def photo(request, pk):
    """A photo of a fact, for confirmed workers and the estate's staff; strangers get 404."""
    rows = FactPhoto.objects.select_related("version__fact__estate")
    found = get_object_or_404(rows.filter(version__fact__taken_down_at=None), pk=pk)
    place = found.version.fact.estate
    is_over = found.version.ended_at is not None and not access.can_keep(request.user, place)
    if is_over or not access.can_see_photos(request.user, place):
        raise Http404
    size = "thumb" if "thumb" in request.GET else "page"
    return files.stream(request, found.file_of(size), "image/jpeg")


@require_safe
def sheet(request, slug):
    """The map of the gates, for the property to hang up: A4, with a QR code to the page."""
    found = get_object_or_404(Estate.objects.listed(), slug=slug)
    page = presenter.page_of(found, user=presenter.GUEST)
    drawn = map_of(page, width=SHEET_WIDTH, height=SHEET_HEIGHT)
    context = {"estate": found, "page": page, "map": drawn, "today": timezone.localdate()}
    return render(request, "stations/estates/sheet.html", context)


@require_safe
def sheet_code(request, slug):
    """The QR code as SVG."""
    found = get_object_or_404(Estate.objects.listed(), slug=slug)
    return qr_response(found.get_absolute_url())
