"""Forms that nobody has filled in yet, rendered once for all that they show.

The moves of one verb look the same on most cases, and a case's page has six of them; their fields
took half of its time. A form whose layout reads nothing but the form itself may be kept.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils.safestring import SafeString

# Forms that a process keeps; the one not shown for longest goes first.
MOST = 100
# Larger ones (1,200 grids to choose from) are rendered anew.
LARGEST = 20_000

_kept: OrderedDict[Hashable, SafeString] = OrderedDict()
_lock = Lock()


def rendered(form: forms.BaseForm) -> SafeString:
    """The form as `{% crispy form %}` shows it; its tag and its token are the page's own.

    Raises ValueError for a form that writes its token itself: that is each person's own.
    """
    if not form.helper.disable_csrf:
        raise ValueError(f"{type(form).__name__} writes a token, which must not be kept")
    if form.is_bound:
        return render_crispy_form(form)
    key = (type(form), form.prefix, form.auto_id, *(_looks(form[name]) for name in form.fields))
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    fresh = render_crispy_form(form)
    if len(fresh) <= LARGEST:
        with _lock:
            _kept[key] = fresh
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return fresh


def _looks(bound: forms.BoundField) -> Hashable:
    field, widget = bound.field, bound.field.widget
    return (
        bound.name,
        type(field),
        type(widget),
        str(bound.label),
        str(bound.help_text),
        field.required,
        field.disabled,
        repr(bound.value()),
        tuple((name, str(value)) for name, value in widget.attrs.items()),
        _choices(field),
    )


def _choices(field: Any) -> Hashable:
    if not hasattr(field, "choices"):
        return ()
    if isinstance(field, forms.ModelChoiceField):
        # Asked once, for this and for the rendering.
        field.choices = [(str(value), label) for value, label in field.choices]
    return _frozen(field.choices)


def _frozen(choices: Any) -> Hashable:
    return tuple(
        (str(value), _frozen(label) if isinstance(label, list | tuple) else str(label))
        for value, label in choices
    )
