"""Search in the admin's lists of people by telephone; `phone_search` says why it comes by POST."""

from django.contrib.admin import SimpleListFilter
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from . import phone_search

SEARCH_BOX = "search_text"


class PhoneFilter(SimpleListFilter):
    """The rows whose telephone number was searched for last."""

    title, parameter_name = _("手机号"), "by_phone"

    def __init__(self, request, params, model, model_admin):
        self.phone = phone_search.remembered(request, model._meta.label_lower)
        self.path = model_admin.phone_path
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        # Offered once there is something to come back to.
        return [("1", _("刚才找的号码"))] if self.phone else []

    def queryset(self, request, queryset):
        if self.value() and self.phone:
            return queryset.filter(**{f"{self.path}__holds_digits": self.phone})
        return queryset


def search_by_post(model_admin, request):
    """Take the words of the search box and lead to the list that answers them."""
    text = request.POST[SEARCH_BOX].strip()
    phone = phone_search.phone_part(text)
    if not phone:
        return redirect(f"{request.path}?{urlencode({'q': text})}" if text else request.path)
    phone_search.remember(request, model_admin.opts.label_lower, phone)
    rows = model_admin.get_queryset(request).filter(
        **{f"{model_admin.phone_path}__holds_digits": phone}
    )
    kind = f"{model_admin.opts.app_label}.searched"
    phone_search.note(kind, by=request.user, role="admin", rows=rows.count())
    return redirect(f"{request.path}?{PhoneFilter.parameter_name}=1")
