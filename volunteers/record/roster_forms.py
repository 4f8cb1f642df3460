"""The leader's list: one line a person, present unless said otherwise."""

from dataclasses import dataclass

from crispy_forms.layout import Div
from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.record.attendance import Extra, Mark
from volunteers.record.models.service_records import Attendance
from volunteers.record.roster import Line, lines_of
from yuanhang.core import versions
from yuanhang.core.fields import WordsField
from yuanhang.core.form_layout import Fragment, YuanhangHelper
from yuanhang.core.models import normalise_phone
from yuanhang.core.versions import VersionedAnswerMixin

EXTRA_ROWS = 3  # people who came without signing up; more are entered by saving again
EXTRA_FIELDS = ("extra_name", "extra_phone", "extra_minutes")
TIMED = (Attendance.Kind.LATE, Attendance.Kind.LEFT_EARLY)


def _minutes_field(label, longest):
    message = _("实际分钟数要在 1 到 %(limit)s 之间。") % {"limit": longest}
    words = dict.fromkeys(("invalid", "min_value", "max_value"), message)
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=longest, error_messages=words
    )


@dataclass(frozen=True)
class LineRow:
    """A line of the list on the page, as sent or as it is."""

    line: Line
    kind: str
    minutes: int | str
    is_failed: bool
    errors: list[str]


@dataclass(frozen=True)
class ExtraRow:
    """A row for somebody who came without signing up; `number` counts from 0."""

    number: int
    name: str
    phone: str
    minutes: str
    errors: list[str]


class RosterForm(VersionedAnswerMixin, forms.Form):
    """`kind-<key>`, `minutes-<key>` and `failed-<key>` a line; three rows for extra people.

    `reason` is asked where a list that was confirmed is corrected; `correct` says that it is.
    """

    reason = WordsField(
        label=_("为什么改"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, data=None, *, session):
        super().__init__(data)
        self.session, self.lines = session, lines_of(session)
        self.with_result = session.activity.course_id is not None
        for line in self.lines:
            self._add_line(line)
        for row in range(EXTRA_ROWS):
            self._add_extra(row)
        self.remember_version()
        self.helper = self._helper()

    def stored(self):
        """What the lines say by now."""
        found = {}
        for line in self.lines:
            found[f"kind-{line.key}"] = line.kind
            found[f"minutes-{line.key}"] = line.minutes if line.kind in TIMED else None
        return found

    def _add_line(self, line):
        self.fields[f"kind-{line.key}"] = forms.ChoiceField(
            label=line.name,
            choices=Attendance.Kind.choices,
            required=False,
            error_messages={"invalid_choice": _("选一个：到了、没来、晚到、早走。")},
        )
        self.fields[f"minutes-{line.key}"] = _minutes_field(line.name, self.session.minutes)
        self.fields[f"failed-{line.key}"] = forms.BooleanField(required=False)

    def _add_extra(self, row):
        name = WordsField(label=_("称呼"), max_length=30, required=False)
        phone = WordsField(label=_("手机号"), max_length=40, required=False)
        self.fields[f"extra_name-{row}"] = name
        self.fields[f"extra_phone-{row}"] = phone
        self.fields[f"extra_minutes-{row}"] = _minutes_field(_("分钟"), self.session.minutes)

    def _helper(self):
        """The lines and the rows for extra people are written by templates of their own."""
        by_hand = [name for name in self.fields if name not in ("reason", versions.NAME)]
        layout = [Fragment("volunteers/record/_roster_lines.html", *by_hand), versions.NAME]
        if self.session.settled_at:
            layout.append(Div("reason", css_class="no-print"))
        # The choices of a line have no ids of their own; its minutes stand beside them.
        anchors = {f"kind-{line.key}": f"id_minutes-{line.key}" for line in self.lines}
        return YuanhangHelper(*layout, css_id="roster", anchors=anchors)

    def clean(self):
        # Late and early ones need their minutes, extra people a name or a phone that is one.
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

    def _now(self, name, current):
        """What was sent under a name, or what holds."""
        return self.data.get(name, "") if self.is_bound else current

    def rows(self):
        """A `LineRow` for each line."""
        for line in self.lines:
            timed = line.minutes if line.kind in TIMED else ""
            is_failed = not line.is_passed and line.minutes > 0
            yield LineRow(
                line=line,
                kind=self._now(f"kind-{line.key}", line.kind) or line.kind,
                minutes=self._now(f"minutes-{line.key}", timed),
                is_failed=bool(self._now(f"failed-{line.key}", is_failed)),
                errors=self._errors_of(f"kind-{line.key}", f"minutes-{line.key}"),
            )

    def extra_rows(self):
        """An `ExtraRow` for each of the rows for people who came without signing up."""
        for row in range(EXTRA_ROWS):
            names = [f"{name}-{row}" for name in EXTRA_FIELDS]
            values = [self._now(name, "") for name in names]
            yield ExtraRow(row, *values, errors=self._errors_of(*names))

    def _errors_of(self, *names):
        """What is wrong in these fields, in words."""
        if not self.is_bound:
            return []
        return [error for name in names for error in self.errors.get(name, ())]

    def marks(self):
        """{key: Mark} of what the lines say; a line that was not sent stays as it is."""
        marks = {}
        for line in self.lines:
            kind = self.cleaned_data.get(f"kind-{line.key}")
            if kind:
                failed = self.with_result and self.cleaned_data[f"failed-{line.key}"]
                minutes = self.cleaned_data[f"minutes-{line.key}"]
                marks[line.key] = Mark(kind, minutes, is_passed=not failed)
        return marks

    def extras(self):
        """The rows that were filled in."""
        extras = [
            Extra(
                name=self.cleaned_data[f"extra_name-{row}"],
                phone=self.cleaned_data[f"extra_phone-{row}"],
                minutes=self.cleaned_data[f"extra_minutes-{row}"],
            )
            for row in range(EXTRA_ROWS)
        ]
        return [extra for extra in extras if extra.name or extra.phone]
