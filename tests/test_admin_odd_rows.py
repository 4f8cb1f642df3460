"""Whatever an administrator can save breaks no page: odd rows everywhere, then a walk."""

import re
from html import unescape

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse_lazy

from tests.admin_forms import all_posted
from tests.factories.admin_rows import MAKERS
from tests.factories.hazards import into, report
from tests.factories.volunteers import searched
from yuanhang.core.geo import Point

# What people paste: markup, braces, per cent signs, other scripts, marks that turn a line, tabs.
TEXTS = {
    "signs": "<b>&amp;{{ x }}{% y %}\"' 100%s %(n)d %% \\u0000 ${x} ‮abc‬ é😀",
    "blank": " \u3000​ \t",
    "long": "井" * 3000,
}
START = (
    *("/", "/hazards/queue/", "/hazards/map/", "/hazards/report/", "/hazards/fixed/"),
    *("/volunteers/", "/workers/me/", "/admin/", reverse_lazy("hazards:map-data")),
    reverse_lazy("stations:ground", args=["now"]),
)
# Doing, leaving, or the same page once more in another order.
NOT_FOLLOWED = re.compile(
    r"logout|/delete/|/add/|/history/|[?&](o|_facets|q|after|e)=|/jsi18n/|/static/|/accounts/"
)
KEPT = {"slug", "key", "number_prefix", "url", "version", "password", "phone", "code"}
PAGES_MAX = 110


def odd(name, field, value, text):
    """Another value for a field, as odd as its form allows."""
    if (
        name in KEPT
        or name.startswith("pledge_")
        or isinstance(field.widget, forms.HiddenInput | FilteredSelectMultiple)
    ):
        return value
    if isinstance(field, forms.JSONField | forms.FileField | forms.URLField):
        return value
    if type(field) is forms.CharField:
        return text[: field.max_length or 3000]
    return value


def save_odd(client, label, row, text):
    """Put the text into every field that takes it; returns whether anything was saved."""
    url = f"/admin/{label.replace('.', '/')}/{row.pk}/change/"
    page = client.get(url)
    if page.status_code != 200 or not page.context.get("has_change_permission"):
        return False
    form, sent = page.context["adminform"].form, all_posted(page)
    fields = form.fields.items()
    changed = {name: odd(name, field, sent.get(name, ""), text) for name, field in fields}
    answer = client.post(url, sent | changed)
    refused = answer.context["adminform"].form.errors if answer.status_code == 200 else {}
    if refused:  # what is refused stays as it was, all the rest is saved
        kept = {name: sent.get(name, "") for name in refused}
        answer = client.post(url, sent | changed | kept)
    return answer.status_code == 302


def walk(client, starts):
    """Open every page that a link leads to; an exception or a server's error fails the test."""
    waiting, seen = list(starts), set(starts)
    while waiting and len(seen) < PAGES_MAX:
        url = waiting.pop(0)
        answer = client.get(str(url))
        assert answer.status_code < 500, url
        if answer.streaming or "html" not in answer["Content-Type"]:
            continue
        for found in re.findall(r'href="(/[^"#]*)"', answer.content.decode()):
            link = unescape(found)
            if link not in seen and not NOT_FOLLOWED.search(link):
                seen.add(link)
                waiting.append(link)
    return seen


EDITABLE = sorted(
    label
    for label in MAKERS
    if not label.startswith("yuanhang.")
    and "change" not in {
        right for model, one in admin.site._registry.items()
        if model._meta.label_lower == label for right in one.nobody_may
    }
)  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS)
def test_odd_rows_break_no_page(town, visit, kind):
    rows = {label: MAKERS[label](town) for label in EDITABLE}
    here = Point(46.545, 124.945, 10.0, "wgs84")  # so that maps and their links are there as well
    case = into(report(town.six, by=town.rider, point=here), "dispatched", town)
    client = visit(town.admin)
    saved = {label for label, row in rows.items() if save_odd(client, label, row, TEXTS[kind])}
    shown = {
        "stations.station": town.station,
        "stations.grid": town.six,
        "stations.community": town.community,
        "hazards.category": case.category,
    }
    # What every page below shows is really as odd as that.
    kept = {label for label, row in shown.items() if save_odd(client, label, row, TEXTS[kind])}
    assert kept == set(shown) or kind == "blank"
    assert saved >= {"stations.landmark", "stations.station", "volunteers.activity"} or (
        kind == "blank"
    )
    town.station.refresh_from_db()
    starts = [
        *START,
        town.station.get_absolute_url(),
        case.get_absolute_url(),
        f"{case.get_absolute_url()}handover/",
    ]
    starts += [case.get_receipt_url(), searched(town).get_absolute_url()]
    assert len(walk(client, starts)) > 60
    for user in (town.rider, town.staff, None):
        walk(visit(user), [url for url in starts if "admin" not in str(url)])


def test_numbers_at_the_edge_break_no_page(town, visit):
    """Noughts and the greatest numbers a column takes."""
    client = visit(town.admin)
    for edge in ("0", "32767"):
        for label in EDITABLE:
            row = MAKERS[label](town)
            url = f"/admin/{label.replace('.', '/')}/{row.pk}/change/"
            page = client.get(url)
            if page.status_code != 200 or not page.context.get("has_change_permission"):
                continue
            fields = page.context["adminform"].form.fields.items()
            edges = {name: edge for name, field in fields if type(field) is forms.IntegerField}
            if edges:
                client.post(url, all_posted(page) | edges)
    walk(client, START)


def test_a_file_that_is_no_picture_is_refused_in_the_admin(town, visit):
    activity = MAKERS["volunteers.activity"](town)
    url = f"/admin/volunteers/activity/{activity.pk}/change/"
    client = visit(town.admin)
    sent = all_posted(client.get(url)) | {"banner": SimpleUploadedFile("a.jpg", b"no picture")}
    assert client.post(url, sent).status_code == 200
