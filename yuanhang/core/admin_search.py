"""Search in the admin's lists of people: what is typed comes by POST, and never into an address.

Addresses lie in histories, logs and on other people's screens. What looks like a telephone number,
or a part of one, is kept in the session; the trail notes that one was searched, and how many rows
came, not its digits.
"""

import re
import unicodedata

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from . import audit
from .models import normalise_phone

SEARCH_BOX = "search_text"
DIGITS_MIN = 4  # as people say the end of a number
NOT_DIGITS = re.compile(r"[^0-9]")


def _session_key(opts):
    return f"phone_search:{opts.label_lower}"


def _phone_part(text):
    """The digits of what looks like a telephone number or a part of it, else nothing."""
    try:
        return normalise_phone(text)
    except ValidationError:
        plain = unicodedata.normalize("NFKC", text)
        digits = NOT_DIGITS.sub("", plain)
        letters = any(character.isalpha() for character in plain)
        return digits if len(digits) >= DIGITS_MIN and not letters else ""


class PhoneFilter(SimpleListFilter):
    """The rows whose telephone number was searched for last."""

    title, parameter_name = _("手机号"), "by_phone"

    def __init__(self, request, params, model, model_admin):
        self.phone = request.session.get(_session_key(model._meta), "")
        self.path = model_admin.phone_path
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        # Offered once there is something to come back to.
        return [("1", _("刚才找的号码"))] if self.phone else []

    def queryset(self, request, queryset):
        if self.value() and self.phone:
            return queryset.filter(**{f"{self.path}__contains": self.phone})
        return queryset


def search_by_post(model_admin, request):
    """Take the words of the search box and lead to the list that answers them."""
    text = request.POST[SEARCH_BOX].strip()
    phone = _phone_part(text)
    if not phone:
        return redirect(f"{request.path}?{urlencode({'q': text})}" if text else request.path)
    request.session[_session_key(model_admin.opts)] = phone
    rows = model_admin.get_queryset(request).filter(
        **{f"{model_admin.phone_path}__contains": phone}
    )
    kind = f"{model_admin.opts.app_label}.searched"
    audit.record(kind, None, by=request.user, role="admin", changes={"rows": rows.count()})
    return redirect(f"{request.path}?{PhoneFilter.parameter_name}=1")
