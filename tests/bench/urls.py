"""The product's addresses, and bare pages that show what Django alone costs here."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_POST

from yuanhang.core.models import ReferenceRow

BARE = engines["django"].from_string("<!doctype html><title>bare</title><p>{{ request.user }}</p>")


@login_required
def bare(request):
    """A page with the same log-in and middleware, and nothing on it."""
    return HttpResponse(BARE.render({}, request))


@require_POST
def bare_row(request):
    """One row from a form."""
    ReferenceRow.objects.create(name=request.POST["name"])
    return HttpResponse(status=204)


urlpatterns = [
    path("bench/bare/", bare),
    path("bench/row/", bare_row),
    path("", include("yuanhang.urls")),
]
