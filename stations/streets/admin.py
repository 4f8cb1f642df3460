"""底图: staff upload the streets of their community, and put a newer map in its place."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from stations.areas.admin import CommunityScopedAdmin
from stations.areas.models import Grid
from stations.streets import street_maps
from stations.streets.models import StreetMap
from stations.streets.reading import check_bytes, metres_off, read_street_map, read_text
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.located_form import DatumField
from yuanhang.core.models import Located

FAR_METRES = 20_000  # a community is smaller than this
HELP = _(
    "一张 GeoJSON（FeatureCollection）：线是路，面是房子，点是地标。"
    "属性 name 写名字，kind 写大路、小路、房子、绿地、水面或地标。最多 2 MB。"
)
CHANGED = _("刚才有人换过这份底图，看一眼再换。")


class StreetMapForm(forms.ModelForm):
    """A community's map as a file or as pasted text; without either only the note changes."""

    file = forms.FileField(
        label=_("GeoJSON 文件"),
        required=False,
        help_text=HELP,
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json"}),
    )
    text = forms.CharField(
        label=_("或者贴在这里"), required=False, strip=True, widget=forms.Textarea({"rows": 6})
    )
    datum = DatumField()
    seen = forms.CharField(required=False, label=_("看到的版本"), widget=forms.HiddenInput)

    class Meta:
        model = StreetMap
        fields = ("community", "source")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.read = None
        self.initial["datum"] = Located.Datum.WGS84
        if self.instance.pk:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    @property
    def seen_at(self):
        """When the map that is being replaced was changed last, as this page showed it."""
        return parse_datetime(self.cleaned_data.get("seen") or "")

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and self.seen_at != self.instance.updated_at:
            raise ValidationError(CHANGED, code="changed")
        source = "file" if cleaned.get("file") else "text"
        if "file" in self.errors or not cleaned.get(source):
            if not self.instance.pk and "file" not in self.errors:
                self.add_error("file", _("选一个文件，或者贴在下面。"))
            return cleaned
        try:
            self.read = read_street_map(read_text(self._content(source)), cleaned["datum"])
            self._stay_home(cleaned.get("community") or self._kept_community())
        except ValidationError as refused:
            self.add_error(source, refused)
        return cleaned

    def _kept_community(self):
        return self.instance.community if self.instance.pk else None

    def _content(self, source):
        found = self.cleaned_data[source]
        if source == "text":
            return found
        check_bytes(found.size)
        return found.read()

    def _stay_home(self, community):
        """A map of another city is a slip, or its axes are the wrong way round."""
        grid = Grid.objects.filter(community=community).first() if community else None
        if grid is None:
            return
        metres = metres_off(self.read, *grid.centre)
        if metres > FAR_METRES:
            words = _("图里有的地方离%(name)s %(far)s，看看坐标是不是写反了，或者选错了社区。")
            far = geo.distance_in_words(metres)
            raise ValidationError(words % {"name": community, "far": far}, code="far")


@admin.register(StreetMap)
class StreetMapAdmin(CommunityScopedAdmin):
    """底图: replaced as a whole, by the community's staff."""

    form = StreetMapForm
    fields = ("community", "file", "text", "datum", "source", "seen")
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("community", "shapes_count", "source", "updated_at")
    list_select_related = ("community",)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(shapes_count=Count("shapes"))

    @admin.display(description=_("图形"))
    def shapes_count(self, row):
        """How much is drawn."""
        return row.shapes_count

    def get_readonly_fields(self, request, obj=None):
        # A map of one community is of no use to another.
        return ("community",) if obj else ()

    def get_fields(self, request, obj=None):
        # Who may only read is offered nothing to upload.
        may = self.has_change_permission(request, obj) if obj else True
        return self.fields if may else ("community", "source")

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        # Two people at one instant: the second is told, and looks at what the first put there.
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotAllowedNowError as refused:
            self.message_user(request, refused.message, messages.ERROR)
            return redirect("admin:stations_streetmap_changelist")

    def create_row(self, request, row, form):
        made = street_maps.replace(
            row.community, form.read, by=request.user, source=row.source, seen=None
        )
        row.pk = made.pk

    def edit_row(self, request, row, form):
        if form.read is None:
            super().edit_row(request, row, form)
            return
        street_maps.replace(
            row.community, form.read, by=request.user, source=row.source, seen=form.seen_at
        )
