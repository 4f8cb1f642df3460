"""The ground of every map, for everybody."""

from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from stations.streets import ground

A_YEAR = 365 * 24 * 3600


@require_safe
def ground_data(request, version):
    """The ground as JSON; no login, no cases. Whoever asks for an old version gets today's."""
    now = ground.version()
    response = HttpResponse(ground.packed(now), content_type="application/json")
    if version == now:
        patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=60)
    return response
