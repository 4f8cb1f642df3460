"""Forms that nobody filled in are rendered once, and never for one that looks different."""

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms

from stations.areas.models import Grid
from tests.factories.stations import GridFactory
from yuanhang.core import kept_forms
from yuanhang.core.form_layout import YuanhangHelper


class NoteForm(forms.Form):
    note = forms.CharField(label="说一句", required=False)
    kind = forms.ChoiceField(choices=[("a", "甲"), ("b", "乙")], required=False)
    grid = forms.ModelChoiceField(Grid.objects.none(), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["grid"].queryset = Grid.objects.order_by("pk")

    @property
    def helper(self):
        return YuanhangHelper("note", "kind", "grid", tag=False)


@pytest.fixture
def times(monkeypatch, db):
    """How often a form was rendered."""
    kept_forms._kept.clear()
    counted = []
    render = kept_forms.render_crispy_form
    monkeypatch.setattr(
        kept_forms, "render_crispy_form", lambda form: counted.append(1) or render(form)
    )
    return counted


def changed(**looks):
    form = NoteForm()
    for name, value in looks.items():
        setattr(form.fields["note"], name, value)
    return form


def test_it_looks_as_it_would_and_is_rendered_once(times):
    plain = render_crispy_form(NoteForm())
    assert kept_forms.rendered(NoteForm()) == kept_forms.rendered(NoteForm()) == plain
    assert len(times) == 1


@pytest.mark.parametrize(
    "looks",
    [
        {"label": "写一句"},
        {"help_text": "短一点"},
        {"initial": "喂"},
        {"required": True},
        {"disabled": True},
        {"widget": forms.Textarea()},
        {"widget": forms.TextInput(attrs={"class": "wide"})},
    ],
)
def test_one_that_looks_different_is_another(times, looks):
    kept_forms.rendered(NoteForm())
    assert kept_forms.rendered(changed(**looks)) == render_crispy_form(changed(**looks))
    assert len(times) == 2


def test_another_choice_shows_in_the_same_request(times, django_assert_num_queries):
    kept_forms.rendered(NoteForm())
    grid = GridFactory()
    with django_assert_num_queries(1):
        assert str(grid) in kept_forms.rendered(NoteForm())


@pytest.mark.parametrize("make", [{"prefix": "second"}, {"auto_id": "other-%s"}])
def test_the_ids_are_the_forms_own(times, make):
    kept_forms.rendered(NoteForm())
    assert kept_forms.rendered(NoteForm(**make)) == render_crispy_form(NoteForm(**make))


def test_what_somebody_wrote_is_not_kept(times):
    assert "喂" in kept_forms.rendered(NoteForm({"note": "喂"}))
    assert not kept_forms._kept


def test_a_token_is_never_kept(times):
    class WithTag(NoteForm):
        @property
        def helper(self):
            return YuanhangHelper("note")

    with pytest.raises(ValueError, match="WithTag"):
        kept_forms.rendered(WithTag())


def test_large_ones_and_old_ones_make_room(times, monkeypatch):
    monkeypatch.setattr(kept_forms, "MOST", 2)
    for initial in ("一", "二", "三"):
        kept_forms.rendered(changed(initial=initial))
    assert len(kept_forms._kept) == 2
    monkeypatch.setattr(kept_forms, "LARGEST", 10)
    kept_forms.rendered(changed(initial="四"))
    assert len(kept_forms._kept) == 2
