"""The grids of the report form: drawn once for everybody, with one marked for whoever chose it."""

import re

from hazards.reporting.forms import ReportForm
from stations.areas.models import Grid


def options(form):
    html = str(form["grid"])
    return re.findall(r'<option value="(\d*)"( selected)?>([^<]*)</option>', html)


def as_django(form):
    """What Django's own select would offer."""
    return [
        (str(value), " selected" if str(value) == str(form["grid"].value() or "") else "", words)
        for value, words in [
            ("", "不清楚"),
            *((g.pk, f"{g.community} · {g}") for g in Grid.objects.select_related("community")),
        ]
    ]


def test_it_offers_what_django_would(town):
    for form in (ReportForm(), ReportForm({"grid": str(town.six.pk)}), ReportForm({"grid": ""})):
        assert options(form) == as_django(form)
        assert sum(bool(marked) for _value, marked, _words in options(form)) == 1


def test_a_renamed_grid_shows_at_once_and_harms_nothing(town):
    options(ReportForm())
    Grid.objects.filter(pk=town.six.pk).update(name='六"><b>')
    assert "六&quot;&gt;&lt;b&gt;" in str(ReportForm()["grid"])


def test_what_nobody_offers_marks_nothing(town):
    for odd in ("0", "x", '"><script>', "1 2"):
        form = ReportForm({"grid": odd})
        assert not form.is_valid()
        assert not [words for _value, marked, words in options(form) if marked]
        assert "<script>" not in str(form["grid"])
