"""The second factor's forms: a code of the minute is taken once, wherever it is typed.

allauth remembers a used code for one period only, and none that was used for setting up; with a
tolerance a code lives for three.
"""

import hashlib

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django.core.cache import cache

PERIODS = 2 * 1 + 1  # the code of now, the one before and the one after


def spend(user, code):
    """Take a code for good; whether nobody had taken it before."""
    digits = "".join(filter(str.isalnum, code))
    name = hashlib.sha256(f"{user.pk}:{digits}".encode()).hexdigest()
    seconds = (PERIODS + 1) * app_settings.TOTP_PERIOD
    return cache.add(f"second_factor:{name}", "spent", timeout=seconds)


class OnceMixin:
    """A code that was right is right once."""

    def clean_code(self):
        code = super().clean_code()
        if not spend(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(OnceMixin, mfa_forms.AuthenticateForm):
    """After the password."""


class ReauthenticateForm(OnceMixin, mfa_forms.ReauthenticateForm):
    """Before something that matters."""


class ActivateTOTPForm(OnceMixin, totp_forms.ActivateTOTPForm):
    """The first code of a new device."""
