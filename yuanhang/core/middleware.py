"""Packed pages, our own error pages also in the demo, and the way through the log-in and back."""

import codecs
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from yuanhang.core.errors import ErasuresUnwritableError
from yuanhang.core.http import bad_request, to_login
from yuanhang.core.kept_answers import one_reading


class PackedPagesMiddleware(GZipMiddleware):
    """Packs pages and data. Pictures, sound and Excel files are packed already, and a part of a
    file must stay as it was asked for.

    Django adds bytes of its own to what it packs and masks the CSRF token anew in each answer:
    that keeps the length of a page from telling what is in it (BREACH).
    """

    PACKED = ("text/", "application/json")

    def process_response(self, request, response):
        """The answer packed where it pays, else as it was."""
        kind = response.get("Content-Type", "")
        if getattr(response, "streaming", False) or not kind.startswith(self.PACKED):
            return response
        return super().process_response(request, response)


class KeptAnswersMiddleware:
    """Lets a request ask once whether what this process has kept is still so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with one_reading():
            return self.get_response(request)


class PlainErrorsMiddleware:
    """Shows our page where Django shows an empty one, or in the demo its technical 404 page.

    A newcomer who mistypes an address in the demo should see the product, not its URL patterns.
    Errors in the code keep Django's page: whoever runs the demo from a checkout wants it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        technical = (
            settings.DEBUG
            and settings.DEMO
            and response.status_code == 404
            and not getattr(response, "streaming", False)
            and b"DEBUG = True" in response.content
        )
        if technical:
            return render(request, "404.html", status=404)
        if response.status_code == 405 and request.method == "GET":
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request, error):
        """Whatever a page would delete stays while its deletion cannot be put on the list."""
        if not isinstance(error, ErasuresUnwritableError):
            return None
        return render(request, "core/not_now.html", {"words": error.message}, status=503)


class PermissionsPolicyMiddleware:
    """Says with each page what it may ask the browser for: position and microphone, no more."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class OddRequestsMiddleware:
    """Turns away what no browser sends, before anybody spends time on it.

    An address with a NUL is nobody's: the database takes none, and would fail on it. A form in
    another encoding is refused by Django, which in the demo draws its technical page about it,
    with all that the request held: seconds of a core for a few bytes.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info:
            raise Http404
        if request.content_type == "application/x-www-form-urlencoded" and not _is_utf8(request):
            return bad_request(request, None)
        return self.get_response(request)


def _is_utf8(request):
    try:
        return codecs.lookup(request.content_params.get("charset", "utf-8")).name == "utf-8"
    except LookupError:
        return True  # Django does not know it either, and reads UTF-8


class BackToThePageMiddleware:
    """Leads whoever must log in first to the log-in page, and from there back to a page.

    The address of a form that was sent cannot be come back to: the next address is the page it
    stood on. htmx would put the log-in page into a corner of that page, so it is told to leave.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        own = redirect_to_login(request.get_full_path()).url
        if getattr(response, "url", "") != own or not (request.htmx or request.method == "POST"):
            return response
        came_from = request.headers.get("Referer", "")
        if not url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
            return to_login(request, reverse("home"))
        return to_login(request, _page(urlsplit(came_from)._replace(scheme="", netloc="")))


def _page(address):
    """The address, or where it is a button's the page that the button stands on."""
    try:
        view, _args, kwargs = resolve(address.path)
    except Resolver404:
        return address.geturl()
    page = getattr(view, "page", None)
    return page(**kwargs) if page else address.geturl()
