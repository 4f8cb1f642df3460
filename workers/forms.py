"""Registration and one's own information: only what the station needs to know."""

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.houses.models import Station
from workers import workers
from workers.models import Consent, Platform, PrivacyNotice, Worker
from yuanhang.core import versions
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import (
    ConsentPair,
    Expander,
    Fragment,
    SubmitButton,
    TickBoxes,
    YuanhangHelper,
)
from yuanhang.core.models import NAME_MAX, validate_name
from yuanhang.core.versions import VersionedFormMixin

OPTIONAL_FIELDS = {
    "free_times": Consent.Purpose.FREE_TIMES,
    "skills": Consent.Purpose.SKILLS,
    "party": Consent.Purpose.PARTY,
    "help_times": Consent.Purpose.HELP_TIMES,
}
CONSENT_WORDS = {
    "free_times": _("同意驿站记下我的可参加时段，用来约活动"),
    "skills": _("同意驿站记下我的技能，用来约活动"),
    "party": _("同意驿站单独记下这一项（敏感信息），只有社区工作人员能看"),
    "help_times": _("同意常跑网格里有人车坏、没电、陷住时叫我一声，去不去随我"),
}


class FactsMixin:
    """The fields that registration and correction share."""

    def add_facts(self):
        """Put the profile's fields into the form."""
        self.fields["display_name"] = WordsField(
            max_length=NAME_MAX,
            label=_("怎么称呼你"),
            validators=[validate_name],
            error_messages={"required": _("写个称呼就行，不用全名。")},
        )
        self.fields["job"] = forms.ChoiceField(
            choices=Worker.Job.choices,
            label=_("你是"),
            widget=forms.RadioSelect,
            error_messages={"required": _("选一下你是做什么的。")},
        )
        self.fields["platform"] = forms.ModelChoiceField(
            Platform.objects.filter(is_active=True),
            required=False,
            label=_("平台（可不填）"),
            empty_label=_("不填"),
        )
        self.fields["usual_grids"] = forms.ModelMultipleChoiceField(
            Grid.objects.select_related("community"),
            required=False,
            label=_("常跑哪几片（可多选）"),
            widget=forms.CheckboxSelectMultiple,
        )
        if settings.SMS_GATEWAY:  # without one nothing would come
            self.fields["wants_sms"] = forms.BooleanField(
                required=False, label=_("处理结果也发短信给我")
            )
        self.fields["wants_activity_notices"] = forms.BooleanField(
            required=False, label=_("有活动、培训告诉我")
        )
        self.fields["wants_road_notices"] = forms.BooleanField(
            required=False, label=_("常跑的片区有结冰、井盖这样的事告诉我，一片一天最多一次")
        )
        self.add_optional()

    def add_optional(self):
        """What hangs on consents of its own, and these."""
        self.fields["free_times"] = forms.MultipleChoiceField(
            choices=Worker.FreeTime.choices,
            required=False,
            label=_("可参加时段"),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["skills"] = WordsField(
            max_length=200, required=False, label=_("技能，比如急救、电工")
        )
        self.fields["party"] = forms.ChoiceField(
            choices=Worker.Party.choices, required=False, label=_("党员/愿参加组织活动")
        )
        self.fields["help_times"] = forms.MultipleChoiceField(
            choices=Worker.HelpTime.choices,
            required=False,
            label=_("附近有人求助，几点可以叫我"),
            widget=forms.CheckboxSelectMultiple,
        )
        for name, words in CONSENT_WORDS.items():
            self.fields[f"consent_{name}"] = forms.BooleanField(required=False, label=words)

    def check_consents(self, data):
        """A value without its consent is not taken silently, nor dropped silently."""
        for name in OPTIONAL_FIELDS:
            if data.get(name) and not data.get(f"consent_{name}"):
                self.add_error(
                    name, ValidationError(_("要填这一项，请勾上下面的同意；不想说就留空。"))
                )
        if data.get("consent_help_times") and not data.get("help_times"):
            self.add_error("help_times", ValidationError(_("选一下几点可以叫你。")))
        return data

    def facts(self):
        """The keyword arguments that register and correct share."""
        data = self.cleaned_data
        names = ("job", "platform", "usual_grids", *self.ticked())
        facts = {name: data[name] for name in (*names, *OPTIONAL_FIELDS)}
        facts["consents"] = [
            purpose for name, purpose in OPTIONAL_FIELDS.items() if data[f"consent_{name}"]
        ]
        return facts

    def ticked(self):
        """Names of the tick boxes about what one is told."""
        names = ("wants_sms", "wants_activity_notices", "wants_road_notices")
        return [name for name in names if name in self.fields]

    def facts_layout(self):
        """The shared fields as parts of a layout; each optional one beside its consent."""
        pairs = (ConsentPair(name, f"consent_{name}") for name in OPTIONAL_FIELDS)
        return (
            "job",
            "platform",
            "usual_grids",
            TickBoxes(*self.ticked()),
            Expander(_("愿意多说一点？都可以不填"), *pairs, is_open=self.shows_optional),
        )

    def shows_optional(self, _form):
        """Whether the optional fields are open: where one of them may be in error."""
        return bool(self.errors)


class SignupForm(FactsMixin, AllauthSignupForm):
    """Phone, password, and the facts of a registration, at the station whose poster was scanned."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_facts()
        self.fields["password1"].label = _("设一个密码")
        self.fields["password1"].help_text = _("至少 8 位，别全是数字。")
        self.fields["password1"].widget.attrs.pop("placeholder", None)
        self.fields["station"] = forms.SlugField(required=False, widget=forms.HiddenInput)
        self.fields["accept_notice"] = forms.BooleanField(
            label=_("我满 14 周岁，看过并同意个人信息说明"),
            error_messages={"required": _("要满 14 周岁并同意个人信息说明，才能登记。")},
        )
        # As on the page, so that the summary of errors leads down and not up again.
        self.order_fields(["display_name", "phone", "password1"])

    @property
    def helper(self):
        return YuanhangHelper(
            Fragment("account/_redirect.html"),
            Fragment("workers/_station_field.html", "station"),
            "display_name",
            "phone",
            "password1",
            *self.facts_layout(),
            Fragment("workers/_accept_notice.html", "accept_notice"),
            SubmitButton(_("登记")),
            action="account_signup",
        )

    def clean(self):
        # Consents beside values; a place to belong to.
        data = super().clean()
        self.check_consents(data)
        # A mangled poster address stops nobody: it cannot be corrected in a hidden field.
        self.errors.pop("station", None)
        self.station_row = (
            Station.objects.listed()
            .stations()
            .select_related("community")
            .filter(slug=data.get("station") or "")
            .first()
        )
        self.community_row = (
            self.station_row.community if self.station_row else Community.objects.home()
        )
        if self.community_row is None or PrivacyNotice.current() is None:
            raise ValidationError(_("驿站还没有准备好登记，请联系前台。"))
        return data

    def try_save(self, request):
        """User and profile in one transaction; a phone taken meanwhile is said in the form."""
        try:
            with transaction.atomic():
                return super().try_save(request)
        except ValidationError as error:
            self.add_error("phone", error)
            return None, render(request, "account/signup.html", {"form": self}, status=409)

    def custom_signup(self, request, user):
        """The profile, after allauth saved the user."""
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])
        workers.register(
            user=user, community=self.community_row, station=self.station_row, **self.facts()
        )


class MeForm(VersionedFormMixin, FactsMixin, forms.Form):
    """Correcting one's own information."""

    def __init__(self, *args, worker, **kwargs):
        self.worker = worker
        given = set(worker.consents.in_force().values_list("purpose", flat=True))
        initial = {
            "display_name": worker.user.display_name,
            "usual_grids": worker.usual_grids.all(),
            **{f"consent_{name}": purpose in given for name, purpose in OPTIONAL_FIELDS.items()},
        }
        names = "job platform free_times skills party help_times"
        names += " wants_sms wants_activity_notices wants_road_notices"
        initial |= {name: getattr(worker, name) for name in names.split()}
        super().__init__(*args, initial=initial, **kwargs)
        self.add_facts()
        self.remember_version()

    @property
    def helper(self):
        parts = ("display_name", *self.facts_layout(), versions.NAME)
        return YuanhangHelper(*parts, SubmitButton(_("保存")))

    def shows_optional(self, _form):
        return True

    def clean(self):
        # Consents beside values.
        return self.check_consents(super().clean())
