"""What the form templates of our pack need."""

from django import forms, template
from django.forms.utils import flatatt
from django.utils.html import escape
from django.utils.safestring import mark_safe

from yuanhang.core import form_layout, kept_forms

register = template.Library()
register.simple_tag(form_layout.error_summary, name="error_summary")
register.simple_tag(kept_forms.rendered, name="kept_form")


@register.filter
def control(field):
    """The field's input with the class of its kind; Django adds the ARIA attributes."""
    widget = field.field.widget
    kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    classes = f"{widget.attrs.get('class', '')} {kind}".strip()
    return field.as_widget(attrs={"class": classes})


@register.filter
def options(widget):
    """The options of a select without a template for each: a town has 1,200 grids."""
    if "drawn" in widget:
        return widget["drawn"]
    return mark_safe("".join(_grouped(*group) for group in widget["optgroups"]))  # noqa: S308 - each part is escaped


def _grouped(name, choices, _index):
    inner = "\n".join(_option(choice) for choice in choices)
    if not name:
        return f"\n{inner}"
    return f'\n<optgroup label="{escape(name)}">\n{inner}\n</optgroup>'


def _option(choice):
    value, label = escape(choice["value"]), escape(choice["label"])
    return f'<option value="{value}"{flatatt(_said(choice))}>{label}</option>'


def _said(choice):
    # As the template of an attribute has it: True and False say whether, the rest what.
    return {name: value for name, value in choice["attrs"].items() if value is not False}
