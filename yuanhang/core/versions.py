"""Two people edit one row: the second is shown both texts, and nothing is undone unseen.

A form that edits carries the version of what it showed: a digest of the stored values that its
fields began with, so that no table needs a column for it, and what the form does not touch may
change meanwhile. When it comes back the values are read again, one form after the other: where they
have another version by then, the form is refused with what is stored beside what was typed. Sent
once more, it says what its sender wants, having seen it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db import connection, models
from django.forms.formsets import ManagementForm
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

NAME = "form_version"
ROWS = "ROW_VERSIONS"  # of a formset: "key:version" of each row, with blanks between
DIGITS = 16
CHANGED = _("你打开以后，别人改过这里，所以还没保存。两边都列在下面；改好再保存一次，以这次为准。")
GONE = _("你打开以后，别人把这一条删了。你写的是：%(typed)s")


class VersionField(forms.CharField):
    """The version of what a form showed; no value of the row's."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, label="", max_length=DIGITS)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Never: it is not stored."""
        return False


class VersionedFormMixin:
    """For a form that edits what is stored; `initial` holds what it began with."""

    is_outdated = False
    # Where `clean` of the form itself makes what is compared, it calls `compare_versions`.
    compares_late = False
    # What the verb said to it a moment ago; the form comes back with it.
    refusal = ""

    def stored(self) -> Mapping[str, Any]:
        """What is stored, by the names of the fields that say something else of it."""
        return {name: self.initial.get(name) for name in _initial_names(self)}

    def differing(self) -> list[str]:
        """The fields in which what was typed differs from what is stored."""
        known = self.stored()
        return [name for name in self.changed_data if name in known]

    def remember_version(self) -> None:
        """Carry the version of what is stored; called once all fields are there."""
        if is_of_stored_row(self):
            self.fields.setdefault(NAME, VersionField())
            self.initial[NAME] = version_of(self)
        else:
            self.fields.pop(NAME, None)

    def clean(self) -> Any:
        """Refuse what was typed over something else than what is stored by now."""
        cleaned = super().clean()
        self.cleaned_data.pop(NAME, None)
        if self.refusal:
            self.add_error(None, self.refusal)
        if not self.compares_late:
            self.compare_versions()
        return cleaned

    def compare_versions(self) -> None:
        """Add the error with both texts where somebody else was faster."""
        said = self.data.get(self.add_prefix(NAME))
        if said and said != version_of(self) and refuse_outdated(self):
            self.is_outdated = True
            self.data = self.data.copy()
            self.data[self.add_prefix(NAME)] = version_of(self)


class VersionedAnswerMixin(VersionedFormMixin):
    """For a form that begins empty, and says something else of what is stored."""

    def stored(self) -> Mapping[str, Any]:
        """Named by each form."""
        raise NotImplementedError

    def differing(self) -> list[str]:
        typed = self.cleaned_data
        return [
            name
            for name, value in self.stored().items()
            if name in typed and (_plain(typed[name]) or "") != (_plain(value) or "")
        ]


class VersionedForm(VersionedFormMixin, forms.ModelForm):
    """The form of a row."""

    form_version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember_version()


def versioned_form(form: Any) -> Any:
    """The form that an admin uses, with a version."""
    if issubclass(form, VersionedForm):
        return form
    return type(form.__name__, (VersionedForm, form), {})


class VersionedFormSet(forms.BaseModelFormSet):
    """Rows under their parent, or of a list, each with its version in the management form."""

    @cached_property
    def management_form(self) -> ManagementForm:
        """Django's, and the versions of the rows that are shown."""
        form = super().management_form
        form.fields[ROWS] = forms.CharField(required=False, widget=forms.HiddenInput)
        if not self.is_bound:
            form.initial[ROWS] = self._versions()
        return form

    def clean(self) -> None:
        """Refuse rows that somebody else has changed meanwhile."""
        super().clean()
        said = dict(item.split(":", 1) for item in self._said().split() if ":" in item)
        refused, gone = False, []
        for form in self.initial_forms:
            if form.instance._state.adding and form.has_changed():
                gone.append(form)
            known = said.get(str(form.instance.pk))
            if known and known != version_of(form) and form.has_changed():
                refused = refuse_outdated(form) or refused
        if refused:
            self.data = self.data.copy()
            self.data[self._key()] = self._versions()
            self.management_form.data = self.data
        if gone:
            # The page does not show a row that is not there: what was typed stands here.
            raise forms.ValidationError([GONE % {"typed": _all_typed(form)} for form in gone])

    def _key(self) -> str:
        return f"{self.prefix}-{ROWS}"

    def _said(self) -> str:
        return self.data.get(self._key()) or ""

    def _versions(self) -> str:
        rows = [form for form in self.initial_forms if is_of_stored_row(form)]
        return " ".join(f"{form.instance.pk}:{version_of(form)}" for form in rows)


def hold(model: type[models.Model], keys: Iterable[Any]) -> None:
    """Let one form after the other be compared and stored; until the transaction ends.

    Not the row's own lock: verbs take those in an order of their own.
    """
    with connection.cursor() as cursor:
        for key in sorted({str(key) for key in keys}):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))",
                [model._meta.label_lower, key],
            )


def versioned_formset(formset: Any) -> Any:
    """A class of formsets that keeps versions."""
    if issubclass(formset, VersionedFormSet):
        return formset
    return type(formset.__name__, (VersionedFormSet, formset), {})


def is_of_stored_row(form: Any) -> bool:
    """Whether a form edits something: a plain form always, one of a model where its row is."""
    instance = getattr(form, "instance", None)
    return instance is None or not instance._state.adding


def version_of(form: Any) -> str:
    """The version of the stored values that a form began with."""
    stored = {name: _plain(value) for name, value in _stored_of(form).items()}
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _stored_of(form: Any) -> Mapping[str, Any]:
    if isinstance(form, VersionedFormMixin):
        return form.stored()
    return {name: form.initial.get(name) for name in _initial_names(form)}


def _initial_names(form: Any) -> Iterator[str]:
    """The fields whose stored values a form began with."""
    instance = getattr(form, "instance", None)
    columns = None
    if instance is not None:
        options = instance._meta
        columns = {field.name for field in (*options.fields, *options.many_to_many)}
    for name, field in form.fields.items():
        if name == NAME or field.disabled or name not in form.initial:
            continue
        if columns is None or name in columns:
            yield name


def _plain(value: Any) -> Any:
    """A value as JSON has it, the same for what is equal."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str) or not isinstance(value, Iterable):
        return force_str(value) if value is not None else None
    return sorted((_plain(item) for item in value), key=str)


def refuse_outdated(form: Any) -> bool:
    """Add the error with both texts, where what was typed differs from what is stored by now."""
    known = _stored_of(form)
    if isinstance(form, VersionedFormMixin):
        names = form.differing()
    else:
        names = [name for name in form.changed_data if name in known]
    if not names:
        return False  # both want the same
    rows = [
        (_label(form, name), _shown(form.fields[name], known[name]), _typed(form, name))
        for name in names
    ]
    context = {"words": CHANGED, "rows": rows}
    form.add_error(None, render_to_string("core/both_texts.html", context))
    return True


def _all_typed(form: Any) -> str:
    keys = {NAME, form._meta.model._meta.pk.name}
    names = [name for name in form.changed_data if name not in keys]
    return "；".join(words for name in names if (words := _typed(form, name)))


def _label(form: Any, name: str) -> str:
    return str(form[name].label)


def _typed(form: Any, name: str) -> str:
    field = form.fields[name]
    if name in form.cleaned_data:
        return _shown(field, form.cleaned_data[name])
    return _shown(field, form[name].data)


def _shown(field: Any, value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(field, forms.ModelMultipleChoiceField):
        return "、".join(sorted(str(row) for row in _rows(field, value or ())))
    if isinstance(field, forms.ModelChoiceField):
        return "、".join(str(row) for row in _rows(field, [value] if value else ()))
    if isinstance(field, forms.MultipleChoiceField):
        return "、".join(_choice(field, item) for item in value or ())
    if isinstance(field, forms.ChoiceField):
        return _choice(field, value)
    if isinstance(value, list | tuple):
        return "、".join(str(item) for item in value)
    return "" if value is None else str(value)


def _rows(field: Any, values: Any) -> list[Any]:
    keys = [getattr(value, "pk", value) for value in values]
    return list(field.queryset.model._default_manager.filter(pk__in=keys))


def _choice(field: Any, value: Any) -> str:
    known = {str(key): str(words) for key, words in field.choices if not isinstance(words, list)}
    return known.get(str(value), str(value or ""))
