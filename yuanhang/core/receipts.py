"""Receipts: whoever sends something without an account reads on by a link that nobody can guess.

The link is the key. The phone that sent it may keep it (`static/js/receipts.js`); the server keeps
no list of who holds which.
"""

import secrets
from uuid import UUID

from django.http import HttpResponse


def make_token() -> str:
    """The random part of a receipt's address: 192 bits, 32 characters."""
    return secrets.token_urlsafe(24)


def as_private(response: HttpResponse) -> HttpResponse:
    """Keep a receipt's page out of shared caches and search engines; returns it."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def parse_key(text: object) -> UUID | None:
    """The key that a form sends to be taken once, as a UUID of the random kind, or None."""
    try:
        key = UUID(str(text or ""))
    except ValueError:
        return None
    return key if key.version == 4 else None
