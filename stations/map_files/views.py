"""The files that map vendors fetch."""

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from stations.map_files import map_files


@require_safe
def places_csv(request):
    """CSV in the datum that `?datum=` names: wgs84 (the default), gcj02 or bd09."""
    datum = request.GET.get("datum", "wgs84").lower()
    if datum not in map_files.TO_DATUM:
        raise Http404
    answer = HttpResponse(map_files.csv_of(datum), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="stations-{datum}.csv"'
    return answer


@require_safe
def places_geojson(_request):
    """GeoJSON in WGS-84."""
    words = {"ensure_ascii": False}
    kind = "application/geo+json"
    return JsonResponse(map_files.geojson(), content_type=kind, json_dumps_params=words)
