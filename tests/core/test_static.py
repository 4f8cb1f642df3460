"""Bundles: several files of static/ that a page loads as one."""

import re
from pathlib import Path

import esprima
import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders

from yuanhang.core.static import BundleFinder

SOURCE = Path(project.STATICFILES_DIRS[0])


@pytest.fixture
def bundle(settings, tmp_path):
    """A finder for `a.css` made of `b.css` and `c.css` in an empty folder."""
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.VAR_DIR = tmp_path / "var"
    settings.STATIC_BUNDLES = {"a.css": ["b.css", "c.css"]}
    (tmp_path / "static").mkdir()
    (tmp_path / "static/b.css").write_text("b {\n  top: 0;\n}\n")
    (tmp_path / "static/c.css").write_text("/* why */\nc {\n  top: 0;\n}\n")
    return BundleFinder()


def test_a_bundle_is_its_parts_in_their_order(bundle):
    assert Path(bundle.find("a.css")).read_text() == "b{top:0}c{top:0}"
    assert bundle.find("a.css", find_all=True) == [bundle.find("a.css")]


def test_a_bundle_follows_its_parts(bundle, tmp_path):
    place = Path(bundle.find("a.css"))
    before = place.stat().st_mtime_ns
    assert Path(bundle.find("a.css")).stat().st_mtime_ns == before
    (tmp_path / "static/c.css").write_text("d {\n  top: 0;\n}\n")
    assert Path(bundle.find("a.css")).read_text() == "b{top:0}d{top:0}"
    assert [path.name for path in place.parent.iterdir()] == ["a.css"]


@pytest.mark.parametrize("name", [one for one in project.STATIC_BUNDLES if one.endswith(".js")])
def test_a_script_loses_comments_and_blanks_and_not_one_token(name):
    whole = "".join((SOURCE / part).read_text() for part in project.STATIC_BUNDLES[name])
    small = Path(BundleFinder().find(name)).read_text()
    assert small.count("\n") < whole.count("\n") / 2
    assert str(esprima.parseScript(small)) == str(esprima.parseScript(whole))


def test_a_file_that_is_no_bundle_is_left_to_other_finders(bundle):
    assert bundle.find("b.css") == []


def test_collectstatic_gets_every_bundle(bundle):
    (listed,) = bundle.list([])
    name, storage = listed
    assert name == "a.css"
    with storage.open(name) as file:
        assert file.read() == b"b{top:0}c{top:0}"


# One or the other: the form of a hazard, or another one that is kept and sent in the same way.
INSTEAD_OF_EACH_OTHER = ("js/report.js", "js/kept-form.js")


def test_no_part_is_in_two_bundles_and_all_are_there():
    first, second = INSTEAD_OF_EACH_OTHER
    bundles = {name: one for name, one in project.STATIC_BUNDLES.items() if name != second}
    parts = [part for bundled in bundles.values() for part in bundled]
    assert len(parts) == len(set(parts))
    alike = set(project.STATIC_BUNDLES[second])
    assert alike <= set(project.STATIC_BUNDLES[first])
    for path in (project.BASE_DIR / "templates").rglob("*.html"):
        assert not {first, second} <= set(re.findall(r"js/[\w-]+\.js", path.read_text())), path
    parts += sorted(alike)
    assert [part for part in parts if finders.find(part) is None] == []


def test_no_sheet_or_script_lies_unused():
    used = {part for bundled in project.STATIC_BUNDLES.values() for part in bundled}
    pages = [path.read_text() for path in (project.BASE_DIR / "templates").rglob("*.html")]
    pages.append((project.BASE_DIR / "yuanhang/core/templatetags/maps.py").read_text())
    text = "\n".join(pages)
    files = {
        str(path.relative_to(SOURCE))
        for ending in ("css", "js")
        for path in SOURCE.rglob(f"*.{ending}")
    }
    assert len(files) > 30
    assert sorted(name for name in files - used if name not in text) == []
