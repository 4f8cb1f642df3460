"""What somebody says, and what is answered."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.areas.models import Community
from stations.complaints.complaints import Content
from stations.complaints.models import TEXT_MAX, Complaint
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import SubmitButton, YuanhangHelper
from yuanhang.core.models import NAME_MAX
from yuanhang.core.receipts import parse_key

ROWS = 5  # lines of a text box on a phone
READERS = gettext_lazy(
    "「给社区看」的，社区工作人员看。说的就是他们，选「给街道看」：街道综治中心的人看，社区的人看不到。"
    "管理员两种都看得到，别人都看不到。"
)
CHOOSE = gettext_lazy("选一个：给社区看，还是给街道看。")


def _words(label, **options):
    widget = forms.Textarea(attrs={"rows": ROWS})
    return WordsField(max_length=TEXT_MAX, label=label, widget=widget, **options)


class ComplaintForm(forms.Form):
    """A complaint or a proposal, by anybody; signed only by whoever wants to."""

    text = _words(
        gettext_lazy("想说什么"), error_messages={"required": gettext_lazy("写几个字再发。")}
    )
    reader = forms.ChoiceField(
        choices=Complaint.Reader.choices,
        initial=Complaint.Reader.COMMUNITY,
        label=gettext_lazy("给谁看"),
        help_text=READERS,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    community = forms.ModelChoiceField(
        Community.objects.order_by("-is_home", "pk"),
        required=False,
        label=gettext_lazy("哪个社区的事"),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("没有这个社区，请重新选。")},
    )
    name = WordsField(
        max_length=NAME_MAX,
        required=False,
        label=gettext_lazy("署名，可以不写"),
        help_text=gettext_lazy("不写就是匿名，没人知道是谁。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    signed = forms.BooleanField(
        required=False,
        label=gettext_lazy("署上我的名字"),
        help_text=gettext_lazy("不勾就是匿名：不记你的账号，答复只在回执里看。"),
    )
    submission_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user if user.is_authenticated else None
        del self.fields["name" if self.user else "signed"]
        # One of several is asked for; the only one goes without saying.
        self.communities = list(self.fields["community"].queryset[:2])
        if len(self.communities) < 2:
            del self.fields["community"]
        else:
            self.initial.setdefault("community", self.communities[0].pk)
        self.helper = YuanhangHelper(
            "text",
            "reader",
            *(["community"] if "community" in self.fields else []),
            "signed" if self.user else "name",
            SubmitButton(_("发出")),
            css_class="stack",
        )

    def clean_submission_key(self):
        """The key of this page. Without a usable one the page was not ours."""
        key = parse_key(self.cleaned_data["submission_key"])
        if key is None:
            raise ValidationError(_("这个页面过期了，请再点一次发出。"), code="key")
        return key

    def clean(self):
        data = super().clean()
        if not self.communities:
            raise ValidationError(_("还没有设置社区，请联系管理员。"), code="community")
        return data

    def content(self):
        """What `complaints.submit` takes."""
        data = self.cleaned_data
        return Content(
            text=data["text"],
            reader=data["reader"],
            community=data.get("community") or self.communities[0],
            user=self.user if data.get("signed") else None,
            name=data.get("name", ""),
        )


class AnswerForm(forms.Form):
    """What the reader answers; whoever sent it reads exactly this."""

    answer = _words(
        gettext_lazy("答复"), error_messages={"required": gettext_lazy("写了答复再发。")}
    )

    helper = YuanhangHelper("answer", SubmitButton(gettext_lazy("答复")), tag=False)


class PublicForm(forms.Form):
    """The version for everybody, written by staff: no names, no telephones."""

    public_text = _words(
        gettext_lazy("问题，用自己的话写"),
        error_messages={"required": gettext_lazy("写上问题，大家才看得懂。")},
    )
    public_answer = _words(
        gettext_lazy("答复"), error_messages={"required": gettext_lazy("写上答复再公开。")}
    )

    helper = YuanhangHelper(
        "public_text",
        "public_answer",
        SubmitButton(gettext_lazy("公开"), css_class="btn-outline btn-block"),
        tag=False,
    )
