"""Templates, style sheets and scripts: readable lines, and nothing the security policy forbids."""

import re
import subprocess
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
LONGEST_LINE = 120

# The policy lets nothing run or paint that stands in the page itself, and nothing come from
# elsewhere; links that a person may follow are free.
LOADS = "src|href|srcset|action|poster"
FORBIDDEN = {
    r"<style\b": "a style sheet inside the page",
    r"<[^>]*\sstyle\s*=": "a style attribute",
    r"<[^>]*\son[a-z]+\s*=": "an inline handler",
    r"<script(?![^>]*\ssrc=)[^>]*>": "a script inside the page",
    r"javascript:": "a javascript: address",
    r"<script(?=[^>]*\ssrc=)(?![^>]*\sdefer\b)[^>]*>": "a script that holds up the page",
    rf"<(?!a\b)[a-z]+[^>]*\s(?:{LOADS})\s*=\s*[\"'](?:https?:)?//": "another host",
}
FORBIDDEN_IN_SHEETS = {
    r"@import\b": "an import, which is one more round trip",
    r"url\(\s*[\"']?(?:https?:)?//": "another host",
}
FORBIDDEN_IN_SCRIPTS = {
    r"[\"'`](?:https?:)?//[\w{$]": "another host",
    r"\.innerHTML\s*\+?=\s*[`\"']": "markup out of strings",
    r"[\u4e00-\u9fff]": "Chinese words, which belong into a template, marked for translation",
}
# 天地图 tiles, only where the operator has a key; the policy names the host then, and else not.
ALLOWED_HOST = "https://t{s}.tianditu.gov.cn/"


def files(ending):
    """Path and text of every tracked file with this ending, tests excepted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", f"*.{ending}"], cwd=ROOT, capture_output=True, check=True
    )
    paths = [path for path in listed.stdout.decode().split("\0") if path]
    return [
        (path, (ROOT / path).read_text())
        for path in paths
        if (ROOT / path).exists() and not path.startswith("tests/")
    ]


def long_lines(path, text):
    """Lines that no screen shows whole."""
    return [
        f"{path}:{number} has {len(line)} characters"
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]


def without_comments(path, text):
    """The text with comments blanked, line ends kept."""
    marks = {"html": r"\{#.*?#\}|<!--.*?-->", "css": r"/\*.*?\*/", "js": r"^\s*//.*?$|\s//\s.*?$"}
    pattern = re.compile(marks[path.rpartition(".")[2]], re.DOTALL | re.MULTILINE)
    return pattern.sub(lambda found: "\n" * found[0].count("\n"), text)


def breaches(path, text):
    """What the policy would refuse, or what loads something from elsewhere."""
    rules = {"html": FORBIDDEN, "css": FORBIDDEN_IN_SHEETS, "js": FORBIDDEN_IN_SCRIPTS}
    text = without_comments(path, text).replace(ALLOWED_HOST, "")
    return [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1} {words}"
        for pattern, words in rules[path.rpartition(".")[2]].items()
        for found in re.finditer(pattern, text)
    ]


def all_of(check, *endings):
    """The breaches in every file with these endings."""
    return [
        breach for ending in endings for path, text in files(ending) for breach in check(path, text)
    ]


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_every_template_compiles(ending):
    """A filter that was renamed shows here, not in the notice that only one case sends."""
    paths = [path for path, _text in files(ending) if path.startswith("templates/")]
    names = [path.removeprefix("templates/") for path in paths]
    # The demo's tags are installed with the demo alone; tests/demo starts it and reads its pages.
    names = [name for name in names if not name.startswith("demo/")]
    assert len(names) > 30
    assert all(get_template(name) for name in names)


@pytest.mark.parametrize(("ending", "fewest"), [("html", 60), ("css", 15), ("js", 10)])
def test_the_files_are_read(ending, fewest):
    assert len(files(ending)) > fewest


def test_lines_of_sheets_and_scripts_fit_a_screen():
    assert all_of(long_lines, "css", "js") == []


def test_lines_of_templates_fit_a_screen():
    assert all_of(long_lines, "html") == []


def bare_fractions(path, text):
    """Columns that a long word widens beyond the page: a fraction needs `minmax(0, …)`."""
    return [
        f"{path}: {columns.strip()}"
        for columns in re.findall(r"grid-template-columns:([^;]*);", text)
        if re.search(r"\dfr", re.sub(r"minmax\([^()]*\)", "", columns))
    ]


def test_no_word_is_so_long_that_it_widens_a_page():
    assert all_of(bare_fractions, "css") == []
    assert bare_fractions("x", "grid-template-columns: max-content 1fr;")
    assert not bare_fractions("x", "grid-template-columns: repeat(2, minmax(0, 1fr));")


def test_every_file_that_a_template_names_is_there():
    named = {
        (path, name)
        for path, text in files("html")
        for name in re.findall(r"\{% static ['\"]([^'\"]+)['\"] %\}", text)
    }
    assert len(named) > 30
    assert sorted((path, name) for path, name in named if finders.find(name) is None) == []


def test_a_missing_file_is_not_found():
    assert finders.find("css/theme.css") is None
    assert finders.find("css/site.css").endswith("css/site.css")


def test_nothing_stands_in_a_page_that_the_policy_refuses():
    assert all_of(breaches, "html", "css", "js") == []


def test_a_long_line_is_found():
    assert long_lines("a.css", "a" * LONGEST_LINE) == []
    assert long_lines("a.css", "b\n" + "字" * (LONGEST_LINE + 1)) == ["a.css:2 has 121 characters"]


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("a.html", "<style>p { color: red }</style>", "style sheet"),
        ("a.html", '<p class="a" style="color: red">', "style attribute"),
        ("a.html", '<button type="button" onclick="go()">', "handler"),
        ("a.html", '<body\n  onload="go()">', "handler"),
        ("a.html", "<script>go()</script>", "inside the page"),
        ("a.html", '<script type="module">go()</script>', "inside the page"),
        ("a.html", '<script src="/static/a.js"></script>', "holds up"),
        ("a.html", '<a href="javascript:go()">', "javascript:"),
        ("a.html", '<script src="https://cdn.example/a.js"></script>', "another host"),
        ("a.html", '<link rel="stylesheet" href="//cdn.example/a.css">', "another host"),
        ("a.html", '<img alt="" src="http://img.example/a.png">', "another host"),
        ("a.css", '@import "b.css";', "import"),
        ("a.css", "p { background: url(https://img.example/a.png) }", "another host"),
        ("a.js", 'fetch("https://api.example/")', "another host"),
        ("a.js", "fetch(`//${host}/`)", "another host"),
        ("a.js", "box.innerHTML = `<b>${name}</b>`", "markup"),
        ("a.js", 'say("网不太好")', "Chinese"),
    ],
)
def test_a_breach_is_found(path, text, words):
    assert any(words in breach for breach in breaches(path, text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.html", '<a href="https://beian.miit.gov.cn/" rel="noopener">1</a>'),
        ("a.html", "<script src=\"{% static 'js/print.js' %}\" defer></script>"),
        ("a.html", '<p data-once="1">{# <style> #}'),
        ("a.css", "/* url(https://a.example) */ p { background: url(a.svg) }"),
        ("a.js", '// "https://a.example" 网\nconst a = "/"; // 接着写'),
        ("a.js", f'L.tileLayer("{ALLOWED_HOST}")'),
    ],
)
def test_what_is_allowed_is_let_through(path, text):
    assert breaches(path, text) == []


def unbalanced(path, text):
    """A style sheet that opens more blocks than it closes; browsers guess the rest."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return [f"{path} leaves a block open"] if text.count("{") != text.count("}") else []


def test_every_block_of_a_style_sheet_is_closed():
    assert all_of(unbalanced, "css") == []
    assert unbalanced("planted", "a { b: c;")
