"""招工信息: community staff enter what partner units offer."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations.postings.access import own_communities
from stations.postings.models import Organisation
from workers.rights import job_offers
from workers.rights.models import JobOffer
from yuanhang.core.phones import find_numbers
from yuanhang.core.scoped_admin import OwnChoicesMixin, ScopedAdmin


class JobOfferForm(forms.ModelForm):
    """An offer that is still to come to its end, with a contact that may be public."""

    class Meta:
        model = JobOffer
        fields = ("community", "organisation", "title", "pay", "contact", "until")

    def clean_until(self):
        """Its last day; a new one is not over yet."""
        day = self.cleaned_data["until"]
        if "until" in self.changed_data and day < timezone.localdate():
            raise forms.ValidationError(_("这天已经过了。"), code="past")
        return day

    def clean_contact(self):
        """The unit's desk: a person's own number stands on no public page."""
        text = self.cleaned_data["contact"]
        if any(found.is_mobile for found in find_numbers(text)):
            raise forms.ValidationError(
                _("这里谁都看得到，写单位的座机或地址，别写手机号。"), code="mobile"
            )
        return text


@admin.register(JobOffer)
class JobOfferAdmin(OwnChoicesMixin, ScopedAdmin):
    """招工信息, of one's own community."""

    form = JobOfferForm
    staff_may = frozenset({"view", "add", "change", "delete"})
    list_display = ("title", "organisation", "pay", "community", "until")
    list_select_related = ("organisation", "community")

    def scoped(self, queryset, user):
        """Of the communities the viewer works for."""
        return queryset.filter(community__in=own_communities(user))

    def choices_of(self, user):
        """One's own communities, and the partners of their subdistricts."""
        mine = own_communities(user)
        partners = Organisation.objects.filter(
            kind=Organisation.Kind.PARTNER,
            is_active=True,
            subdistrict__in=mine.values("subdistrict"),
        )
        return {"community": mine, "organisation": partners}

    def create_row(self, request, row, form):
        job_offers.create(row, by=request.user)

    def edit_row(self, request, row, form):
        job_offers.edit(row, by=request.user, fields=form.changed_data)
