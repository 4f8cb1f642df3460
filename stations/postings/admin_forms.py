"""Forms of the admin: the post of a grid worker, and who stands in for one."""

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.models import Posting
from yuanhang.core.accounts import PhoneField
from yuanhang.core.models import User


class NamedByPhoneForm(forms.Form):
    """Says by telephone who is meant: staff see no list of accounts to choose from."""

    by_phone = PhoneField(label=_("谁（登记的手机号）"))

    def clean_by_phone(self) -> str:
        """The number; the account stands in `person`."""
        phone = self.cleaned_data["by_phone"]
        self.person = User.objects.filter(phone=phone, is_active=True).first()
        if self.person is None:
            raise forms.ValidationError(_("没有用这个手机号登记的人，请先让对方注册。"))
        return phone


class GridWorkerForm(NamedByPhoneForm, forms.ModelForm):
    """The post of a grid worker as the community's staff give it: to whom is said by telephone."""

    class Meta:
        model = Posting
        fields = ("role", "grid", "start", "end", "absent_from", "absent_until")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            grid_roles = [(role.value, role.label) for role in Posting.GRID_ROLES]
            self.fields["role"].choices = [("", "---------"), *grid_roles]
        if "grid" in self.fields:
            self.fields["grid"].required = True

    def clean_by_phone(self) -> str:
        phone = super().clean_by_phone()
        self.instance.user = self.person
        return phone


class PostChoice(forms.ModelChoiceField):
    """「第六网格 · 王网格员」: whose post it is."""

    def label_from_instance(self, posting: Posting) -> str:
        return f"{posting.place} · {posting.user}"


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SubstituteForm(NamedByPhoneForm):
    """请人代班: for whom and in which grid, who, from when until when."""

    posting = PostChoice(Posting.objects.none(), label=_("替谁，哪个网格"), empty_label=_("请选择"))
    by_phone = PhoneField(label=_("请谁代班（登记的手机号）"), autocomplete="off")
    start = forms.DateField(label=_("从哪天起"), widget=DayInput)
    until = forms.DateField(label=_("到哪天为止"), widget=DayInput)

    field_order = ("posting", "by_phone", "start", "until")

    def __init__(self, *args, posts: QuerySet[Posting], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["posting"].queryset = posts.select_related("user", "grid")
        self.fields["start"].initial = timezone.localdate
