"""Covering a picture before everybody may see it, the month somebody looks at, a passer's word."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hazards.published.redaction import BOXES_MAX
from yuanhang.core import geo, versions
from yuanhang.core.form_layout import Fragment, TickBoxes, YuanhangHelper
from yuanhang.core.versions import VersionedAnswerMixin

SIDES = ("left", "top", "width", "height")


class RedactionForm(VersionedAnswerMixin, forms.Form):
    """公开 or 不公开, with the boxes as rows of four numbers in percent of the picture."""

    PUBLISH, UNPUBLISH = "publish", "unpublish"
    action = forms.ChoiceField(
        choices=[(PUBLISH, _("公开")), (UNPUBLISH, _("不公开"))],
        error_messages={"required": _("选公开还是不公开。")},
    )
    # Made of the rows of numbers; never sent by this name.
    boxes = forms.CharField(required=False, label=_("盖住的地方"), widget=forms.HiddenInput)
    looked = forms.BooleanField(
        required=False, label=_("我看过了：人脸、车牌都盖住了，或者本来就没有")
    )

    compares_late = True

    def __init__(self, *args, photo, **kwargs):
        super().__init__(*args, **kwargs)
        self.photo = photo
        self.remember_version()

    def stored(self):
        """How the picture is shown by now, and what of it is covered."""
        action = self.PUBLISH if self.photo.is_public else self.UNPUBLISH
        return {"action": action, "boxes": _in_words(self.photo.boxes)}

    def differing(self):
        """What another reviewer chose otherwise; boxes count where the picture is to be shown."""
        return [name for name in super().differing() if name in self.compared]

    @property
    def helper(self):
        return YuanhangHelper(
            versions.NAME,
            Fragment("hazards/published/_redaction_boxes.html", "boxes"),
            TickBoxes("looked"),
            Fragment("hazards/published/_redaction_buttons.html", "action"),
            css_id="cover-form",
            anchors={"action": "cover-buttons"},
        )

    def rows(self):
        """What was typed, one (left, top, width, height) of texts a box; blank rows left out."""
        columns = [self.data.getlist(side) for side in SIDES]
        longest = max(map(len, columns))
        columns = [column + [""] * (longest - len(column)) for column in columns]
        rows = zip(*columns, strict=True)
        return [row for row in rows if any(text.strip() for text in row)]

    def clean(self):
        # Boxes as shares of the picture; publishing needs somebody's word that they looked.
        data = super().clean()
        if data.get("action") == self.PUBLISH:
            if not data.get("looked"):
                self.add_error("looked", _("先看一遍，再勾上。"))
            rows = self.rows()
            if len(rows) > BOXES_MAX:
                message = _("最多 %(limit)s 个框。") % {"limit": BOXES_MAX}
                raise ValidationError(message, code="many")
            data["boxes"] = [self._box(row) for row in rows]
        self._compare(data)
        return data

    def _compare(self, data):
        boxes = data.get("boxes") or []
        is_shown = data.get("action") == self.PUBLISH
        self.compared = ("action", "boxes") if is_shown else ("action",)
        self.cleaned_data["boxes"] = _in_words(boxes)
        self.compare_versions()
        self.cleaned_data["boxes"] = boxes

    @staticmethod
    def _box(row):
        numbers = [geo.parse_number(text) for text in row]
        if None in numbers:
            raise ValidationError(_("框的四个数都要填，用百分数。"), code="box")
        left, top, width, height = (number / 100 for number in numbers)
        inside = 0 <= left < 1 and 0 <= top < 1 and width > 0 and height > 0
        if not inside:
            raise ValidationError(_("框要落在照片里。"), code="box")
        return [left, top, min(width, 1 - left), min(height, 1 - top)]


def _in_words(boxes):
    """Boxes as a reviewer reads them, in percent from the left and from the top."""
    lines = [" ".join(f"{number * 100:g}" for number in box) for box in boxes]
    return "\n".join(lines)


def _next_month(day):
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
