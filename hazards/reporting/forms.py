"""The report form and the look-up of a receipt."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hazards.cases import reports
from hazards.cases.attachments import Attachments
from hazards.cases.case_numbers import normalise_number
from hazards.cases.models.hazards import DESCRIPTION_MAX
from hazards.catalogue.models import Category, Symptom
from hazards.reporting.layouts import outage_helper, report_helper
from stations.areas.placed_form import PlacedForm, grid_field, place_field
from yuanhang.core.accounts import PhoneField
from yuanhang.core.fields import KeptRowField, WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper
from yuanhang.core.kept_answers import kept
from yuanhang.core.media import uploads
from yuanhang.core.models import NAME_MAX, validate_name
from yuanhang.core.receipts import parse_key
from yuanhang.core.text import only_digits
from yuanhang.core.uploads.fields import PhotosField, SentFiles, VoiceField

FILES = ("photos", "voice")


@kept("hazards_category")
def categories():
    """The active categories by their keys; kept until one changes."""
    return {row.pk: row for row in Category.objects.filter(is_active=True)}


class PlaceForm(PlacedForm):
    """What was seen and where: all that it takes to look for reports of the same place."""

    category = KeptRowField(
        Category.objects.filter(is_active=True),
        rows=categories,
        required=False,
        label=_("看到什么"),
        error_messages={"invalid_choice": _("没有这个类别，请重新选。")},
    )
    # Only ever compared with numbers that we offered, so whatever is in it harms nothing.
    same_as = forms.Field(required=False, widget=forms.HiddenInput)

    # The kind comes first, as on the page and in the summary of errors.
    field_order = ["category"]

    def placed(self):
        """The keyword arguments of `duplicates.offered`: what and where."""
        names = "category place grid community point source"
        return {name: self.cleaned_data[name] for name in names.split()}


class SymptomField(forms.ModelChoiceField):
    """One optional tap; a word that is gone, or of another category, says nothing."""

    def __init__(self):
        active = Symptom.objects.filter(is_active=True, category__is_active=True)
        active = active.select_related("category").order_by("category__order", "order", "pk")
        super().__init__(active, required=False, label=_("哪种情形"), widget=forms.RadioSelect)

    def clean(self, value):
        # A tap that cannot be read is no reason to refuse a report.
        try:
            return super().clean(value)
        except ValidationError:
            return None


class ReportForm(PlaceForm):
    """A hazard: something to go on is all that is required."""

    place = place_field()
    grid = grid_field()
    description = WordsField(
        max_length=DESCRIPTION_MAX,
        required=False,
        label=_("想补一句？可以不写"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    symptom = SymptomField()
    photos = PhotosField(label=_("照片"))
    voice = VoiceField(label=_("语音"))
    contact_name = WordsField(
        max_length=NAME_MAX, required=False, label=_("怎么称呼你"), validators=[validate_name]
    )
    contact_phone = PhoneField(required=False)
    shares_contact = forms.BooleanField(required=False, label=_("去办的人可以打这个电话问路"))
    submission_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    @property
    def helper(self):
        return report_helper()

    def clean_category(self):
        """Whoever taps nothing reports 其他."""
        category = self.cleaned_data["category"]
        return category or Category.objects.filter(is_active=True).order_by("-order").first()

    def clean_symptom(self):
        """Only a word of the chosen category says anything."""
        symptom, category = self.cleaned_data["symptom"], self.cleaned_data.get("category")
        return symptom if symptom and category and symptom.category_id == category.pk else None

    def clean_submission_key(self):
        """A random UUID as our page makes them; anything else was made by hand."""
        text = self.cleaned_data["submission_key"]
        key = parse_key(text)
        if key is None:
            raise ValidationError(_("这个页面过期了，请再点一次发出。"), code="key")
        return key

    def clean(self):
        data = super().clean()
        asked = ("description", *FILES)
        if not any(data.get(name) for name in asked) and not any(n in self.errors for n in asked):
            raise ValidationError(_("拍一张、说一句或写几个字，有一样就能发。"), code="empty")
        return data

    @property
    def attachments(self):
        """The processed files."""
        note = self.cleaned_data["voice"]
        voices = [note] if note else []
        photos = self.cleaned_data["photos"]
        return Attachments(photos=photos, voices=voices, digest=self.files_digest())

    def skip_files(self):
        """Ask of the files only which they are; the form, for one line."""
        for name in FILES:
            self.fields[name].decodes = False
        return self

    @property
    def has_files(self):
        """Whether there is anything to decode, or to say of files that are gone."""
        fields = (self.fields[name] for name in FILES)
        return any(field.sent or field.sent is None for field in fields)

    def files_digest(self):
        """The fingerprint of the files as they were sent: the key stands for it, too."""
        return uploads.fingerprint(
            digest for name in FILES for digest in self.fields[name].digests()
        )

    def content(self):
        """What the submission key stands for."""
        data = self.cleaned_data
        return reports.Content(
            data["category"].pk,
            data["description"],
            data["place"],
            data["contact_name"],
            data["contact_phone"],
            self.files_digest(),
        )

    def submission(self):
        """The keyword arguments of `reports.submit`, but for the reporter."""
        names = "submission_key description contact_name contact_phone shares_contact"
        own = {name: self.cleaned_data[name] for name in names.split()}
        own["symptom"] = self.cleaned_data.get("symptom")  # which staff are not asked for
        return self.placed() | own | {"attachments": self.attachments}


class OutageForm(forms.Form):
    """What was sent when the database was away: the words to read again, the rest hidden.

    Asks no database. `data` is all that was sent: whatever it holds is sent again.
    """

    description = forms.CharField(
        required=False, label=_("写一句"), widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PhotosField(label=_("照片"))
    voice = VoiceField(label=_("语音"))

    def __init__(self, data):
        files = {name: self._kept_files(name, data) for name in FILES}
        super().__init__(initial={"description": data.get("description", "")} | files)
        for name in data:
            if name not in self.fields and name not in self._left_out():
                self.fields[name] = forms.Field(widget=forms.MultipleHiddenInput)
                self.initial[name] = data.getlist(name)

    @staticmethod
    def _kept_files(name, data):
        """The files of a try before, but for those that were taken away."""
        dropped = data.getlist(f"{name}_drop")
        return SentFiles(keys=[key for key in data.getlist(f"{name}_kept") if key not in dropped])

    @staticmethod
    def _left_out():
        """What this page has of its own, or what its files stand for."""
        files = {f"{name}_{end}" for name in FILES for end in ("kept", "drop")}
        # The files are in this page's hands now, whoever held them before.
        return files | {"csrfmiddlewaretoken", "body_start", "body_end", "files_held"}

    @property
    def helper(self):
        return outage_helper(self)


class LookupForm(forms.Form):
    """Number and code of a receipt."""

    number = WordsField(
        label=_("编号"),
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "autocapitalize": "characters",
                "autocomplete": "off",
                "placeholder": "YH20261123-0007",
            }
        ),
    )
    code = WordsField(
        label=_("查询码"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "placeholder": _("8 位数字"),
            }
        ),
    )

    @property
    def helper(self):
        return YuanhangHelper("number", "code", SubmitButton(_("查")))

    def clean_number(self):
        return normalise_number(self.cleaned_data["number"])

    def clean_code(self):
        return only_digits(self.cleaned_data["code"])
