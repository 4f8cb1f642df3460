"""What the form templates of our pack need."""

from django import forms, template

from yuanhang.core import form_layout

register = template.Library()
register.simple_tag(form_layout.error_summary, name="error_summary")


@register.filter
def control(field):
    """The field's input with the class of its kind; Django adds the ARIA attributes."""
    widget = field.field.widget
    kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    classes = f"{widget.attrs.get('class', '')} {kind}".strip()
    return field.as_widget(attrs={"class": classes})
