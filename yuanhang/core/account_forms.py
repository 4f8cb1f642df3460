"""allauth's forms, laid out as ours; what they ask and check stays theirs."""

from allauth.account import forms as allauth_forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yuanhang.core.form_layout import Fragment, SubmitButton, YuanhangHelper


class AccountFormMixin:
    """The fields in their order, where to go afterwards, and a button that says `submit_label`."""

    submit_label = ""
    form_id = form_action = ""

    @property
    def helper(self):
        return YuanhangHelper(
            *self.fields,
            Fragment("account/_redirect.html"),
            SubmitButton(self.submit_label),
            css_id=self.form_id,
            action=self.form_action,
        )


def reset_link():
    """The way out for who forgot the password, high enough for a thumb."""
    address = reverse("account_reset_password")
    return format_html('<a class="link-action" href="{}">{}</a>', address, gettext("忘记密码？"))


class ChangePasswordForm(AccountFormMixin, allauth_forms.ChangePasswordForm):
    """The old password and a new one."""

    submit_label = _("改好了")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = reset_link()


class ReauthenticateForm(AccountFormMixin, allauth_forms.ReauthenticateForm):
    """The password once more, before something that matters."""

    submit_label = _("继续")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = reset_link()


class RequestLoginCodeForm(AccountFormMixin, allauth_forms.RequestLoginCodeForm):
    submit_label = _("发验证码")


class ConfirmLoginCodeForm(AccountFormMixin, allauth_forms.ConfirmLoginCodeForm):
    """The code that came by SMS."""

    submit_label = _("登录")


class VerifyPhoneForm(AccountFormMixin, allauth_forms.VerifyPhoneForm):
    """The code that came by SMS, after signing up or with a new phone."""

    submit_label = _("确定")


class ChangePhoneForm(AccountFormMixin, allauth_forms.ChangePhoneForm):
    """The new phone."""

    submit_label = _("下一步")
