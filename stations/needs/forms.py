"""What somebody needs, and from where they look."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Landmark
from stations.needs.needs import Need, offered
from yuanhang.core.kept_answers import kept


@kept("stations_landmark", "stations_community")
def landmarks():
    """Those with a point, by name; kept until one changes."""
    return tuple(Landmark.objects.exclude(latitude=None).order_by("name"))


class NeedsForm(forms.Form):
    """By GET: nothing personal is in it, a position never."""

    need = forms.TypedMultipleChoiceField(choices=Need.choices, coerce=Need, required=False)
    landmark = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("从哪儿出发")
    )

    def __init__(self, data):
        super().__init__(data, auto_id="needs-%s")
        rows = landmarks()
        self.points = {row.pk: (row.latitude, row.longitude) for row in rows}
        self.fields["landmark"].choices = [
            ("", _("不选也行")),
            *((row.pk, row.name) for row in rows),
        ]

    @property
    def needs(self):
        """Those of the season that were asked for; anything else says nothing."""
        self.is_valid()
        asked = self.cleaned_data.get("need") or ()
        return [need for need in offered(timezone.localdate().month) if need in asked]

    @property
    def point(self):
        """Where somebody stands by a landmark, in WGS-84."""
        self.is_valid()
        return self.points.get(self.cleaned_data.get("landmark"))
