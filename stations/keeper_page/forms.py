"""What a keeper says on one screen: closed, open longer, and how things are on the round."""

from datetime import datetime, time, timedelta

from crispy_forms.layout import Div
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.houses.models import Closure, Facility, FirstAidItem
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import Part, SubmitButton, YuanhangHelper
from yuanhang.core.versions import VersionedFormMixin
from yuanhang.core.words import until

REASON_MAX = Closure._meta.get_field("reason").max_length
THING_MAX = Facility._meta.get_field("name").max_length
NAME_MAX = FirstAidItem._meta.get_field("name").max_length
REMARK_MAX = Facility._meta.get_field("remark").max_length
MORNING = time(7)
# One filled button a page: the round is what a keeper comes for.
QUIET = "btn-outline btn-block"


class CloseForm(forms.Form):
    """Closed from now on, until when and why."""

    reason = WordsField(
        max_length=REASON_MAX,
        label=gettext_lazy("为什么"),
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("如：停水检修")}),
    )
    until_day = forms.DateField(
        required=False,
        label=gettext_lazy("哪天再开"),
        help_text=gettext_lazy("不知道就空着，开门那天来点「重新开门」。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    helper = YuanhangHelper(
        "reason",
        "until_day",
        SubmitButton(gettext_lazy("从现在起关门"), css_class=QUIET),
        tag=False,
    )

    def clean_until_day(self):
        """The first day on which the week's hours hold again."""
        day = self.cleaned_data["until_day"]
        if day is not None and day <= timezone.localdate():
            raise forms.ValidationError(_("再开的日子要在今天以后。"), code="past")
        return day

    def closing(self):
        """The keyword arguments of `closures.announce`, but for who says it."""
        day = self.cleaned_data["until_day"]
        ends = timezone.make_aware(datetime.combine(day, time())) if day else None
        return {"reason": self.cleaned_data["reason"], "ends_at": ends}


def later_moments(now):
    """The full hours of this evening until midnight, and tomorrow morning."""
    local = timezone.localtime(now)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    hour = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    hours = []
    while hour < midnight:
        hours.append(hour)
        hour += timedelta(hours=1)
    return [*hours[-3:], midnight, datetime.combine(midnight.date(), MORNING, midnight.tzinfo)]


class LongerForm(forms.Form):
    """Open longer today: until when, and why."""

    until = forms.ChoiceField(label=gettext_lazy("开到"), widget=forms.RadioSelect)
    why = WordsField(
        max_length=REASON_MAX, label=gettext_lazy("原因"), initial=gettext_lazy("今天极寒")
    )

    helper = YuanhangHelper(
        "until", "why", SubmitButton(gettext_lazy("今天多开一会儿"), css_class=QUIET), tag=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.moments = {moment.isoformat(): moment for moment in later_moments(timezone.now())}
        self.fields["until"].choices = [(key, until(at)) for key, at in self.moments.items()]

    def extension(self):
        """The keyword arguments of `longer_hours.extend`, but for who says it."""
        moment = self.moments[self.cleaned_data["until"]]
        return {"until": moment, "reason": self.cleaned_data["why"]}


class RoundRow(Part):
    """A facility: its condition as three words to tap, and a remark."""

    template = "stations/keeper_page/_round_row.html"

    def __init__(self, facility):
        super().__init__()
        self.facility = facility

    def context_of(self, form):
        names = form.names_of(self.facility)
        form.rendered_fields.update(names)
        return {"facility": self.facility, "fields": [form[name] for name in names]}


class RoundForm(VersionedFormMixin, forms.Form):
    """Every facility of a station with its condition and a remark: what was seen on the round."""

    def __init__(self, data=None, *, facilities):
        super().__init__(data, prefix="round")
        self.facilities = list(facilities)
        for facility in self.facilities:
            condition, remark = self.names_of(facility)
            self.fields[condition] = forms.ChoiceField(
                choices=Facility.Condition.choices,
                label=facility.name,
                widget=forms.RadioSelect,
            )
            self.fields[remark] = WordsField(
                max_length=REMARK_MAX,
                required=False,
                label=_("%(what)s 说明") % {"what": facility.name},
                widget=forms.TextInput(attrs={"placeholder": _("说明，可以不写")}),
            )
            # What two people might both change; compared with what is stored by then.
            self.initial |= {condition: facility.condition, remark: facility.remark}
        self.remember_version()

    @staticmethod
    def names_of(facility):
        """The names of its two fields."""
        return f"condition_{facility.pk}", f"remark_{facility.pk}"

    @property
    def helper(self):
        rows = [RoundRow(facility) for facility in self.facilities]
        return YuanhangHelper(*rows, SubmitButton(_("都看过了")), tag=False)

    def seen(self):
        """(facility, condition, remark) of each, as it was seen."""
        for facility in self.facilities:
            condition, remark = self.names_of(facility)
            yield facility, self.cleaned_data[condition], self.cleaned_data[remark]


class ThingForm(forms.Form):
    """Something new in the station."""

    name = WordsField(
        max_length=THING_MAX,
        label=gettext_lazy("新添了什么"),
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("如：打气筒")}),
    )
    kind = forms.ChoiceField(choices=Facility.Kind.choices, label=gettext_lazy("能做什么"))
    floor = forms.IntegerField(min_value=-3, max_value=30, initial=1, label=gettext_lazy("几楼"))

    helper = YuanhangHelper(
        "name",
        Div("kind", "floor", css_class="field-pair"),
        SubmitButton(gettext_lazy("添上"), css_class=QUIET),
        tag=False,
    )


class FirstAidForm(VersionedFormMixin, forms.Form):
    """What is in the first-aid box and until when: a row each, and two to add some."""

    NEW_ROWS = 2

    def __init__(self, data=None, *, items):
        super().__init__(data, prefix="aid")
        rows = [(str(item.pk), item.name, item.expires_on) for item in items]
        rows += [(f"new{n}", "", None) for n in range(self.NEW_ROWS)]
        self.rows = [key for key, _name, _day in rows]
        for key, name, day in rows:
            self.fields[f"name_{key}"] = WordsField(
                max_length=NAME_MAX, required=False, label=_("什么"), initial=name
            )
            self.fields[f"day_{key}"] = forms.DateField(
                required=False,
                initial=day,
                label=_("有效期到"),
                widget=forms.DateInput(attrs={"type": "date"}),
            )
            self.initial |= {f"name_{key}": name, f"day_{key}": day}
        self.remember_version()

    @property
    def helper(self):
        pairs = [Div(f"name_{key}", f"day_{key}", css_class="field-pair") for key in self.rows]
        return YuanhangHelper(*pairs, SubmitButton(_("记下药箱"), css_class=QUIET), tag=False)

    def clean(self):
        data = super().clean()
        names = [data.get(f"name_{key}") for key in self.rows]
        for key in self.rows:
            name = data.get(f"name_{key}")
            if data.get(f"day_{key}") and not name:
                self.add_error(f"name_{key}", _("写上是什么，或者把日期去掉。"))
            elif name and names.count(name) > 1:
                self.add_error(f"name_{key}", _("这个写了两遍。"))
        return data

    def contents(self):
        """(name, good until) of what is in the box."""
        for key in self.rows:
            if name := self.cleaned_data[f"name_{key}"]:
                yield name, self.cleaned_data[f"day_{key}"]
