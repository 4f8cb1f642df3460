"""Forms of the admin: an activity with its picture, a session, and what each verb asks."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.errands.models import Errand
from volunteers.teams.people_choices import NamesAPersonForm


class ErrandForm(NamesAPersonForm):
    """An errand, and who usually does it."""

    person_field = "preferred"

    class Meta:
        model = Errand
        exclude = ("made_by",)

    def clean_due_on(self):
        """Nobody is shown what is past its day: the errand would be done by nobody."""
        day = self.cleaned_data["due_on"]
        is_old = self.instance.pk is not None and day == self.instance.due_on
        if not is_old and day < timezone.localdate():
            raise forms.ValidationError(_("这一天已经过去了，没人会看到这件任务。"))
        return day
