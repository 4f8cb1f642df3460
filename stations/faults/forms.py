"""A tap: what is wrong, of which thing, and a few words if somebody likes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from stations.faults.models import FacilityFault, FaultTap
from stations.houses.models import Facility
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import PhotoTiles, SubmitButton, Tiles, YuanhangHelper
from yuanhang.core.uploads.fields import PhotosField

WORDS_MAX = FaultTap._meta.get_field("words").max_length
ANSWER_MAX = FacilityFault._meta.get_field("answer").max_length


class TellForm(forms.Form):
    """One tap; which button was pressed says the kind."""

    kind = forms.ChoiceField(choices=FacilityFault.Kind.choices)
    facility = forms.ModelChoiceField(
        Facility.objects.none(),
        required=False,
        error_messages={"invalid_choice": _("没有这样东西，刷新一下再点。")},
    )
    words = WordsField(max_length=WORDS_MAX, required=False, label=_("补一句，可以不写"))

    photos = PhotosField(limit=1, label=_("拍一张（只有驿站看得到）"))

    helper = YuanhangHelper(
        "words",
        Tiles(PhotoTiles("photos"), most=1),
        SubmitButton(_("补上"), css_class="btn-outline"),
        tag=False,
    )

    def __init__(self, *args, station, **kwargs):
        super().__init__(*args, **kwargs)
        of_things = [kind for kind in FacilityFault.Kind if kind not in FacilityFault.OF_THE_HOUSE]
        kinds = [*FacilityFault.kinds_of(station), *of_things]
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["facility"].queryset = Facility.objects.filter(zone__station=station)

    def clean(self):
        data = super().clean()
        is_of_house = data.get("kind") in FacilityFault.OF_THE_HOUSE
        thing = data.get("facility")
        if not self.errors and is_of_house != (thing is None):
            raise forms.ValidationError(_("点一样东西，或者点门。"), code="what")
        is_dry = data.get("kind") == FacilityFault.Kind.EMPTY
        if thing and is_dry and thing.kind != Facility.Kind.WATER:
            raise forms.ValidationError(_("这样东西没有水，点「坏了」。"), code="what")
        return data


class AnswerForm(forms.Form):
    """What staff know or do about it."""

    answer = WordsField(max_length=ANSWER_MAX, label=_("回一句"))

    helper = YuanhangHelper("answer", SubmitButton(_("回话"), css_class="btn-outline"), tag=False)
