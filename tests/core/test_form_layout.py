"""What the template pack makes of a form: labels, errors, the summary, tiles and consents."""

import re
from pathlib import Path

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from django.template import Context, Template
from django.test.html import parse_html

from yuanhang.core.form_layout import (
    ConsentPair,
    Expander,
    Fragment,
    PhotoTiles,
    SealChoices,
    SubmitButton,
    TickBoxes,
    Tiles,
    VoiceTile,
    YuanhangHelper,
    error_summary,
)
from yuanhang.core.uploads.fields import PhotosField, VoiceField

LOOK_UP = {"number": "", "code": ""}


class LookupForm(forms.Form):
    """Two lines of text."""

    number = forms.CharField(label="编号")
    code = forms.CharField(label="查询码")
    helper = YuanhangHelper("number", "code", SubmitButton("查"))


class SampleForm(forms.Form):
    """One field of each kind, and a layout for all of them."""

    name = forms.CharField(label="称呼", help_text="不用全名。")
    kind = forms.ChoiceField(
        choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect, label="哪一种"
    )
    town = forms.ChoiceField(choices=[("x", "东"), ("y", "西")], label="哪里")
    told = forms.BooleanField(required=False, label="告诉我")
    skill = forms.CharField(required=False, label="技能")
    consent_skill = forms.BooleanField(required=False, label="同意记下技能")
    password = forms.CharField(required=False, label="密码", widget=forms.PasswordInput)
    photos = PhotosField(label="照片")
    voice = VoiceField(label="语音")
    key = forms.CharField(widget=forms.HiddenInput, max_length=3)

    @property
    def helper(self):
        return YuanhangHelper(
            "name",
            "kind",
            "town",
            TickBoxes("told"),
            Expander("多说一点", ConsentPair("skill", "consent_skill"), is_open=lambda form: True),
            "password",
            Tiles(PhotoTiles("photos"), VoiceTile("voice")),
            SubmitButton("发出", name="send", value="1"),
            action="hazards:lookup",
            css_id="sample",
        )


def answers(**changes):
    return {"name": "甲", "kind": "a", "town": "x", "key": "k"} | changes


def render(form, **context):
    return render_crispy_form(form, context=context)


def tag_of(page, name):
    """The tag of the control with this name."""
    return re.search(rf'<(?:input|select|textarea)[^>]*\sname="{name}"[^>]*>', page)[0]


def test_the_form_tag_says_where_how_and_with_files():
    tag = re.search(r"<form[^>]*>", render(SampleForm(), csrf_token="token"))[0]
    assert 'method="post"' in tag
    assert 'action="/hazards/lookup/"' in tag
    assert 'enctype="multipart/form-data"' in tag
    assert 'id="sample"' in tag
    assert "novalidate" in tag


def test_every_field_stands_once_with_its_label():
    page = render(SampleForm(), csrf_token="token")
    names = re.findall(r'<(?:input|select|textarea|button)[^>]*\sname="([^"]+)"', page)
    # Two radio buttons, and two ways to a photo.
    twice = ["kind", "photos"]
    assert sorted(names) == sorted(["csrfmiddlewaretoken", "send", *twice, *SampleForm.base_fields])
    labels = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', page))
    assert {"id_name", "id_kind_0", "id_kind_1", "id_town", "id_told", "id_skill"} <= labels
    assert {"id_consent_skill", "id_password"} <= labels


def test_a_get_form_has_no_token_and_a_part_of_a_page_no_tag():
    form = LookupForm()
    searched = YuanhangHelper("number", "code", method="get")
    assert "csrfmiddlewaretoken" not in render_crispy_form(form, searched, {"csrf_token": "token"})
    piece = YuanhangHelper("number", "code", tag=False)
    page = render_crispy_form(form, piece, {"csrf_token": "token"})
    assert "<form" not in page
    assert "csrfmiddlewaretoken" not in page


def test_help_and_errors_are_read_with_their_control():
    page = render(SampleForm(answers(name="")))
    control = tag_of(page, "name")
    assert 'aria-invalid="true"' in control
    described = re.search(r'aria-describedby="([^"]+)"', control)[1].split()
    assert described == ["id_name_helptext", "id_name_error"]
    for anchor in described:
        assert page.count(f'id="{anchor}"') == 1
    assert "aria-invalid" not in tag_of(page, "town")


def test_a_group_of_choices_is_a_fieldset_read_with_its_error():
    page = render(SampleForm(answers(kind="")))
    fieldset = re.search(r"<fieldset[^>]*>", page)[0]
    assert 'aria-describedby="id_kind_error"' in fieldset
    assert page.count('id="id_kind_error"') == 1
    assert '<legend class="form-label">哪一种</legend>' in page


def test_the_summary_stands_first_takes_the_focus_and_leads_to_each_field():
    page = render(LookupForm(LOOK_UP))
    box = re.search(r'<div class="alert-box error-summary"([^>]*)>(.*?)</div>', page, re.S)
    assert set(box[1].split()) == {'role="alert"', 'tabindex="-1"', "autofocus"}
    assert page.index("error-summary") < page.index('class="field"')
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', box[2])
    assert links == [("id_number", "编号"), ("id_code", "查询码")]
    for anchor, _label in links:
        assert page.count(f'id="{anchor}"') == 1
    assert "还差 2 样，写好的都还在" in box[2]
    assert tag_of(render(LookupForm(LOOK_UP | {"number": "YH1"})), "number").count('"YH1"') == 1


def test_a_form_that_was_not_sent_or_is_right_has_no_summary():
    for form in (LookupForm(), LookupForm({"number": "YH1", "code": "1"})):
        assert error_summary(form) is None
        assert "error-summary" not in render(form)


def test_what_is_wrong_without_being_missing_is_counted_as_such():
    summary = error_summary(SampleForm(answers(kind="z", name="")))
    assert summary.title == "有 2 处要改，写好的都还在，密码要再写一遍"
    anchors = [(item.label, item.anchor) for item in summary.items]
    assert anchors == [("称呼", "id_name"), ("哪一种", "id_kind_0")]


def test_an_error_of_the_whole_form_has_neither_count_nor_link():
    form = LookupForm({"number": "YH1", "code": "1"})
    form.add_error(None, "对不上。")
    summary = error_summary(form)
    assert summary.title == ""
    assert [(item.message, item.anchor) for item in summary.items] == [("对不上。", "")]
    page = render(form)
    assert "<li>对不上。</li>" in page


def test_an_error_of_a_hidden_field_is_said_without_a_link():
    summary = error_summary(SampleForm(answers(key="longer")))
    assert [item.anchor for item in summary.items] == [""]


def test_a_tile_is_the_label_of_its_input_and_shows_what_was_wrong():
    page = render(SampleForm())
    tiles = re.findall(r'<label class="media-button">(.*?)</label>', page, re.S)
    assert ["拍照" in tile for tile in tiles] == [True, False]
    assert "相册" in tiles[1]
    assert all(tag_of(tile, "photos") for tile in tiles)
    broken = SampleForm(
        answers(), {"photos": [SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")]}
    )
    page = render(broken)
    album = re.search(r'<input[^>]*\bid="id_photos"[^>]*>', page)[0]
    assert 'aria-describedby="id_photos_error"' in album
    assert page.count('id="id_photos_error"') == 1


def test_camera_and_album_send_the_same_field():
    helper = YuanhangHelper(PhotoTiles("photos", camera="camera", album="album"))
    page = render_crispy_form(SampleForm(), helper)
    inputs = re.findall(r'<input[^>]*type="file"[^>]*>', page)
    assert [re.search(r'\bid="(\w+)"', one)[1] for one in inputs] == ["camera", "album"]
    assert all('name="photos"' in one for one in inputs)
    assert ["capture" in one for one in inputs] == [True, False]


def test_seals_keep_the_choice():
    rows = [
        {"key": "a", "name": "井盖", "seal": "井", "advice": "别靠近"},
        {"key": "b", "name": "路灯", "seal": "灯", "advice": ""},
    ]
    helper = YuanhangHelper(SealChoices("kind", options=lambda form: rows))
    page = render_crispy_form(SampleForm({"kind": "b"}), helper)
    radios = re.findall(r'<input\s+type="radio"[^>]*>', page)
    assert ["checked" in radio for radio in radios] == [False, True]
    assert page.count("category-advice") == 1


def test_a_fragment_writes_its_fields_and_nobody_else_does():
    fragment = Fragment("workers/_station_field.html", "station")
    form = forms.Form({"station": "qingxiaoyi"})
    for name in ("station", "key"):
        form.fields[name] = forms.CharField(widget=forms.HiddenInput)
    page = render_crispy_form(form, YuanhangHelper(fragment))
    assert re.findall(r'name="([^"]+)" value="([^"]*)"', page) == [("station", "qingxiaoyi")]
    assert page.count('name="key"') == 1


def test_a_misspelt_field_is_no_silent_gap():
    with pytest.raises(Exception, match="numbre"):
        render_crispy_form(LookupForm(), YuanhangHelper("numbre"))


def test_pieces_come_from_the_same_pack():
    page = Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(
        Context({"form": LookupForm(LOOK_UP)})
    )
    assert "error-summary" in page
    assert 'class="form-label" for="id_code"' in page
    field = Template("{% load crispy_forms_tags %}{{ form.code|as_crispy_field }}").render(
        Context({"form": LookupForm(LOOK_UP)})
    )
    assert 'id="id_code_error"' in field


def test_a_formset_says_what_is_wrong_with_all_of_it():
    formset_class = forms.formset_factory(LookupForm, max_num=1, validate_max=True)
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    data |= {f"form-{n}-{name}": "1" for n in range(2) for name in ("number", "code")}
    page = render_crispy_form(formset_class(data), YuanhangHelper("number", "code"))
    assert page.count("error-summary") == 1
    assert 'name="form-TOTAL_FORMS"' in page
    assert 'name="form-1-code"' in page


def test_every_form_tag_with_fields_comes_from_the_pack():
    """A form written by hand holds buttons and hidden fields, or fragments of the pack."""
    by_hand = []
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        room = path.relative_to(settings.BASE_DIR / "templates").parts[0]
        if room in ("volunteers", "admin", "yuanhang"):
            continue
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.S):
            controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", form)
            if any('type="hidden"' not in control for control in controls):
                by_hand.append(Path(path).name)
    assert by_hand == []


class Lengthy(forms.Form):
    """A select of each make: bare, grouped, with attributes, with marks in its words."""

    bare = forms.ChoiceField(choices=[("", "不清楚"), ("1", "<b>&\"'"), (2, "二"), ("a&b", "三")])
    grouped = forms.ChoiceField(
        choices=[("", "无"), ("“东” & 西", [("1", "一"), ("2", "二")]), ("南", [("3", "三")])],
        widget=forms.Select(attrs={"class": "wide", "disabled": True, "data-x": False}),
    )
    several = forms.MultipleChoiceField(choices=[("1", "一"), ("2", "二"), ("3", "三")])
    known = forms.NullBooleanField()
    day = forms.DateField(widget=forms.SelectDateWidget(years=[2026, 2027]))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"bare": "2", "grouped": "3", "several": ["1", "3"], "known": "false", "day_year": "2027"},
        {"bare": "a&b", "grouped": "none", "several": ["none"]},
    ],
)
def test_a_select_is_what_django_draws(sent):
    data = QueryDict(mutable=True)
    for name, value in sent.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    for name in Lengthy.base_fields:
        ours = str(Lengthy(data)[name])
        djangos = str(Lengthy(data, renderer=DjangoTemplates())[name])
        assert parse_html(ours) == parse_html(djangos)
