"""Whether the server lives and works, for whatever watches it."""

from django.http import HttpResponse

from yuanhang.core.outage import works_without_database
from yuanhang.core.readiness import faults


@works_without_database
def healthz(request):
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@works_without_database
def readyz(request):
    """Whether everything works that pages need; 503 with a line for each fault otherwise."""
    found = faults()
    lines = "".join(f"{line}\n" for line in found) or "ready\n"
    return HttpResponse(lines, content_type="text/plain", status=503 if found else 200)
