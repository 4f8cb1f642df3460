"""Form fields that say what is wrong in words a person would use."""

import copy
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from yuanhang.core.text import clean, is_visible


class CleanTextMixin:
    """For a CharField: what is typed or pasted becomes text that can be read, stored and sent on.

    One kind of line break; nothing invisible, see `core.text`. Text without anything to see is
    none. Nobody is asked about it: people cannot mend what they cannot see.
    """

    @property
    def is_one_line(self):
        return isinstance(self.widget, forms.TextInput)

    def to_python(self, value):
        if isinstance(value, str):
            value = clean(value)
            if self.is_one_line:  # a pasted line break or tab is a blank there
                value = value.replace("\n", " ").replace("\t", " ")
            value = value.strip() if self.strip else value
            value = value if is_visible(value) else ""
        return super().to_python(value)


class WordsField(CleanTextMixin, forms.CharField):
    """Text as people write it: any script, at most so many characters as its writer sees."""

    default_error_messages = {"max_length": _("太长了，最多 %(limit)s 个字。")}

    def __init__(self, *, max_length, **kwargs):
        self.limit = max_length
        super().__init__(**kwargs)
        # Ours only: Django's own would answer NUL bytes in its own words.
        self.validators = list(kwargs.get("validators", ()))

    def widget_attrs(self, widget):
        """Let the browser hold the limit, too."""
        return super().widget_attrs(widget) | {"maxlength": str(self.limit)}

    def validate(self, value):
        super().validate(value)
        if len(value) > self.limit:
            message = self.error_messages["max_length"] % {"limit": self.limit}
            raise ValidationError(message, code="max_length")


class KeptRowField(forms.ModelChoiceField):
    """A choice among rows that a kept answer gave: neither to show nor to check it asks anything.

    They are `offer`ed, or `rows` gives them by their keys as texts.
    """

    def __init__(self, queryset: Any, *, rows: Any = None, **kwargs: Any) -> None:
        self.rows, self.offered = rows or dict, ()
        super().__init__(queryset, **kwargs)

    def offer(self, rows: Any) -> None:
        """Let people choose among these rows, in their order."""
        self.offered = tuple(rows)
        found = {str(row.pk): row for row in self.offered}
        self.rows = lambda: found
        empty = [] if self.empty_label is None else [("", self.empty_label)]
        self.choices = [*empty, *((row.pk, self.label_from_instance(row)) for row in rows)]

    def to_python(self, value: Any) -> Any:
        # The row, as the queryset has it.
        if value in self.empty_values:
            return None
        found = self.rows().get(str(getattr(value, "pk", value)))
        if found is None:
            code = "invalid_choice"
            raise ValidationError(self.error_messages[code], code=code, params={"value": value})
        return copy.copy(found)  # what is kept is everybody's


class DrawnSelect(forms.Select):
    """A select whose many options are drawn by `draw()`, which may keep them; one is marked here.

    `draw` gives the options as `options_of` makes them, without the empty one.
    """

    def __init__(self, draw, attrs=None):
        super().__init__(attrs)
        self.draw = draw

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        copied.draw = self.draw
        return copied

    def get_context(self, name, value, attrs):
        """With the options ready for the template."""
        context = forms.Widget.get_context(self, name, value, attrs)
        context["widget"]["drawn"] = self._marked(self.draw(), self.format_value(value))
        return context

    def _marked(self, drawn, values):
        value = escape(values[0]) if values and values[0] else ""
        empty = f'<option value=""{"" if value else " selected"}>{escape(self.empty)}</option>'
        if value:
            drawn = drawn.replace(
                f'<option value="{value}"', f'<option value="{value}" selected', 1
            )
        return mark_safe(f"\n{empty}\n{drawn}")  # noqa: S308 - both are escaped

    @property
    def empty(self):
        """What the option says that stands for none."""
        return getattr(self.choices, "field", self).empty_label


def options_of(choices):
    """(value, words) as the options of a select, one a line."""
    return "\n".join(
        f'<option value="{escape(value)}">{escape(words)}</option>' for value, words in choices
    )


class QueryField(forms.CharField):
    """What somebody looks for. Never refused: what nobody can be meant by finds nothing.

    `query_max` is what the browser lets through; the search itself decides about longer ones.
    """

    def __init__(self, *, query_max, **kwargs):
        self.query_max = query_max
        super().__init__(required=False, **kwargs)
        self.validators = []

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"maxlength": str(self.query_max)}

    def to_python(self, value):
        return clean(super().to_python(value)).strip()


class CleanCharField(CleanTextMixin, forms.CharField):
    """Django's field for a text column, with clean words."""


class CarefulDecoder(json.JSONDecoder):
    """JSON that nests too deep, or with numbers too long to read, is no JSON."""

    def decode(self, text, *args, **kwargs):
        try:
            return super().decode(text, *args, **kwargs)
        except (RecursionError, ValueError) as error:
            raise json.JSONDecodeError(str(error), text, 0) from error


class PastedJSONField(forms.JSONField):
    """JSON as somebody pasted it."""

    def __init__(self, *, decoder=None, **kwargs):
        super().__init__(decoder=decoder or CarefulDecoder, **kwargs)


# For a ModelAdmin's `formfield_overrides`: text columns without choices, and JSON.
CLEAN_COLUMNS = {
    models.CharField: {"form_class": CleanCharField},
    models.TextField: {"form_class": CleanCharField},
    models.JSONField: {"form_class": PastedJSONField},
    models.SlugField: {},  # a CharField with a form field of its own
}
