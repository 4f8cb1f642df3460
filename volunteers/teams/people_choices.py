"""Whom staff name for a session or an errand: chosen from a short list, or by phone."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stations.postings.access import own_communities
from stations.postings.admin_choices import OwnPlacesMixin
from stations.postings.models import Posting
from volunteers.teams.models import Membership, Team
from workers.models import Worker
from yuanhang.core.accounts import PhoneField
from yuanhang.core.models import User


def usual_people(user):
    """Active people who serve in the communities of a member of staff, or are in their teams."""
    mine = own_communities(user).values("pk")
    posts = Posting.objects.current().filter(
        Q(community__in=mine) | Q(grid__community__in=mine) | Q(station__community__in=mine)
    )
    teams = Membership.objects.current().filter(team__community__in=mine)
    known = Q(pk__in=posts.values("user")) | Q(pk__in=teams.values("user"))
    return User.objects.filter(known, is_active=True).order_by("display_name", "pk")


def registered_people(user):
    """Active people registered in the subdistricts of a member of staff."""
    here = own_communities(user).values("subdistrict")
    workers = Worker.objects.filter(community__subdistrict__in=here)
    return User.objects.filter(pk__in=workers.values("user"), is_active=True)


class NamesPeopleMixin(OwnPlacesMixin):
    """For a ModelAdmin or inline whose form names a person."""

    def choices_of(self, user):
        """One's own places, teams and people."""
        people = usual_people(user)
        return super().choices_of(user) | {
            "team": Team.objects.managed_by(user).order_by("name"),
            "leader": people,
            "preferred": people,
        }

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        # Whom the phone may find comes along to the form.
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name in ("leader", "preferred"):
            field.reachable = registered_people(request.user)
        return field


class NamesAPersonForm(forms.ModelForm):
    """A form whose `person_field` is chosen from the list, or found by phone."""

    person_field = ""
    by_phone = PhoneField(
        label=_("或按手机号"),
        required=False,
        help_text=_("名单里没有的人，填登记的手机号。"),
        autocomplete="off",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get(self.person_field)
        if field is not None:
            # Whoever is named already stays, also after leaving a post or a team.
            named = Q(pk=getattr(self.instance, f"{self.person_field}_id"))
            usual = Q(pk__in=field.queryset.order_by().values("pk"))
            field.queryset = User.objects.filter(usual | named).order_by("display_name", "pk")

    def clean_by_phone(self):
        """The person, or None."""
        phone = self.cleaned_data["by_phone"]
        if not phone:
            return None
        found = self.fields[self.person_field].reachable
        person = found.filter(phone=phone).first()
        if person is None:
            raise ValidationError(_("本街道没有用这个手机号登记的人。"))
        return person

    def clean(self):
        # The phone wins: it was typed last.
        cleaned = super().clean()
        if cleaned.get("by_phone"):
            cleaned[self.person_field] = cleaned["by_phone"]
        return cleaned

    @property
    def changed_data(self):
        """A phone changes whom the form names."""
        changed = super().changed_data
        return [self.person_field if name == "by_phone" else name for name in changed]
