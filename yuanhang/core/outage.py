"""What people see while the database is away or frozen: 503, whom to call, and what they typed.

Nothing here asks the database. A server that refuses at once costs nothing; one that is silent
costs each request seconds, so after such a one the next are answered without asking, for a while.
"""

import logging
import sys
import time

import psycopg2
from django.core.signals import got_request_exception
from django.db import Error, InterfaceError, OperationalError, connections
from django.dispatch import receiver
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from yuanhang.core import aged_forms

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10
SLOW_SECONDS = 2.0
REST_SECONDS = 5.0

_rests_until = [0.0]


# What is_away may be asked about: Django's errors, and psycopg2's own, which leave the reading of a
# long answer (a cursor on the server) as they are.
ERRORS = (Error, psycopg2.Error)


def is_away(error):
    """Whether the database could not be asked, rather than that it refused."""
    away = (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError)
    if isinstance(error, away):
        return True
    # Of a connection that broke while it was waited for psycopg2 says no more than "an error", and
    # no code: the server had no time to send one.
    said = error if isinstance(error, psycopg2.Error) else error.__cause__
    return type(said) is psycopg2.DatabaseError and said.pgcode is None


def works_without_database(view):
    """Marks a view that answers also while the database rests."""
    view.works_without_database = True
    return view


class OutageMiddleware:
    """Answers 503 where the database could not be asked, by a view or by another middleware."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.began = time.monotonic()
        response = self.get_response(request)
        if response.status_code == 500 and getattr(request, "database_is_away", False):
            response = outage_page(request)
        if response.status_code == 503:
            _rest_if_slow(request)  # also where a view answered for itself
            response.setdefault("Retry-After", str(RETRY_SECONDS))
        return response

    def process_view(self, request, view, _args, _kwargs):
        """While a silent database rests nobody waits for it."""
        rests = time.monotonic() < _rests_until[0]
        if not rests or getattr(view, "works_without_database", False):
            return None
        own = getattr(view, "outage_page", None)
        if own and request.method == "POST" and aged_forms.is_our_own(request):
            return own(request)
        return outage_page(request)

    def process_exception(self, request, error):
        """A view could not ask the database."""
        if not is_away(error):
            return None
        _note(request, error)
        return outage_page(request)


def _note(request, error):
    logger.warning("the database could not be asked: %s", " ".join(str(error).split()))
    _rest_if_slow(request)
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _rest_if_slow(request):
    """Rest after an answer that took long; one that was given while resting took no time."""
    now = time.monotonic()
    if now - getattr(request, "began", now) > SLOW_SECONDS:
        _rests_until[0] = now + REST_SECONDS


class _NothingToReport:
    """In place of Django's technical page, whose values would be asked of the database again."""

    def __init__(self, *_args, **_kwargs):
        pass

    def get_traceback_html(self):
        return ""

    get_traceback_text = get_traceback_html


@receiver(got_request_exception)
def _away_in_a_middleware(request=None, **_kwargs):
    error = sys.exc_info()[1]
    if request is not None and error is not None and is_away(error):
        request.database_is_away = True
        request.exception_reporter_class = _NothingToReport
        _note(request, error)


def outage_page(request):
    """503 with what was typed; a form from elsewhere gets nothing of it back."""
    aged = None
    if request.method == "POST" and aged_forms.is_our_own(request):
        aged = aged_forms.read(request, keeps_files=False)
    context = {"aged": aged, "csrf_token": get_token(request), "address": request.get_full_path()}
    response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
