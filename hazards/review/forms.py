"""The queue's filter bar: a form as well, so that odd input is ignored and never breaks a page."""

from datetime import timedelta

from crispy_forms.layout import Field
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.search_terms import QUERY_MAX
from hazards.cases.states import State
from hazards.catalogue.models import Category
from hazards.review import search, tabs
from stations.areas.models import Grid
from stations.postings.access import scope_of
from yuanhang.core.fields import QueryField
from yuanhang.core.form_layout import Fragment, YuanhangHelper

INLINE = "yuanhang/layout/inline_field.html"
PERIODS = {"1": 1, "7": 7, "30": 30, "90": 90}


class FindForm(forms.Form):
    """The search in the queue's head: words or a telephone number, sent where no log keeps it."""

    find = QueryField(
        query_max=QUERY_MAX,
        label=_("找案件：编号、地点、文字、电话"),
        widget=forms.SearchInput(
            attrs={"autocomplete": "off", "placeholder": _("找编号、地点、文字、电话")}
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="%s", label_suffix="", **kwargs)

    @property
    def helper(self):
        return YuanhangHelper(
            Field("find", template=INLINE, wrapper_class="find-box"),
            Fragment("hazards/review/_find_button.html"),
            show_errors=False,  # nothing is refused
            tag=False,
        )


class QueueForm(forms.Form):
    """Tab, state, category, grid, period, words; `phone` is what was searched for last.

    With `shows_choices` it is rendered, else it only reads what an address says.
    """

    tab = forms.ChoiceField(choices=tabs.TABS, required=False, widget=forms.HiddenInput)
    q = QueryField(query_max=QUERY_MAX, widget=forms.HiddenInput)
    by_phone = forms.BooleanField(required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        choices=[("", _("全部状态")), *State.choices], required=False, label=_("状态")
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), required=False, label=_("类别"), empty_label=_("全部类别")
    )
    grid = forms.ModelChoiceField(
        Grid.objects.none(), required=False, label=_("网格"), empty_label=_("全部网格")
    )
    period = forms.ChoiceField(
        choices=[
            ("", _("不限时间")),
            ("1", _("今天")),
            ("7", _("最近 7 天")),
            ("30", _("最近 30 天")),
            ("90", _("最近 90 天")),
        ],
        required=False,
        label=_("时间"),
    )

    def __init__(self, *args, user, phone="", shows_choices=False, **kwargs):
        self.user, self.phone = user, phone
        super().__init__(*args, **kwargs)
        # Most pages show no choices: without a grid in the address none is accepted either.
        if shows_choices or self.data.get("grid"):
            self.fields["grid"].queryset = grids_of(user)

    @property
    def helper(self):
        names = ("state", "category", "grid", "period")
        return YuanhangHelper(
            "tab",
            "q",
            "by_phone",
            *(Field(name, template=INLINE) for name in names),
            Fragment("hazards/review/_filter_buttons.html"),
            method="get",
            css_class="filters",
            show_errors=False,  # odd input counts as not set
        )

    @property
    def values(self):
        """The readable ones of the fields; the others count as not set."""
        self.is_valid()
        return self.cleaned_data

    @property
    def chosen_tab(self):
        return self.values.get("tab") or tabs.TODO

    @property
    def is_filtered(self):
        """Whether anything but the tab narrows the list."""
        return bool(self.narrowed_by)

    @property
    def narrowed_by(self):
        """「井盖道路」, 「最近 7 天」: what narrows the list beside the tab, in words."""
        values, found = self.values, []
        if values.get("q"):
            found.append(f"「{values['q']}」")
        if values.get("by_phone") and self.phone:
            found.append(_("刚才找的号码"))
        for name in ("state", "period"):
            if values.get(name):
                found.append(dict(self.fields[name].choices)[values[name]])
        return found + [values[name] for name in ("category", "grid") if values.get(name)]

    @property
    def newest_first(self):
        """Everything is read as a journal; work is read by what waits."""
        return self.chosen_tab == tabs.ALL

    def narrow(self, hazards):
        """The queryset with tab and filters applied."""
        values = self.values
        hazards = tabs.narrow(hazards, self.chosen_tab, self.user)
        if values.get("by_phone") and self.phone:
            hazards = search.by_phone(hazards, self.phone)
        for name in ("state", "category", "grid"):
            if values.get(name):
                hazards = hazards.filter(**{name: values[name]})
        if values.get("period"):
            midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            since = midnight - timedelta(days=PERIODS[values["period"]] - 1)
            hazards = hazards.filter(submitted_at__gte=since)
        return hazards.matching(values.get("q") or "")


def grids_of(user):
    """The grids this user may filter by."""
    if user.is_superuser:
        return Grid.objects.all()
    scope = scope_of(user)
    return (
        Grid.objects.filter(pk__in=scope.grids)
        | Grid.objects.filter(community__in=scope.communities)
        | Grid.objects.filter(community__subdistrict__in=scope.subdistricts)
    )
