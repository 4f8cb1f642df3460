"""The forms of a report as the template pack writes them."""

import re

import pytest
from crispy_forms.utils import render_crispy_form
from django.http import QueryDict

from hazards.reporting.forms import OutageForm, ReportForm
from hazards.reporting.on_behalf_forms import EntryForm


def render(form, **context):
    return render_crispy_form(form, context=context)


def tag_of(page, name):
    """The tag of the control with this name."""
    return re.search(rf'<(?:input|select|textarea)[^>]*\sname="{name}"[^>]*>', page)[0]


def test_the_outage_form_keeps_all_that_was_sent():
    """Also what it never heard of: another version's field, and a field sent twice."""
    data = QueryDict(mutable=True)
    data.update({"description": "井盖", "place": "南六街 <3>", "same_as": "YH20261123-0007"})
    data.setlist("of_tomorrow", ["第一", "第二"])
    data.update({"csrfmiddlewaretoken": "old", "body_start": "1", "body_end": "1"})
    page = render(OutageForm(data))
    assert ">\n井盖</textarea>" in page
    assert 'value="南六街 &lt;3&gt;"' in tag_of(page, "place")
    assert 'type="hidden"' in tag_of(page, "place")
    assert 'value="YH20261123-0007"' in tag_of(page, "same_as")
    assert re.findall(r'name="of_tomorrow" value="([^"]+)"', page) == ["第一", "第二"]
    for name in ("csrfmiddlewaretoken", "body_start", "body_end", "description"):
        assert page.count(f'name="{name}"') <= 1, name
    assert "old" not in page


def test_the_outage_form_keeps_no_file_that_was_taken_away():
    data = QueryDict("photos_kept=one&photos_kept=two&photos_drop=one&voice_kept=three")
    page = render(OutageForm(data))
    assert re.findall(r'name="photos_kept" value="([^"]+)"', page) == ["two"]
    assert re.findall(r'name="voice_kept" value="([^"]+)"', page) == ["three"]


@pytest.mark.django_db
def test_staff_read_other_words_than_riders():
    page = render(EntryForm(), landmarks=["大集东口"])
    assert ">在哪里</label>" in page
    assert ">写一句</label>" in page
    assert "placeholder" not in tag_of(page, "place")
    assert '<option value="大集东口">' in page


@pytest.mark.django_db
def test_the_report_ends_with_the_field_that_says_so(client):
    """A body that broke off lacks it, so nothing of the form may come behind it."""
    page = client.get("/hazards/report/").content.decode()
    form = page[page.index('id="report-form"') : page.index("</form>")]
    names = re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', form)
    assert names[0] == "csrfmiddlewaretoken"
    assert names[1] == "body_start"
    assert names[-1] == "body_end"
    assert set(ReportForm.base_fields) <= set(names)
