"""Covering a picture before everybody may see it, the month somebody looks at, a passer's word."""

from datetime import date, datetime

from django import forms
from django.utils import timezone

from hazards.published.forms import _next_month


class MonthForm(forms.Form):
    """`month`: 2026-11; whatever is none counts as this month."""

    month = forms.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False)

    @property
    def first(self):
        """The first day of the month asked for, never one to come."""
        text = self.cleaned_data.get("month") if self.is_valid() else ""
        today = timezone.localdate().replace(day=1)
        return min(date.fromisoformat(f"{text}-01"), today) if text else today

    @property
    def following(self):
        """The first day of the month after."""
        return _next_month(self.first)

    @property
    def span(self):
        """(start, end) of the month as moments, the end not included."""
        zone = timezone.get_current_timezone()
        return tuple(
            datetime(day.year, day.month, 1, tzinfo=zone) for day in (self.first, self.following)
        )
