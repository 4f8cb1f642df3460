"""Somebody is missing: the page for the people of the community, and the photo."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from volunteers.searches import access, searches
from volunteers.searches.models import SearchNotice
from volunteers.searches.presenter import search_page_of
from yuanhang.core import files
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import bad_request, whole_number

# By the value of the button that was pressed.
MARKS = {"seen": searches.mark_area, "unseen": searches.unmark_area}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def search(request, pk):
    """Whom we look for and where nobody looked yet; a form sent here marks a grid, or the end.

    Whoever registered and was not confirmed yet reads clothes, rough place and 110, no more.
    """
    visible = SearchNotice.objects.visible_to(request.user).select_related("community", "photo")
    notice = get_object_or_404(visible, pk=pk)
    may_end = access.can_end_search(request.user, notice)
    may_see = access.can_see_person(request.user, notice)
    if request.method == "POST":
        if not may_see:
            raise PermissionDenied
        return _act(request, notice, may_end=may_end)
    page = search_page_of(notice, request.user) if notice.is_running and may_see else None
    context = {"notice": notice, "may_end": may_end, "page": page}
    response = render(request, "volunteers/searches/search.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _act(request, notice, *, may_end):
    act, anchor = request.POST.get("act"), ""
    try:
        if act == "found":
            if not may_end:
                raise PermissionDenied
            searches.end(notice, by=request.user)
            messages.success(request, _("太好了。照片和名字一小时内删掉，也会告诉大家。"))
        elif act in MARKS:
            pk = whole_number(request.POST.get("grid"))
            grid = get_object_or_404(notice.community.grids, pk=pk)
            MARKS[act](notice, grid, by=request.user)
            # Where the tap was: the row, or the map above. There it shows what became of it.
            anchor = "#map" if request.POST.get("at") == "map" else f"#grid-{grid.pk}"
        else:
            return bad_request(request)
    except NotAllowedNowError as error:
        messages.error(request, error.message)
    return redirect(notice.get_absolute_url() + anchor)


@require_safe
@login_required
def search_photo(request, pk):
    """The photo while the search runs; no browser keeps it, so that none outlives the search."""
    visible = SearchNotice.objects.visible_to(request.user).select_related("photo")
    notice = get_object_or_404(visible, pk=pk)
    if not access.can_see_person(request.user, notice):
        raise PermissionDenied
    if not notice.is_running or not hasattr(notice, "photo"):
        raise Http404
    response = files.stream(request, notice.photo.image, "image/jpeg")
    response["Cache-Control"] = "no-store"
    return response
