"""What a map asks for: the box it shows."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core import geo

# The whole world: what a map shows before it knows better.
EVERYWHERE = (-90.0, -180.0, 90.0, 180.0)


class BoxForm(forms.Form):
    """`bbox`: west, south, east, north in WGS-84 degrees, as map libraries write it."""

    bbox = forms.CharField(required=False, max_length=120)

    def clean_bbox(self):
        """(south, west, north, east), cut to the globe; without a box everywhere."""
        text = self.cleaned_data["bbox"]
        if not text:
            return EVERYWHERE
        numbers = [geo.parse_number(part) for part in text.split(",")]
        if len(numbers) != 4 or None in numbers:
            raise ValidationError(_("看不懂这块地方。"), code="bbox")
        west, south, east, north = numbers
        if west > east or south > north:
            raise ValidationError(_("这块地方的角写反了。"), code="bbox")
        return max(south, -90.0), max(west, -180.0), min(north, 90.0), min(east, 180.0)
