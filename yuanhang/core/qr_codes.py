"""QR codes of our own addresses, drawn by segno.

The library is loaded once somebody asks for a code: a process that draws none does without it.
"""

import io
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe


def _code(address: str) -> Any:
    return import_module("segno").make(address, error="m")


def qr_response(path: str) -> HttpResponse:
    """The QR code of a page of ours, `path` from its slash on, as an SVG picture."""
    out = io.BytesIO()
    _code(f"{settings.SITE_URL}{path}").save(out, kind="svg", scale=8, border=2, xmldecl=False)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


def qr_inline(address: str, *, scale: int) -> SafeString:
    """The QR code of a whole address of ours as markup for a page, black on white at night too."""
    drawn: str = _code(address).svg_inline(scale=scale, border=2, light="#fff")
    return mark_safe(drawn)  # noqa: S308 - drawn by us from our own address
