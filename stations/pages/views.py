"""A page or a card."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from stations.pages.models import Page
from stations.pages.presenter import view_of


@require_safe
def page(request, slug):
    """One page; a card in large type, with its numbers to dial."""
    view = view_of(get_object_or_404(Page, slug=slug))
    context = {"view": view, "address": request.build_absolute_uri(view.page.get_absolute_url())}
    name = "card" if view.page.is_card else "page"
    return render(request, f"stations/pages/{name}.html", context)
