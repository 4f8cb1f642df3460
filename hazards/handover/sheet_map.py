"""A schematic map drawn from our own data: the grid's outline, landmarks near by, the point."""

import math

from stations.areas.models import Landmark

WIDTH, HEIGHT, MARGIN = 360, 240, 14


def sketch_of(hazard):
    """What the SVG needs: the outline, (name, x, y) of landmarks, and the point; None without one.

    North is up; a degree of longitude is narrowed by the cosine of the latitude.
    """
    if not hazard.has_point:
        return None
    ring = hazard.grid.boundary["coordinates"][0] if hazard.grid_id else []
    places = list(Landmark.objects.filter(community_id=hazard.community_id, latitude__isnull=False))
    points = [(lon, lat) for lon, lat, *_rest in ring] or [
        (hazard.longitude - 0.005, hazard.latitude - 0.003),
        (hazard.longitude + 0.005, hazard.latitude + 0.003),
    ]
    project = _projection([*points, (hazard.longitude, hazard.latitude)])
    x, y = project(hazard.longitude, hazard.latitude)
    landmarks = [(place.name, *project(place.longitude, place.latitude)) for place in places]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "outline": " ".join(f"{px},{py}" for px, py in (project(*point) for point in points))
        if ring
        else "",
        "landmarks": [row for row in landmarks if 0 < row[1] < WIDTH - 40 and 10 < row[2] < HEIGHT],
        "x": x,
        "y": y,
    }


def _projection(points):
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min(
        (WIDTH - 2 * MARGIN) / max((east - west) * narrow, 1e-9),
        (HEIGHT - 2 * MARGIN) / max(north - south, 1e-9),
    )
    left = (WIDTH - (east - west) * narrow * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2

    def project(lon, lat):
        return round(left + (lon - west) * narrow * scale, 1), round(top + (north - lat) * scale, 1)

    return project
