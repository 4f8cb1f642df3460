"""友好小区 in the admin: staff keep the places; what is written of them has its own page."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stations.areas.admin import CommunityScopedAdmin
from stations.areas.boundaries import in_wgs84
from stations.estates import estates
from stations.estates.models import Estate, EstateBuilding
from stations.estates.search import is_number, number_of
from yuanhang.core.models import Located
from yuanhang.core.scoped_admin import ScopedInline


class BuildingForm(forms.ModelForm):
    """A building; its number in one spelling, so that 「8 栋」 finds it."""

    class Meta:
        model = EstateBuilding
        fields = ("number", "latitude", "longitude")

    def clean_number(self):
        """「8号楼」 is stored as 8."""
        number = number_of(self.cleaned_data["number"])
        if not is_number(number):
            raise ValidationError(_("楼号只写号，如 8、12A。"), code="building")
        return number


class BuildingInline(ScopedInline):
    """楼栋: the buildings with their points."""

    model = EstateBuilding
    form = BuildingForm


class EstateForm(forms.ModelForm):
    """An estate; its boundary is pasted in the datum that the point is given in."""

    class Meta:
        model = Estate
        fields = (
            "community",
            "kind",
            "name",
            "address",
            "property_phone",
            "boundary",
            "latitude",
            "longitude",
            "datum",
            "agreement",
            "agreed_on",
            "is_listed",
        )

    def clean(self):
        data = super().clean()
        if data.get("boundary") is not None and "boundary" in self.changed_data:
            try:
                datum = self.data.get("datum") or Located.Datum.WGS84
                if datum in Located.Datum.values:
                    data["boundary"] = in_wgs84(data["boundary"], datum)
            except ValidationError as refused:
                self.add_error("boundary", refused)
        if bool(data.get("agreement")) != bool(data.get("agreed_on")):
            missing = "agreed_on" if data.get("agreement") else "agreement"
            self.add_error(missing, _("说好的规矩和日子要一起写。"))
        return data


@admin.register(Estate)
class EstateAdmin(CommunityScopedAdmin):
    """友好小区: the place, its buildings, and the sentence that was agreed."""

    form = EstateForm
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("name", "kind", "community", "address", "agreed_on", "is_listed")
    list_filter = ("kind", "is_listed", "community")
    list_select_related = ("community",)
    search_fields = ("name__holds",)
    inlines = (BuildingInline,)

    def create_row(self, request, row, form):
        estates.create(row, by=request.user)

    def edit_row(self, request, row, form):
        estates.edit(row, by=request.user, fields=form.changed_data)

    def view_on_site(self, obj):
        return obj.get_absolute_url()
