"""What a browser would send of a page of the admin."""


def posted(form):
    """What a browser would send of a form as it opened."""
    sent = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list | tuple):
            value = [getattr(one, "pk", one) for one in value]
        if value is not None and value is not False and value != "" and not hasattr(value, "url"):
            widget = bound.field.widget
            if hasattr(widget, "decompress"):
                parts = value if isinstance(value, list) else widget.decompress(value)
                for name, part in zip(("_0", "_1"), parts, strict=False):
                    sent[bound.html_name + name] = str(part) if part else ""
            else:
                sent[bound.html_name] = value
    return sent


def all_posted(response):
    """The main form and the inlines of an admin page."""
    sent = posted(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        sent |= posted(inline.formset.management_form)
        for form in inline.formset.forms:
            sent |= posted(form)
    return sent
