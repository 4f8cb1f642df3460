"""Links of an admin page that its viewer may not follow are words: no page leads to a refusal.

Django links every related row that has a page, whoever reads it.
"""

import re

from django.apps import apps
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

LINK = r'<a href="{root}(\w+)/(\w+)/[^"/]+/change/(?:\?[^"]*)?">([^<]*)</a>'


def unlinked(html: str, site: AdminSite, request: HttpRequest) -> str:
    """The page with its links to rows of rooms that the viewer does not enter as plain words."""
    known: dict[tuple[str, str], bool] = {}

    def enters(room: str, noun: str) -> bool:
        if (room, noun) not in known:
            model = apps.all_models.get(room, {}).get(noun)
            made = model is not None and site.is_registered(model)
            known[room, noun] = bool(made) and site.get_model_admin(model).has_view_permission(
                request
            )
        return known[room, noun]

    def word(found: re.Match[str]) -> str:
        return found[0] if enters(found[1], found[2]) else found[3]

    return re.sub(LINK.format(root=re.escape(reverse("admin:index"))), word, html)


def without_dead_links(
    response: TemplateResponse, site: AdminSite, request: HttpRequest
) -> TemplateResponse:
    """The answer, whose page is looked through once it is written; files and redirects as is."""

    def look_through(page: TemplateResponse) -> None:
        page.content = unlinked(page.content.decode(), site, request).encode()

    if isinstance(response, TemplateResponse) and not request.user.is_superuser:
        response.add_post_render_callback(look_through)
    return response
