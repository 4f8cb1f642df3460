"""The leader's list: one line a person, present unless said otherwise."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.record.attendance import Extra, Mark
from volunteers.record.models.service_records import Attendance
from volunteers.record.roster import lines_of
from yuanhang.core.fields import WordsField
from yuanhang.core.models import normalise_phone

EXTRA_ROWS = 3
EXTRA_FIELDS = ("extra_name", "extra_phone", "extra_minutes")
TIMED = (Attendance.Kind.LATE, Attendance.Kind.LEFT_EARLY)


def _minutes_field(longest):
    message = _("实际分钟数要在 1 到 %(limit)s 之间。") % {"limit": longest}
    words = dict.fromkeys(("invalid", "min_value", "max_value"), message)
    return forms.IntegerField(required=False, min_value=1, max_value=longest, error_messages=words)


class RosterForm(forms.Form):
    """`kind-<key>`, `minutes-<key>` and `failed-<key>` a line; three rows for extra people."""

    reason = WordsField(max_length=200, required=False)

    def __init__(self, data=None, *, session):
        super().__init__(data)
        self.session, self.lines = session, lines_of(session)
        self.with_result = session.activity.course_id is not None
        for line in self.lines:
            kind = forms.ChoiceField(
                choices=Attendance.Kind.choices,
                required=False,
                error_messages={"invalid_choice": _("选一个：到了、没来、晚到、早走。")},
            )
            self.fields[f"kind-{line.key}"] = kind
            self.fields[f"minutes-{line.key}"] = _minutes_field(session.minutes)
            self.fields[f"failed-{line.key}"] = forms.BooleanField(required=False)
        for row in range(EXTRA_ROWS):
            self.fields[f"extra_name-{row}"] = WordsField(max_length=30, required=False)
            self.fields[f"extra_phone-{row}"] = WordsField(max_length=20, required=False)
            self.fields[f"extra_minutes-{row}"] = _minutes_field(session.minutes)

    def clean(self):
        """Late and early ones need their minutes, extra people a name or a phone that is one."""
        data = super().clean()
        for line in self.lines:
            minutes = f"minutes-{line.key}"
            is_timed = data.get(f"kind-{line.key}") in TIMED
            if is_timed and not data.get(minutes) and minutes not in self.errors:
                self.add_error(minutes, _("晚到或早走，写上实际多少分钟。"))
        for row in range(EXTRA_ROWS):
            self._check_extra(row, *(data.get(f"{name}-{row}") for name in EXTRA_FIELDS))
        return data

    def _check_extra(self, row, name, phone, minutes):
        if phone:
            try:
                normalise_phone(phone)
            except forms.ValidationError as error:
                self.add_error(f"extra_phone-{row}", error)
        elif minutes and not name:
            self.add_error(f"extra_name-{row}", _("这些分钟是谁的？写个称呼或手机号。"))

    def _now(self, name, else_):
        """What was sent under a name, or what holds."""
        return self.data.get(name, "") if self.is_bound else else_

    def rows(self):
        """(line, kind, minutes, failed, errors) for the page, as sent or as it is."""
        for line in self.lines:
            kind = self._now(f"kind-{line.key}", line.kind) or line.kind
            timed = line.minutes if line.kind in TIMED else ""
            yield {
                "line": line,
                "kind": kind,
                "minutes": self._now(f"minutes-{line.key}", timed),
                "failed": self._now(f"failed-{line.key}", not line.is_passed and line.minutes),
                "errors": [
                    error
                    for name in (f"kind-{line.key}", f"minutes-{line.key}")
                    for error in (self.errors.get(name, ()) if self.is_bound else ())
                ],
            }

    def extra_rows(self):
        """The rows for people who came without signing up."""
        for row in range(EXTRA_ROWS):
            errors = [
                error
                for name in EXTRA_FIELDS
                for error in (self.errors.get(f"{name}-{row}", ()) if self.is_bound else ())
            ]
            values = [self._now(f"{name}-{row}", "") for name in EXTRA_FIELDS]
            yield {"row": row, "values": values, "errors": errors}

    def marks(self):
        """What the lines say, by key; a line that was not sent stays as it is."""
        found = {}
        for line in self.lines:
            kind = self.cleaned_data.get(f"kind-{line.key}")
            if kind:
                failed = self.with_result and self.cleaned_data[f"failed-{line.key}"]
                minutes = self.cleaned_data[f"minutes-{line.key}"]
                found[line.key] = Mark(kind, minutes, is_passed=not failed)
        return found

    def extras(self):
        """The rows that were filled in."""
        rows = [
            Extra(
                name=self.cleaned_data[f"extra_name-{row}"],
                phone=self.cleaned_data[f"extra_phone-{row}"],
                minutes=self.cleaned_data[f"extra_minutes-{row}"],
            )
            for row in range(EXTRA_ROWS)
        ]
        return [extra for extra in rows if extra.name or extra.phone]
