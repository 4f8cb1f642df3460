"""What people write about an estate: one sentence, of a gate its hours; and what staff do."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.estates.facts import Content
from stations.estates.models import (
    BUILDINGS_MAX,
    Estate,
    EstateFact,
    FactVersion,
)
from stations.estates.search import TEXT_MAX, is_number, number_of
from stations.houses.door_codes import refuse_codes, refuse_names
from yuanhang.core.fields import QueryField, WordsField
from yuanhang.core.form_layout import (
    Fragment,
    PhotoTiles,
    SubmitButton,
    Tiles,
    YuanhangHelper,
)
from yuanhang.core.uploads.fields import PhotosField

Kind = EstateFact.Kind
PHOTOS_MAX = 2
WORDS_MAX = FactVersion._meta.get_field("words").max_length
GATE_MAX = FactVersion._meta.get_field("name").max_length
RULE_MAX = Estate._meta.get_field("agreement").max_length
WHY_MAX = EstateFact._meta.get_field("down_words").max_length
QUIET = "btn-outline btn-block"
# What to write, by an example of each kind.
EXAMPLES = {
    Kind.GATE: gettext_lazy("如：抬杆自动开，夜里按铃"),
    Kind.PARKING: gettext_lazy("如：车停门外白线里，别堵消防通道"),
    Kind.BUILDINGS: gettext_lazy("如：楼号从北往南、从西往东数，没有 4 栋"),
    Kind.ENTRANCE: gettext_lazy("如：1 单元门朝北，货梯在东头"),
    Kind.SHELF: gettext_lazy("如：取餐架在北门岗亭旁边"),
    Kind.SWAP: gettext_lazy("如：换电柜在东门外车棚"),
    Kind.GUARD: gettext_lazy("如：中午 11 点到 13 点要登记"),
    Kind.TOILET: gettext_lazy("如：厕所在北门里面，7:00–22:00 开"),
}
SAFE = (refuse_codes, refuse_names)


class SearchForm(forms.Form):
    """By GET: which estate, which building, which gate."""

    q = QueryField(
        query_max=TEXT_MAX,
        label=gettext_lazy("找小区、楼号、门"),
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": gettext_lazy("如：示意小区 8 栋")}
        ),
    )

    helper = YuanhangHelper(
        "q", SubmitButton(gettext_lazy("找"), css_class="btn-outline"), method="get"
    )


class FactForm(forms.Form):
    """A sentence about one kind of thing, or a photo of it; a point, where somebody taps one."""

    words = WordsField(
        max_length=WORDS_MAX,
        required=False,
        label=gettext_lazy("一句话"),
        help_text=gettext_lazy("不写门禁密码、单元门牌号和人名。"),
        validators=SAFE,
    )
    photos = PhotosField(limit=PHOTOS_MAX, label=gettext_lazy("照片，可以不拍"))
    latitude = forms.FloatField(
        required=False, min_value=-90, max_value=90, widget=forms.HiddenInput
    )
    longitude = forms.FloatField(
        required=False, min_value=-180, max_value=180, widget=forms.HiddenInput
    )
    pinned = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = Kind(kind)
        self.fields["words"].widget.attrs["placeholder"] = EXAMPLES[self.kind]

    @property
    def helper(self):
        """The fields of the kind, photo and point, and the button."""
        return YuanhangHelper(
            *self.first_fields,
            "words",
            Tiles(PhotoTiles("photos"), most=PHOTOS_MAX),
            Fragment("stations/estates/_pin.html", "latitude", "longitude", "pinned"),
            SubmitButton(_("写好了")),
            data_pin_map="",
        )

    first_fields: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (data.get("latitude") is None) != (data.get("longitude") is None):
            data["latitude"] = data["longitude"] = None
        is_empty = not data.get("words") and not data.get("photos")
        if is_empty and not {"words", "photos"} & set(self.errors) and self.needs_words:
            self.add_error("words", _("写一句，或者拍一张照片。"))
        return data

    needs_words = True

    def content(self) -> Content:
        """What was written, for the verbs."""
        names = ("words", "latitude", "longitude", *self.first_fields)
        return Content(**{name: self.cleaned_data[name] for name in names if name != "all_day"})


class GateForm(FactForm):
    """A gate: its name, whom it lets in, its hours, and the buildings that are near."""

    needs_words = False
    first_fields = ("name", "bikes", "all_day", "opens", "closes", "buildings")

    name = WordsField(
        max_length=GATE_MAX,
        label=gettext_lazy("哪个门"),
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("如：北门")}),
        validators=SAFE,
    )
    bikes = forms.ChoiceField(
        choices=FactVersion.Bikes.choices,
        label=gettext_lazy("谁能进"),
        widget=forms.RadioSelect,
    )
    all_day = forms.BooleanField(required=False, label=gettext_lazy("全天开"))
    opens = forms.TimeField(
        required=False,
        label=gettext_lazy("从几点开"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    closes = forms.TimeField(
        required=False,
        label=gettext_lazy("到几点关"),
        help_text=gettext_lazy("不知道就空着。"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    buildings = WordsField(
        max_length=200,
        required=False,
        label=gettext_lazy("离哪几栋近"),
        help_text=gettext_lazy("只写楼号，如：7、8、11–14。可以不写。"),
    )

    def clean_buildings(self) -> list[str]:
        """Numbers of buildings; 11–14 is four of them."""
        found: list[str] = []
        text = self.cleaned_data["buildings"]
        for part in _parts(text):
            found += _numbers(part)
        found = list(dict.fromkeys(found))
        if len(found) > BUILDINGS_MAX:
            words = _("最多 %(n)d 栋，写离这个门最近的几栋就行。")
            raise forms.ValidationError(words % {"n": BUILDINGS_MAX}, code="many")
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("all_day"):
            midnight = timezone.datetime.min.time()
            data["opens"] = data["closes"] = midnight
        elif (data.get("opens") is None) != (data.get("closes") is None):
            if not {"opens", "closes"} & set(self.errors):
                missing = "opens" if data.get("opens") is None else "closes"
                self.add_error(missing, _("从几点、到几点要一起写，或者都空着。"))
        elif data.get("opens") is not None and data["opens"] == data["closes"]:
            self.add_error("closes", _("两个时间一样。整天开着就勾「全天开」。"))
        return data


def _parts(text: str) -> list[str]:
    for sign in "、，,；;/和":
        text = text.replace(sign, " ")
    return text.split()


def _numbers(part: str) -> list[str]:
    """The numbers that 「11–14」 or 「8 栋」 stands for; ValidationError for what is none."""
    first, dash, last = part.replace("–", "-").replace("—", "-").replace("到", "-").partition("-")
    numbers = [number_of(one) for one in ((first, last) if dash else (first,))]
    whole = [int(one) for one in numbers if one.isdecimal()]
    if dash and len(whole) == 2 and 0 < whole[1] - whole[0] < BUILDINGS_MAX:
        return [str(number) for number in range(whole[0], whole[1] + 1)]
    if dash or not is_number(numbers[0]):
        words = _("「%(part)s」看不懂，只写楼号，如：7、8、11–14。")
        raise forms.ValidationError(words % {"part": part[:12]}, code="building")
    return numbers


def form_of(kind: str) -> type[FactForm]:
    """The form for a kind of fact."""
    return GateForm if kind == Kind.GATE else FactForm


def initial_of(version: FactVersion) -> dict[str, Any]:
    """A version as the form shows it."""
    is_all_day = version.opens is not None and version.opens == version.closes
    return {
        "words": version.words,
        "name": version.name,
        "bikes": version.bikes,
        "all_day": is_all_day,
        "opens": None if is_all_day else version.opens,
        "closes": None if is_all_day else version.closes,
        "buildings": "、".join(version.buildings),
        "latitude": version.latitude,
        "longitude": version.longitude,
        "pinned": "1" if version.has_point else "",
        "seen": version.pk,
    }


class AgreementForm(forms.Form):
    """What was agreed with the property, in a sentence that everybody reads."""

    rule = WordsField(
        max_length=RULE_MAX,
        required=False,
        label=gettext_lazy("说好的规矩"),
        help_text=gettext_lazy("谁都看得到。不说是谁、哪一次的事。空着就撤下。"),
        validators=SAFE,
    )
    on = forms.DateField(
        required=False,
        label=gettext_lazy("哪天说好的"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    helper = YuanhangHelper(
        "rule", "on", SubmitButton(gettext_lazy("写上"), css_class=QUIET), tag=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("rule") and not self.errors:
            if data.get("on") is None:
                self.add_error("on", _("写上哪天说好的。"))
            elif data["on"] > timezone.localdate():
                self.add_error("on", _("说好的日子不能在今天以后。"))
        return data


class PhonedForm(forms.Form):
    """Staff asked the property by telephone: on which day."""

    phoned_on = forms.DateField(
        label=gettext_lazy("哪天打的"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    helper = YuanhangHelper(
        "phoned_on",
        SubmitButton(gettext_lazy("物业电话确认"), css_class="btn-outline"),
        tag=False,
    )

    def clean_phoned_on(self):
        """Not a day to come."""
        day = self.cleaned_data["phoned_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("打电话的日子不能在今天以后。"), code="ahead")
        return day


class CodeForm(forms.Form):
    """Six digits that the community told."""

    code = forms.CharField(
        max_length=20,
        label=gettext_lazy("六位码"),
        help_text=gettext_lazy("社区电话里告诉你的那个。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"max_length": gettext_lazy("码是六位数字。")},
    )

    helper = YuanhangHelper("code", SubmitButton(gettext_lazy("打开")), tag=False)


class AskDownForm(forms.Form):
    """Why the property wants something taken down."""

    why = WordsField(
        max_length=WHY_MAX, required=False, label=gettext_lazy("为什么要撤（可以不写）")
    )

    helper = YuanhangHelper(
        "why", SubmitButton(gettext_lazy("请社区撤下这条"), css_class="btn-outline"), tag=False
    )
