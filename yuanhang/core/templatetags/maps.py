"""What every map's element carries."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from yuanhang.core import map_ground

register = template.Library()


@register.simple_tag
def map_attributes(is_rare=False):
    """Addresses, words and, where set, the tiles, as `map/ground.js` reads them.

    One query for the version of the ground, unless the map is opened rarely (`is_rare`).
    """
    values = {
        "ground": map_ground.address(names_version=not is_rare),
        "zoom-in": _("放大"),
        "zoom-out": _("缩小"),
        "note": _("示意图"),
        "landmark": _("标"),
        "station": _("驿"),
        "failed": _("地图没打开，网好一点再试。"),
    }
    if settings.TIANDITU_KEY:
        # Such keys are made for browsers and bound to the site's name at the vendor.
        values["tiles-key"] = settings.TIANDITU_KEY
        values["note"] = _("天地图 %(number)s") % {"number": settings.TIANDITU_NUMBER}
    return format_html_join(" ", 'data-{}="{}"', values.items())


@register.simple_tag
def lazy_map_files():
    """Where a map's files lie, for pages that load them only when somebody asks for the map."""
    values = {
        "leaflet-js": static("leaflet/leaflet.js"),
        "leaflet-css": static("leaflet/leaflet.css"),
        "map-js": static("js/map/ground.js"),
        "map-css": static("css/pages/map.css"),
        "ground-css": static("css/parts/ground.css"),
        "pin-js": static("js/pin.js"),
        "place-map-js": static("js/place-map.js"),
    }
    return format_html_join(" ", 'data-{}="{}"', values.items())
