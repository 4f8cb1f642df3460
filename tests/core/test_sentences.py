"""Forms speak in the product's own words, wherever they stand."""

import re

import pytest
from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError

from tests.factories.admin_rows import MAKERS
from yuanhang.core.models import User

# What Django says, word by word, and what it leaves in English.
STIFF = re.compile(
    r"这个字段|该变量|确保该|选择一个有效的|输入一个有效|请输入有效|约束|字段不能|你的密码"
    r"|This |is required|Enter a|already exists|[Pp]assword is|Ensure"
)


def words_of(field, value):
    with pytest.raises(ValidationError) as refused:
        field.clean(value)
    return " ".join(refused.value.messages)


FIELDS = [
    (forms.CharField(), ""),
    (forms.CharField(max_length=2), "abc"),
    (forms.CharField(min_length=2), "a"),
    (forms.CharField(), "a\x00"),
    (forms.IntegerField(), "x"),
    (forms.IntegerField(max_value=3), "9"),
    (forms.IntegerField(min_value=3), "1"),
    (forms.FloatField(), "x"),
    (forms.DecimalField(), "x"),
    (forms.DateField(), "x"),
    (forms.TimeField(), "x"),
    (forms.DateTimeField(), "x"),
    (forms.SplitDateTimeField(), ["x", "y"]),
    (forms.ChoiceField(choices=[("1", "1")]), "9"),
    (forms.ChoiceField(choices=[("1", "1")]), ""),
    (forms.MultipleChoiceField(choices=[("1", "1")]), ["9"]),
    (forms.BooleanField(), False),
    (forms.FileField(), None),
    (forms.JSONField(), "x"),
    (forms.URLField(assume_scheme="https"), "x y"),
    (forms.UUIDField(), "x"),
    (forms.SlugField(), "a b"),
]


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_every_kind_of_field_says_it_naturally(field, value):
    words = words_of(field, value)
    assert words.endswith("。")
    assert not STIFF.search(words), words


@pytest.mark.parametrize(
    "password", ["1", "12345678", "password", "13800001234", "测试甲乙丙丁戊己"]
)
def test_every_refusal_of_a_password_is_in_our_words(password):
    person = User(phone="13800001234", display_name="测试甲乙丙丁戊己")
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    assert not STIFF.search(" ".join(refused.value.messages)), refused.value.messages


def test_what_is_said_beforehand_is_in_our_words_too():
    assert not STIFF.search(" ".join(map(str, password_validators_help_texts())))


@pytest.mark.parametrize(
    "label", sorted(name for name in MAKERS if name.split(".")[0] != "yuanhang") + ["yuanhang.user"]
)
def test_an_empty_form_of_the_admin_is_refused_in_our_words(town, visit, label):
    client = visit(town.admin)
    url = f"/admin/{label.replace('.', '/')}/add/"
    if client.get(url).status_code != 200:
        return  # nobody adds one here
    form = client.post(url, {"latitude": "x", "password1": "1", "password2": "1"})
    if form.status_code == 200:
        found = " ".join(map(str, form.context["errors"]))
        assert not STIFF.search(re.sub("<[^>]+>", "", found)), found


def test_a_new_account_is_asked_for_in_our_words(town, visit):
    page = visit(town.admin).get("/admin/yuanhang/user/add/").content.decode()
    assert not STIFF.search(re.sub("<[^>]+>", "", page.split('id="user_form"')[1]))
    assert "LDAP" not in page


def test_signing_up_with_nothing_is_refused_in_our_words(town, client):
    page = client.post("/accounts/signup/?station=", {}).content.decode()
    assert "这一项必填" in page
    assert not STIFF.search(re.sub("<[^>]+>", "", page))
