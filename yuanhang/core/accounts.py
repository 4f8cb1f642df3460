"""Accounts through django-allauth: the phone is the log-in name, SMS only with a gateway."""

import logging
from functools import wraps

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from yuanhang.core import kept_answers, known_devices
from yuanhang.core.account_forms import AccountFormMixin
from yuanhang.core.log_ins import limit_session
from yuanhang.core.models import User, normalise_phone
from yuanhang.core.outbox import codes, sms
from yuanhang.core.text import clean
from yuanhang.core.worded import worded

logger = logging.getLogger(__name__)

DEVICE_COOKIE = "yuanhang_device"


class PhoneField(forms.CharField):
    """Takes a mobile number the way people type it and cleans it to eleven digits."""

    read = staticmethod(normalise_phone)

    def __init__(self, *, autocomplete="tel", **kwargs):
        kwargs.setdefault("label", _("手机号"))
        attrs = {"type": "tel", "autocomplete": autocomplete, "inputmode": "tel"}
        # Room for marks that are copied along and for a +86 in front.
        kwargs["widget"] = forms.TextInput(attrs=attrs | {"maxlength": 40})
        super().__init__(**kwargs)
        self.validators = []  # what is too long for a phone is no phone, in our own words

    def clean(self, value):
        # Eleven digits, or an empty text where the field is optional.
        value = super().clean(clean(value) if isinstance(value, str) else value)
        return self.read(value) if value else value


class AccountAdapter(DefaultAccountAdapter):
    """Teaches allauth where the phone lives, how long a session lasts and how to throttle."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "phone_password_mismatch": _("手机号或密码不对，再试一次。"),
        "phone_taken": _("这个手机号已经注册过，直接登录就行。"),
        "too_many_login_attempts": _("试的次数太多了，过五分钟再来。"),
        "unknown_phone": _("没有这个手机号的账号。"),
    }

    def phone_form_field(self, **kwargs):
        """The field for a phone."""
        kwargs.pop("label", None)
        return PhoneField(**kwargs)

    def clean_password(self, password, user=None):
        """Django 5.2 has no Chinese sentence for a password that is too short."""
        try:
            return super().clean_password(password, user)
        except ValidationError as error:
            for item in error.error_list:
                if item.code == "password_too_short":
                    item.message = _("密码太短了，至少 %(min_length)d 位。")
            raise

    def get_phone(self, user):
        """The phone and whether it was verified."""
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user, phone, verified):
        """Store a new phone."""
        user.phone = phone
        user.phone_verified_at = timezone.now() if verified else None
        user.save(update_fields=["phone", "phone_verified_at"])

    def set_phone_verified(self, user, phone):
        """Remember that a code sent there came back."""
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone):
        """The person with this phone, or None."""
        try:
            return User.objects.filter(phone=normalise_phone(phone)).first()
        except ValidationError:
            return None

    def send_verification_code_sms(self, user, phone, code, **kwargs):
        """Send a code; without a gateway there is no page that needs one."""
        if sms.gateway() is None:
            raise Http404
        if not ratelimit.consume(self.request, action="sms_code", key=phone):
            raise ImmediateHttpResponse(self._without_code(_("这个号码要得太勤了，过十分钟再试。")))
        try:
            is_sure = codes.send(phone, code)
        except codes.TooManyError:
            words = _("今天发给这个号码的短信够多了，明天再试，或者用密码登录。")
            raise ImmediateHttpResponse(self._without_code(words)) from None
        except codes.NotSentError as error:
            # The kind of error, not its text: gateways like to repeat the phone number in it.
            logger.warning("A code was not sent: %s", error)
            words = _("短信没发出去，过一分钟再试一次。")
            raise ImmediateHttpResponse(self._without_code(words)) from None
        if not is_sure:
            messages.info(self.request, _("短信可能晚一点到。一分钟还没收到，再要一次。"))

    def _without_code(self, words):
        """Back to where a code can be asked for again; who has just signed up has an account."""
        request = self.request
        if request.path == reverse("account_signup"):
            messages.error(request, _("账号建好了，可是验证短信没发出去。过一分钟再登录一次。"))
            return redirect("account_login")
        messages.error(request, words)
        return redirect(request.path)

    def save_user(self, request, user, form, commit=True):
        """The phone is unique and never empty, so it is set before the first save."""
        user.phone = form.cleaned_data["phone"]
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError:
            # Two sign-ups of one number at the same moment: the second hears that it exists.
            raise self.validation_error("phone_taken") from None

    def get_login_redirect_url(self, request):
        """Everybody lands where their work is; `home` decides."""
        return reverse("home") + "?from=login"

    def login(self, request, user):
        """Log in, with a long session for riders and a short one for those who see others' data."""
        super().login(request, user)
        limit_session(request, user)
        known_devices.note(request, user)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """allauth counts per e-mail or user name, which nobody has here: all would share a count.

        Its private hook, so a test locks one account and walks into another. A browser in which
        this account logged in before has a count of its own: whoever tries passwords from
        elsewhere locks nobody out of their own phone.
        """
        phone = credentials["phone"]
        return f"{phone} {device_of(request)}" if known_devices.knows(request, phone) else phone

    def pre_authenticate(self, request, **credentials):
        """Count per account and address (allauth), and per device (ours)."""
        super().pre_authenticate(request, **credentials)
        if not self._count_device(request, dry_run=True):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request, **credentials):
        """Only failures count against a device: the desk's tablet logs in all day."""
        self._count_device(request, dry_run=False)

    @staticmethod
    def _count_device(request, *, dry_run):
        device = device_of(request)
        return not device or ratelimit.consume(
            request, action="login_failed_device", key=device, dry_run=dry_run
        )


def device_of(request):
    """The random name of this browser from its signed cookie, or an empty text."""
    try:
        return request.get_signed_cookie(DEVICE_COOKIE, default="")
    except BadSignature:
        return ""


def needs_gateway(view):
    """A view that is nobody's where no code can be sent."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if sms.gateway() is None:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def remembers_device(view):
    """A view whose page gives the browser its random name, so that throttles can tell it."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        return remember_device(request, view(request, *args, **kwargs))

    return wrapped


def remember_device(request, response):
    """Give a browser that has none a random name, used for nothing but throttling."""
    if not device_of(request):
        response.set_signed_cookie(
            DEVICE_COOKIE,
            get_random_string(24),
            max_age=settings.SESSION_COOKIE_AGE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


class LoginForm(AccountFormMixin, AllauthLoginForm):
    """Log-in by phone; the session's length depends on who it is, not on a tick box."""

    submit_label = _("登录")
    form_id, form_action = "login-form", "account_login"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        self.fields["password"].label = _("密码")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def login(self, request, redirect_url=None):
        """allauth sets its own expiry after the log-in; ours has the last word."""
        response = super().login(request, redirect_url)
        if request.user.is_authenticated:
            limit_session(request, request.user)
        return response


@worded()
def _all_versions(_model):
    return kept_answers.all_versions()


class RightsInCodeBackend(AuthenticationBackend):
    """allauth's log-in; rights come from postings and rules in code, never from permission rows.

    Django's admin asks for permission rows on every page; here nobody need look for them.
    """

    def get_user(self, user_id):
        """The account of a session; whether what this process keeps is still so comes with it."""
        rows = User.objects.annotate(table_versions=_all_versions(User))
        user = rows.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        kept_answers.take(user.table_versions)
        return user

    def get_user_permissions(self, user_obj, obj=None):
        return set()

    def get_group_permissions(self, user_obj, obj=None):
        return set()

    def get_all_permissions(self, user_obj, obj=None):
        return set()

    def has_module_perms(self, user_obj, app_label):
        return False
