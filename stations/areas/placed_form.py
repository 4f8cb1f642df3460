"""Where something is, in a form of a page: by point, landmark, grid or words; for every room."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid, Landmark
from yuanhang.core import geo
from yuanhang.core.fields import DrawnSelect, KeptRowField, WordsField, options_of
from yuanhang.core.kept_answers import kept

PLACE_MAX = 120
# How a place was told: the keys that rows store.
DEVICE, PIN, LANDMARK, GRID, WORDS, NONE = "device", "pin", "landmark", "grid", "words", "none"


@kept("stations_grid", "stations_community")
def grids():
    """Every grid with its community, by its key as a text; kept until one changes.

    Without the boundary, which would be the most of it.
    """
    rows = Grid.objects.select_related("community").defer("boundary")
    return {str(row.pk): row for row in rows}


@kept("stations_grid", "stations_community")
def grid_options():
    """Every grid with its community, as options: a town has 1,200; kept until one changes."""
    rows = Grid.objects.select_related("community")
    return options_of((grid.pk, f"{grid.community} · {grid}") for grid in rows)


class GridOfCommunityField(KeptRowField):
    """Grids with their community: whoever stands in the street does not know which is which."""

    widget = DrawnSelect(grid_options)


def place_field():
    """The words of a place, with landmarks offered while one types."""
    return WordsField(
        max_length=PLACE_MAX,
        required=False,
        label=_("地点或地标"),
        help_text=_("没有定位就补一句，找得快。"),
        widget=forms.TextInput(
            attrs={
                "list": "landmarks",
                "autocomplete": "off",
                "placeholder": _("如：南六街与外环路口"),
            }
        ),
    )


def grid_field():
    """A choice among all grids."""
    return GridOfCommunityField(
        Grid.objects.select_related("community"),
        rows=grids,
        required=False,
        label=_("网格"),
        empty_label=_("不清楚"),
        error_messages={"invalid_choice": _("没有这个网格，请重新选。")},
    )


class PlacedForm(forms.Form):
    """A place. Cleans to `point` (`geo.Point` in WGS-84 or None), `grid`, `community` (one that
    lies nearest where no grid holds the point, else None) and `source`, how it was told.
    """

    place = WordsField(max_length=PLACE_MAX, required=False, label=_("在哪里"))
    grid = KeptRowField(
        Grid.objects.select_related("community"),
        rows=grids,
        required=False,
        label=_("网格"),
        empty_label=_("不清楚"),
        error_messages={"invalid_choice": _("没有这个网格，请重新选。")},
    )
    latitude = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    longitude = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    accuracy = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    datum = forms.CharField(required=False, widget=forms.HiddenInput, max_length=10)
    pinned = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self):
        data = super().clean()
        data["point"] = self._point(data)
        pointed = PIN if data.get("pinned") else DEVICE
        data["source"] = pointed if data["point"] else NONE
        data["community"] = None
        if data["point"]:
            self._locate(data)
        else:
            self._place(data)
        return data

    def _point(self, data):
        try:
            return geo.parse_point(
                data.get("latitude"),
                data.get("longitude"),
                data.get("accuracy"),
                data.get("datum") or "wgs84",
            )
        except geo.InvalidPointError as error:
            self.add_error(None, ValidationError(error.message, code="point"))
            return None

    def _locate(self, data):
        """Find the grid of the point; the polygons know better than the sender."""
        point = data["point"]
        found = Grid.objects.containing(point.latitude, point.longitude)
        if found:
            data["grid"] = found
            return
        data["grid"] = None
        community, metres = Community.objects.nearest(point.latitude, point.longitude)
        if metres is not None and metres > settings.FAR_AWAY_METRES:
            message = _("这个位置离我们有 %(far)s，像在别的城市。去掉位置，写上地点再发。") % {
                "far": geo.distance_in_words(metres)
            }
            self.add_error(None, ValidationError(message, code="far"))
        data["community"] = community

    def _place(self, data):
        """Without a point a known landmark has one; else a grid, else words."""
        words = data.get("place")
        landmark = (
            Landmark.objects.select_related("community").filter(name=words).first()
            if words
            else None
        )
        if landmark:
            data["source"] = LANDMARK
            data["community"] = landmark.community
            if landmark.has_point:
                data["point"] = geo.Point(landmark.latitude, landmark.longitude, None, "wgs84")
                data["grid"] = Grid.objects.containing(landmark.latitude, landmark.longitude)
        elif data.get("grid"):
            data["source"] = GRID
        elif words:
            data["source"] = WORDS
