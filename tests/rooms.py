"""The map of rooms, and how their sources are read: for tests/test_architecture.py."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent

# Each app and those below it. The floor is `yuanhang.core` and the database engine; the roof is
# the rest of `yuanhang`: desk, demo, run and backup, which knows the models of all by their tables.
FLOOR, ENGINE, ROOF = "yuanhang.core", "yuanhang.postgres", "yuanhang"
BELOW = {
    ENGINE: set(),
    FLOOR: {ENGINE},
    "stations": {FLOOR},
    "workers": {FLOOR, "stations"},
    "hazards": {FLOOR, "stations", "workers"},
    "volunteers": {FLOOR, "stations", "workers"},
    ROOF: {FLOOR, ENGINE, "stations", "workers", "hazards", "volunteers"},
}
# The nouns of an app, bottom up: each may know those before it, and nothing of those behind it.
NOUNS = {
    "stations": (
        "areas",
        "houses",
        "streets",
        "postings",
        "robots",
        "complaints",
        "pages",
        "keeping",
        "faults",
        "needs",
        "map_files",
        "estates",
        "keeper_page",
        "station_page",
    ),
    # Registration is flat modules, which lie below these.
    "workers": ("rights", "help", "proofs", "aid"),
    "hazards": (
        "catalogue",
        "deadlines",
        "cases",
        "deadline_reminders",
        "published",
        "slips",
        "sightings",
        "roads",
        "fixed_wall",
        "case_page",
        "reporting",
        "gates",
        "review",
        "handover",
        "case_map",
    ),
    "volunteers": (
        "skills",
        "teams",
        "activities",
        "record",
        "team_page",
        "errands",
        "searches",
    ),
}
# Rooms that know fewer than those before them.
ALONE = {"volunteers.searches": {"teams"}}
# The faces by which Django finds an app's parts gather from all rooms; nobody imports them.
FACES = {"models", "admin", "urls", "apps", "schedules"}
# Apps whose own flat modules lie below their nouns; of their models there is more than a face.
FLAT = {"workers"}
# What the admin shows of places is scoped by postings: it stands above all of them.
ABOVE_ALL = {"stations.areas.admin", "stations.houses.admin", "stations.streets.admin"}
# Labels of apps, as migrations and lazy relations name them.
LABELS = {"yuanhang": FLOOR} | {room: room for room in BELOW if "." not in room and room != ROOF}
# What belongs to an app alone; the roof composes and may use figures and presenters.
PRIVATE = re.compile(r"(^|_)(views|forms|admin|urls|presenter)$")
QUERY_WORDS = {"select_related", "prefetch_related", "Prefetch", "Count", "Exists", "values"}


def room_of(name):
    """The app of a dotted module or object name; None for what is not ours."""
    first, _dot, rest = name.partition(".")
    if first == "yuanhang":
        second = f"yuanhang.{rest.split('.')[0]}"
        return second if second in (FLOOR, ENGINE) else ROOF
    return first if first in BELOW else None


def noun_of(name):
    """The noun of a dotted name within its app; empty for faces and for apps without nouns."""
    parts = name.split(".")
    nouns = NOUNS.get(parts[0], ())
    return parts[1] if len(parts) > 1 and parts[1] in nouns else ""


def module_of(path):
    """The dotted module name of a file and whether it is a package."""
    parts = list(Path(path).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if is_package else parts), is_package


def imports(tree, module, is_package):
    """(line, dotted name) of everything imported, anywhere in the file; relative ones resolved."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                yield node.lineno, f"{start}.{alias.name}"


def called(node):
    """The last name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def named_in_text(tree):
    """(line, dotted name) of modules and models that a string names: lazy imports and relations."""
    pattern = re.compile(rf"(?:{'|'.join(LABELS)})(?:\.\w+)+")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if pattern.fullmatch(node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and called(node) == "get_model" and len(node.args) > 1:
            label = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
            if label in LABELS:
                yield node.lineno, f"{label}.models"


def migration_dependencies(tree):
    """(line, app label) of the migrations that a migration waits for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "dependencies":
            for item in ast.walk(node.value):
                if isinstance(item, ast.Tuple) and isinstance(item.elts[0], ast.Constant):
                    yield item.lineno, item.elts[0].value


def labelled(name):
    """The room a string names: a model by its app's label, a check's id, or a module."""
    first, second = name.split(".")[:2]
    if second.lower() in apps.all_models[first] or re.fullmatch(r"[EW]\d{3}", second):
        return LABELS[first]
    return room_of(name)


@cache
def accessors():
    """Names by which a lower model reaches an upper room's rows, with that upper room."""
    reached = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.auto_created and not field.concrete:
                owner = LABELS.get(field.related_model._meta.app_label)
                if owner and LABELS.get(model._meta.app_label) not in (owner, None):
                    reached[field.get_accessor_name()] = owner
                    reached[field.name] = owner
    return reached


def accessor_uses(tree):
    """(line, name) of reverse accessors, as attributes and inside queries."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if "__" in (keyword.arg or ""):
                    yield node.lineno, keyword.arg.split("__")[0]
            if called(node) in QUERY_WORDS:
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield node.lineno, argument.value.split("__")[0]


@cache
def tracked(*endings):
    """Paths of the tracked files with these endings that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *(f"*.{ending}" for ending in endings)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).exists()]


def our_python():
    """Every tracked Python file but the tests."""
    return [path for path in tracked("py") if not path.startswith("tests/")]


def breaches_of(check, paths=None):
    """What a check of (path, source) finds in all files."""
    found = []
    for path in paths or our_python():
        found += check(path, (ROOT / path).read_text())
    return found
