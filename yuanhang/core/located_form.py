"""Coordinates in a form of the admin: picked on our map or typed in any datum, stored as WGS-84."""

from typing import Any

from django import forms
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from yuanhang.core import geo
from yuanhang.core.models import Located

DATUM_LABEL = _("坐标是从哪儿抄的")
DATUM_HELP = _("高德、腾讯地图选 GCJ-02，百度选 BD-09，保存时会换成 WGS-84。")
DIGITS = 7  # about a centimetre


def to_wgs84(latitude: float, longitude: float, datum: str) -> tuple[float, float]:
    """A pair of degrees in WGS-84, whatever datum it was given in."""
    if datum == Located.Datum.WGS84:
        return latitude, longitude
    latitude, longitude = geo.DATUMS[datum](latitude, longitude)
    return round(latitude, DIGITS), round(longitude, DIGITS)


class DatumField(forms.ChoiceField):
    """The datum of what stands in the form. What is stored is WGS-84, and so the form begins."""

    def __init__(self, **kwargs):
        kwargs = {"label": DATUM_LABEL, "help_text": DATUM_HELP} | kwargs
        super().__init__(choices=Located.Datum.choices, required=False, **kwargs)

    def clean(self, value):
        # A form that leaves it out speaks of what is stored.
        return super().clean(value) or Located.Datum.WGS84


class PinMapInput(forms.Widget):
    """Our own map, where a tap fills the coordinates beside it; without scripts a line of words."""

    template_name = "core/pin_map_input.html"

    class Media:
        js = (forms.Script("js/map/pin-later.js", defer=True),)

    def id_for_label(self, id_):
        # There is nothing to type into.
        return ""


class PinMapField(forms.Field):
    """A field with no value of its own."""

    def __init__(self):
        super().__init__(label=_("地图"), required=False, disabled=True, widget=PinMapInput)


class LocatedForm(forms.ModelForm):
    """A form of a `Located` row: latitude and longitude mean what `datum` says."""

    pin_map = PinMapField()
    datum = DatumField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["datum"] = Located.Datum.WGS84

    @cached_property
    def changed_data(self):
        """With both coordinates where the datum alone changes what they mean."""
        names = super().changed_data
        if "datum" in names:
            pair = {"latitude", "longitude"}.intersection(self.fields)
            names = [*names, *sorted(pair.difference(names))]
        return names

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        latitude, longitude = cleaned.get("latitude"), cleaned.get("longitude")
        given = cleaned.get("datum", Located.Datum.WGS84)
        if None not in (latitude, longitude) and given != Located.Datum.WGS84:
            pair = to_wgs84(latitude, longitude, given)
            cleaned["latitude"], cleaned["longitude"] = pair
        elif self.instance.pk and not {"latitude", "longitude"}.intersection(self.changed_data):
            # Nothing new was typed: where the point once came from stays known.
            cleaned["datum"] = self.instance.datum
        return cleaned


def located_form(form: Any, model: type[models.Model]) -> Any:
    """The form that an admin of `model` uses: for rows with a point, one that converts it."""
    if not issubclass(model, Located) or issubclass(form, LocatedForm):
        return form
    return type(form.__name__, (LocatedForm, form), {})


def with_map(fieldsets: Any, model: type[models.Model], *, is_edited: bool) -> Any:
    """Fieldsets with the map before the coordinates, and the datum behind them.

    Where nothing `is_edited` there is no map to pick on.
    """
    if not issubclass(model, Located):
        return fieldsets
    return [
        (name, {**options, "fields": _with_map(options["fields"], is_edited)})
        for name, options in fieldsets
    ]


def _with_map(fields: Any, is_edited: bool) -> list[Any]:
    rest = [field for field in fields if field not in ("datum", "pin_map")]
    if "longitude" not in rest:
        return [field for field in fields if field != "pin_map"]
    first, place = rest.index("latitude"), rest.index("longitude") + 1
    shown = ["pin_map"] if is_edited else []
    return [*rest[:first], *shown, *rest[first:place], "datum", *rest[place:]]
