"""Small answers used by every room: fragment or page, safe next, error pages."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect


def page_or_fragment(request, page, fragment, context, status=200):
    """The fragment for htmx, the page that includes it for everybody else."""
    is_fragment = request.htmx and not request.htmx.history_restore_request
    response = render(request, fragment if is_fragment else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def safe_next(request, default):
    """The local address asked for in `next`, else `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    # A word without a slash would be looked up as a view's name by `redirect`.
    allowed = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed else default


def to_login(request, target):
    """The log-in page, and from there back to the page `target`: a POST cannot be come back to."""
    if request.method == "POST":
        messages.info(request, _("要先登录。刚才那一步没存上，登录后再点一次。"))
    answer = redirect_to_login(target)
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer


def stands_on(name, *keys):
    """Marks a view that only takes a POST with the page its button stands on.

    `name` is that page's route, `keys` are the parts of the view's own address it needs. A form
    that came back with an error is shown at the button's address, which cannot be come back to.
    """

    def mark(view):
        view.page = lambda **own: reverse(name, kwargs={key: own[key] for key in keys})
        return view

    return mark


def whole_number(text):
    """What a form or an address says as a primary key, or 0, which no row has."""
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


def error_page(request, status):
    return render(request, f"{status}.html", {"home": reverse("home")}, status=status)


def bad_request(request, exception=None):
    """400: what was sent cannot be read."""
    return error_page(request, 400)


def forbidden(request, exception=None):
    """403: known here, but not entitled."""
    return error_page(request, 403)


def not_found(request, exception=None):
    """404: not there, or not theirs."""
    return error_page(request, 404)
