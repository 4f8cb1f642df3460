"""QR codes, drawn by segno."""

import io

import segno
from django.conf import settings
from django.http import HttpResponse


def qr_response(path: str) -> HttpResponse:
    """The QR code of a page of ours, `path` from its slash on, as an SVG picture."""
    out = io.BytesIO()
    code = segno.make(f"{settings.SITE_URL}{path}", error="m")
    code.save(out, kind="svg", scale=8, border=2, xmldecl=False)
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")
