"""Whether the server lives, for whatever watches it."""

from django.db import DatabaseError, connection
from django.http import HttpResponse


def healthz(request):
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request):
    """The process answers and reaches its database; 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return HttpResponse("no database\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")
