"""Our scripts run on the oldest WebView we support: Android System WebView 60 of July 2017.

Phones that riders hand down stay on the WebView they came with, and one that cannot read a single
mark of a script throws the whole file away. `esprima` reads ES2017 with object spread, which is
what that WebView reads; methods and globals that are younger are listed here.
"""

import re
import subprocess
from pathlib import Path

import esprima
import pytest

ROOT = Path(__file__).resolve().parent.parent

# The first Chromium that has them, all after 60. Names that older interfaces share (`finally`
# of try, `text` of fetch's answer) are told apart by how they are used, or left out.
YOUNG_METHODS = {
    "allSettled": 76,
    "any": 85,
    "at": 92,
    "checkVisibility": 105,
    "findLast": 97,
    "findLastIndex": 97,
    "flat": 69,
    "flatMap": 69,
    "finally": 63,
    "fromEntries": 73,
    "groupBy": 117,
    "hasOwn": 93,
    "matchAll": 73,
    "randomUUID": 92,
    "replaceAll": 85,
    "replaceChildren": 86,
    "requestSubmit": 76,
    "showPicker": 99,
    "submitter": 81,
    "toReversed": 110,
    "toSorted": 110,
    "toSpliced": 110,
    "toggleAttribute": 69,
    "trimEnd": 66,
    "trimStart": 66,
    "withResolvers": 119,
}
# Globals that a script may use only where it asks for `window.Name` first.
YOUNG_GLOBALS = {
    "AbortController": 66,
    "AbortSignal": 66,
    "BigInt": 67,
    "FinalizationRegistry": 84,
    "ResizeObserver": 64,
    "WeakRef": 84,
    "globalThis": 71,
    "queueMicrotask": 71,
    "structuredClone": 98,
}
OUR_GLOBAL = "yuanhang"


def scripts():
    """Path and text of every tracked script."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.js"], cwd=ROOT, capture_output=True, check=True
    )
    paths = [path for path in listed.stdout.decode().split("\0") if path]
    return [(path, (ROOT / path).read_text()) for path in paths if (ROOT / path).exists()]


def nodes(tree):
    """Every node of a syntax tree."""
    open_nodes = [tree]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, list):
            open_nodes.extend(node)
        elif isinstance(node, esprima.nodes.Node):
            yield node
            open_nodes.extend(vars(node).values())


def is_member(node, owner, name):
    """Whether the node reads `owner.name`."""
    is_read = node.type == "MemberExpression" and not node.computed
    return is_read and (node.object.name, node.property.name) == (owner, name)


def breaches(path, text):
    """What an old WebView would stumble over, and globals that are not our one."""
    try:
        tree = esprima.parseScript(text, loc=True)
    except esprima.Error as error:
        return [f"{path} {error}"]
    every = list(nodes(tree))
    asked_for = {name for name in YOUNG_GLOBALS if any(is_member(n, "window", name) for n in every)}
    found = []
    for node in every:
        words = trouble(node, asked_for)
        if words:
            found.append(f"{path}:{node.loc.start.line} {words}")
    return found


def trouble(node, asked_for):
    """What is wrong with one node, or None; young globals in `asked_for` may be used."""
    if node.type == "MemberExpression" and not node.computed:
        if node.property.name in YOUNG_METHODS:
            return f".{node.property.name} is too young"
    elif node.type == "Identifier" and node.name in YOUNG_GLOBALS:
        if node.name not in asked_for:
            return f"{node.name} is too young to be used unasked"
    elif node.type == "AssignmentExpression" and node.left.type == "MemberExpression":
        target = node.left
        if target.object.name == "window" and target.property.name != OUR_GLOBAL:
            return f"window.{target.property.name} is a second global"
    return None


def asked_words(text):
    """Names of page's words that a script asks for with `say("name")`."""
    return {
        node.arguments[0].value
        for node in nodes(esprima.parseScript(text))
        if node.type == "CallExpression"
        and is_member(node.callee, "R", "say")
        and node.arguments[0].type == "Literal"
    }


def top_level_names(text):
    """What a script declares outside every function, for every other script to trip over."""
    kinds = {"FunctionDeclaration", "ClassDeclaration", "VariableDeclaration"}
    return [node.type for node in esprima.parseScript(text).body if node.type in kinds]


def test_our_scripts_are_readable_for_old_webviews():
    found = [breach for path, text in scripts() for breach in breaches(path, text)]
    assert found == []
    assert len(scripts()) > 10


def test_our_scripts_share_one_global():
    assert [path for path, text in scripts() if top_level_names(text)] == []


def test_the_report_page_holds_the_words_its_scripts_ask_for():
    page = (ROOT / "templates/core/place/_words.html").read_text()
    names = re.findall(r"data-([a-z-]+)=", page)
    words = {re.sub(r"-(.)", lambda part: part[1].upper(), name) for name in names}
    report = [text for path, text in scripts() if path.startswith("static/js/report/")]
    asked = set().union(*map(asked_words, report))
    assert len(asked) > 30
    assert asked <= words
    assert [name for name in sorted(words) if f'"{name}"' not in "".join(report)] == []


@pytest.mark.parametrize(
    "text",
    [
        "a?.b;",
        "a?.[0];",
        "document.querySelector('a')?.focus();",
        "f()?.();",
        "a ?? b;",
        "a ||= 1;",
        "try { f(); } catch { g(); }",
        "class A { #b = 1; }",
        "const a = 1_000;",
        "for await (const a of b) f(a);",
        "a.at(-1);",
        "a.replaceAll('b', 'c');",
        "list.replaceChildren(a);",
        "form.requestSubmit(button);",
        "promise.finally(f);",
        "a.flatMap(f);",
        "new ResizeObserver(f);",
        "globalThis.a = 1;",
        "window.Reporting = {};",
    ],
)
def test_what_an_old_webview_cannot_read_is_found(text):
    assert breaches("planted.js", text)


@pytest.mark.parametrize(
    "text",
    [
        "a ? .5 : b;",
        "try { f(); } catch (_error) { g(); } finally { h(); }",
        "const a = { ...b, c };",
        "if (window.ResizeObserver) new ResizeObserver(f);",
        "async function f() { await g(); }",
        "window.yuanhang = window.yuanhang || {};",
    ],
)
def test_what_an_old_webview_reads_is_let_through(text):
    assert breaches("planted.js", text) == []


def test_names_outside_functions_are_found():
    assert top_level_names('"use strict"; const a = 1; function f() {}')
    assert not top_level_names('"use strict"; (() => { const a = 1; })();')
