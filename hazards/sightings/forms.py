"""Covering a picture before everybody may see it, the month somebody looks at, a passer's word."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hazards.sightings.models import Sighting


class SightingForm(forms.Form):
    """`says`: which of the two buttons was pressed."""

    says = forms.ChoiceField(
        choices=Sighting.Says.choices,
        error_messages={
            "required": _("点「还在」或「已修好」。"),
            "invalid_choice": _("点「还在」或「已修好」。"),
        },
    )
