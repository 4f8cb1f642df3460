"""How every form of the site is laid out: the helper, the parts of a layout, the error summary.

The markup of the parts lies in `templates/yuanhang/`, our template pack for django-crispy-forms.
A form has a `helper`; a page writes `{% crispy form %}`.
"""

from dataclasses import dataclass, field

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK, flatatt
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class YuanhangHelper(FormHelper):
    """A helper with a layout; hidden fields that the layout does not name come last.

    `action`, `method`, `css_id`, `css_class` and further attributes are those of the form tag;
    `tag=False` leaves the tag and its CSRF token to the page. `anchors` maps the name of a field
    to the id that the error summary links to, where it is not the field's own. Without
    `show_errors` the page writes the summary itself.
    """

    include_media = False
    render_hidden_fields = True

    def __init__(
        self,
        *layout,
        action="",
        method="post",
        css_id="",
        css_class="",
        tag=True,
        anchors=None,
        show_errors=True,
        **attributes,
    ):
        super().__init__()
        self.layout = Layout(*layout)
        self.form_action, self.form_method = action, method
        self.form_id, self.form_class = css_id, css_class
        self.form_tag = tag
        self.disable_csrf = not tag
        self.form_show_errors = show_errors
        self.anchors = anchors or {}
        # The server says what is wrong in our own words; browsers would stop the form in theirs.
        self.attrs = {"novalidate": True} | attributes


class Part(LayoutObject):
    """A piece of a layout with a template of its own, which reads the page's context too.

    The template gets `form`, `part`, `inner` (the rendered fields of the part) and what
    `context_of` adds.
    """

    template = ""

    def __init__(self, *fields):
        self.fields = list(fields)

    def context_of(self, form):
        """Further variables for the template."""
        return {}

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        inner = self.get_rendered_fields(form, context, template_pack)
        own = {"form": form, "part": self, "inner": inner} | self.context_of(form)
        return get_template(self.template).render(context.flatten() | own)


class Fragment(Part):
    """A template of the page's own, which writes the fields `names` by hand."""

    def __init__(self, template, *names, **context):
        super().__init__()
        self.template, self.names, self.context = template, names, context

    def context_of(self, form):
        form.rendered_fields.update(self.names)
        return self.context


class SubmitButton(Part):
    """The form's button. Without a name it sends nothing of its own."""

    template = "yuanhang/layout/submit.html"

    def __init__(self, label, css_class="btn-primary btn-big btn-block", **attributes):
        super().__init__()
        self.label, self.css_class = label, css_class
        self.flat_attrs = flatatt(attributes)


class TickBoxes(Part):
    """Several tick boxes as one group, closer together than fields are."""

    template = "yuanhang/layout/tick_boxes.html"

    def __init__(self, *names):
        super().__init__()
        self.names = names

    def context_of(self, form):
        form.rendered_fields.update(self.names)
        return {"boxes": [form[name] for name in self.names]}


class Expander(Part):
    """Fields behind a line that opens them; open where `is_open(form)` says so."""

    template = "yuanhang/layout/expander.html"

    def __init__(self, summary, *fields, is_open=bool, css_class="more", **attributes):
        super().__init__(*fields)
        self.summary, self.is_open, self.css_class = summary, is_open, css_class
        self.flat_attrs = flatatt(attributes)

    def context_of(self, form):
        return {"is_open": self.is_open(form)}


class ConsentPair(Part):
    """A field that may stay empty, and the consent without which it is not kept."""

    template = "yuanhang/layout/consent_pair.html"

    def __init__(self, name, consent):
        super().__init__(name)
        self.consent = consent

    def context_of(self, form):
        form.rendered_fields.add(self.consent)
        return {"consent": form[self.consent]}


class SealChoices(Part):
    """A choice among rows with a seal: one character in a square, to be read at a glance.

    `options(form)` gives the rows, each with `key`, `name`, `seal` and `advice`.
    """

    template = "yuanhang/layout/seals.html"

    def __init__(self, name, options):
        super().__init__()
        self.name, self.options = name, options

    def context_of(self, form):
        form.rendered_fields.add(self.name)
        bound = form[self.name]
        return {"field": bound, "options": self.options(form), "chosen": bound.value()}


class Tiles(Part):
    """Tiles for files as one field of a form, and what was taken beside them.

    The shared script serves them all; with `css_id` the page's own script does, by fixed ids.
    """

    template = "yuanhang/layout/tiles.html"

    def __init__(self, *fields, css_id="", most=4):
        super().__init__(*fields)
        self.css_id, self.most = css_id, most


class PhotoTiles(Part):
    """Two tiles for photos: 拍照 and 相册; without a `camera` only the latter.

    A tile is the label of its input, so it works without scripts. `album` is the id of the input
    that takes several, `camera` of the other one; by default they follow from the field's own.
    """

    template = "yuanhang/layout/photo_tiles.html"

    def __init__(self, name, camera=True, album=""):
        super().__init__()
        self.name, self.camera, self.album = name, camera, album

    def context_of(self, form):
        form.rendered_fields.add(self.name)
        bound = form[self.name]
        # None of a form that is shown for the first time.
        kept = getattr(bound.value(), "kept", ())
        album = self.album or bound.id_for_label
        camera = f"{bound.id_for_label}_camera" if self.camera is True else self.camera
        name = bound.html_name
        return {"field": bound, "album": album, "camera": camera, "kept": kept, "name": name}


class VoiceTile(PhotoTiles):
    """A tile for a recording, and a button that a script shows in its place: 按住说话."""

    template = "yuanhang/layout/voice_tile.html"

    def __init__(self, name, css_id="", talk="", tile=""):
        super().__init__(name, album=css_id)
        self.talk, self.tile = talk, tile


@dataclass(frozen=True)
class SummaryItem:
    """One error: what is said, and the field it is about (empty for the form as a whole)."""

    message: str
    label: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class ErrorSummary:
    """What stands above a form in error."""

    title: str = ""
    items: list[SummaryItem] = field(default_factory=list)


def error_summary(form):
    """The summary of a bound form's errors, or None."""
    if not form.is_bound or not form.errors:
        return None
    anchors = getattr(getattr(form, "helper", None), "anchors", {})
    items = []
    for name, errors in form.errors.items():
        for message in errors:
            items.append(_item(form, name, message, anchors))
    count = sum(name != NON_FIELD_ERRORS for name in form.errors)
    return ErrorSummary(_title(form, count) if count else "", items)


def _item(form, name, message, anchors):
    bound = form[name] if name in form.fields else None
    if bound is None or bound.is_hidden:
        return SummaryItem(message)
    anchor = anchors.get(name) or bound.id_for_label
    if not anchor and bound.auto_id:
        anchor = f"{bound.auto_id}_0"  # the first of several radio buttons or tick boxes
    return SummaryItem(message, str(bound.label), anchor)


def _title(form, count):
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    if codes == {"required"}:
        title = ngettext("还差 %(n)d 样", "还差 %(n)d 样", count)
    else:
        title = ngettext("有 %(n)d 处要改", "有 %(n)d 处要改", count)
    kept = _("写好的都还在，密码要再写一遍") if _forgets_password(form) else _("写好的都还在")
    return _("%(title)s，%(kept)s") % {"title": title % {"n": count}, "kept": kept}


def _forgets_password(form):
    return any(isinstance(item.widget, forms.PasswordInput) for item in form.fields.values())
