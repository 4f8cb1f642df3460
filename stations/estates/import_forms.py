"""A file with estates, for a community of one's own."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community
from stations.estates import importing
from stations.postings.access import own_communities
from stations.streets.reading import BYTES_MAX
from yuanhang.core.form_layout import Fragment, SubmitButton, YuanhangHelper
from yuanhang.core.located_form import DatumField
from yuanhang.core.models import User

HELP = _(
    "Excel（.xlsx）：第一行写列名——名称、经度、纬度，还可以有种类、地址、楼号；"
    "写了楼号的一行是那个小区里的一栋楼。或者 GeoJSON：点或面，属性 name、kind、address、building。"
)


class ImportForm(forms.Form):
    """Names and points; after `is_valid` the rows stand in `read`."""

    community = forms.ModelChoiceField(
        Community.objects.none(), label=_("哪个社区的"), empty_label=None
    )
    file = forms.FileField(
        label=_("选一个 Excel 或 GeoJSON 文件"),
        help_text=HELP,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.geojson,.json"}),
        error_messages={"required": _("选一个文件。"), "empty": _("这个文件是空的。")},
    )
    datum = DatumField()

    helper = YuanhangHelper(
        "community",
        Fragment("stations/estates/_file_tile.html", "file"),
        "datum",
        SubmitButton(_("导入")),
        enctype="multipart/form-data",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["community"].queryset = own_communities(user)
        self.read: list[importing.ReadRow] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file = data.get("file")
        if file is None or data.get("community") is None or self.errors:
            return data
        try:
            if file.size > BYTES_MAX:
                raise ValidationError(_("文件太大了，最多 2 MB。"), code="large")
            self.read = importing.read_file(
                file.read(), file.name, data["datum"], data["community"]
            )
        except ValidationError as refused:
            self.add_error("file", refused)
        return data
