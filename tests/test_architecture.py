"""Which room may know which: read from the source of every tracked Python file.

The checker takes a path and source text, so each rule is also shown to catch a planted breach.
"""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 500

# Each room and the rooms below it (yuanhang/README.md, "Rooms").
FLOOR, ROOF = "yuanhang.core", "yuanhang"
BELOW = {
    FLOOR: set(),
    "stations": {FLOOR},
    "workers": {FLOOR, "stations"},
    "hazards": {FLOOR, "stations", "workers"},
    "volunteers": {FLOOR, "stations", "workers"},
    ROOF: {FLOOR, "stations", "workers", "hazards", "volunteers"},
}
# Labels of apps, as migrations and lazy relations name them.
LABELS = {"yuanhang": FLOOR} | {room: room for room in BELOW if "." not in room and room != ROOF}

# What a room shows to those above it; the floor shows everything but its pages.
SHOWN = {"models", "access", "workflow", "signals"}
NEVER = {"views", "forms", "admin", "urls"}
# The roof composes: it may also use the tools of an app, e.g. its figures.
COMPOSES = {FLOOR, ROOF}

WRITERS = {"create", "bulk_create", "get_or_create", "update_or_create"}
STATE_WRITERS = WRITERS | {"update", "Hazard"}
QUERY_WORDS = {"select_related", "prefetch_related", "Prefetch", "Count", "Exists", "values"}


def room_of(name):
    """The room of a dotted module or object name; None for what is not ours."""
    first, _dot, rest = name.partition(".")
    if first == "yuanhang":
        return FLOOR if rest.split(".")[0] == "core" else ROOF
    return first if first in BELOW else None


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


def called(node):
    """The last name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def labelled(name):
    """The room a string names: a model by its app's label, a check's id, or a module."""
    first, second = name.split(".")[:2]
    if second.lower() in apps.all_models[first] or re.fullmatch(r"[EW]\d{3}", second):
        return LABELS[first]
    return room_of(name)


@cache
def accessors():
    """Names by which a lower model reaches an upper room's rows, with that upper room."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.auto_created and not field.concrete:
                owner = LABELS.get(field.related_model._meta.app_label)
                if owner and LABELS.get(model._meta.app_label) not in (owner, None):
                    found[field.get_accessor_name()] = owner
                    found[field.name] = owner
    return found


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


def direction_breaches(path, source):
    """Imports that point up or sideways, and imports of what another app keeps to itself."""
    module, is_package = module_of(path)
    room = room_of(module)
    if room is None:
        return []
    if module == "yuanhang":
        room = FLOOR  # importing the floor runs this file
    tree = ast.parse(source)
    breaches = []

    def judge(line, name, other, *, is_import=True):
        if other is None or other == room:
            return
        if other not in BELOW[room]:
            breaches.append(f"{path}:{line} {room} may not know {other} ({name})")
        elif is_import:
            part = name.removeprefix(f"{other}.").split(".")[0]
            hidden = part in NEVER or (part not in SHOWN and not {room, other} & COMPOSES)
            if hidden:
                breaches.append(f"{path}:{line} {name} is the other app's own business")

    for line, name in imports(tree, module, is_package):
        judge(line, name, room_of(name))
    for line, name in named_in_text(tree):
        judge(line, name, labelled(name), is_import=False)
    if "/migrations/" in path:
        for line, label in migration_dependencies(tree):
            judge(line, label, LABELS.get(label), is_import=False)
    for line, name in accessor_uses(tree):
        owner = accessors().get(name)
        if owner and owner != room and owner not in BELOW[room]:
            breaches.append(f"{path}:{line} {room} may not reach {owner} by .{name}")
    return breaches


def audit_breaches(path, source):
    """Places beside core/audit.py that make audit events."""
    if path == "yuanhang/core/audit.py" or "/migrations/" in path:
        return []
    breaches = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        makes = called(node) == "AuditEvent"
        writes = called(node) in WRITERS and "AuditEvent" in ast.unparse(node.func)
        if makes or writes:
            breaches.append(f"{path}:{node.lineno} only core/audit.py writes AuditEvent")
    return breaches


def _assigned(node):
    """The targets of an assignment, tuples taken apart."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [part for target in targets for part in ast.walk(target)]


def state_breaches(path, source):
    """Places beside hazards/workflow.py that set the state of a case.

    Rooms below know no case, and `state` is a delivery's word as well; so only the room and the
    roof are read.
    """
    in_reach = room_of(module_of(path)[0]) in ("hazards", ROOF)
    if path == "hazards/workflow.py" or not in_reach or "/migrations/" in path:
        return []
    breaches = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            sets = any(isinstance(t, ast.Attribute) and t.attr == "state" for t in _assigned(node))
        elif isinstance(node, ast.Call):
            words = {a.value for a in ast.walk(node) if isinstance(a, ast.Constant)}
            sets = (
                called(node) in STATE_WRITERS and any(k.arg == "state" for k in node.keywords)
            ) or (called(node) in {"setattr", "bulk_update"} and "state" in words)
        else:
            continue
        if sets:
            breaches.append(f"{path}:{node.lineno} only hazards/workflow.py sets a case's state")
    return breaches


# --- the rules, on every tracked file -------------------------------------------------------


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


def all_breaches(check):
    return [breach for path in our_python() for breach in check(path, (ROOT / path).read_text())]


def test_the_files_of_every_room_are_read():
    read = {room_of(module_of(path)[0]) for path in our_python()}
    assert {FLOOR, "stations", "workers", "hazards", ROOF} <= read
    assert len(our_python()) > 60


def test_imports_point_down_only():
    assert all_breaches(direction_breaches) == []


def test_audit_events_have_one_writer():
    assert all_breaches(audit_breaches) == []


def test_a_case_changes_its_state_through_one_door():
    assert all_breaches(state_breaches) == []


def too_long(path, text):
    return text.count("\n") > LONGEST_FILE and "/migrations/" not in path


def test_no_file_is_longer_than_five_hundred_lines():
    files = tracked("py", "html", "css", "js")
    assert [path for path in files if too_long(path, (ROOT / path).read_text())] == []


def test_the_migrations_say_what_the_models_say(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


# --- the checker catches what it should -----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("yuanhang/core/notify.py", "import hazards.models", "may not know hazards"),
        ("yuanhang/core/notify.py", "from stations import access", "may not know stations"),
        ("yuanhang/core/notify.py", "from yuanhang.desk import demo", "may not know yuanhang"),
        ("yuanhang/core/notify.py", "from ..desk import demo", "may not know yuanhang"),
        ("yuanhang/core/notify.py", "from .. import settings", "may not know yuanhang"),
        ("yuanhang/core/notify.py", "import yuanhang.settings", "may not know yuanhang"),
        ("yuanhang/__init__.py", "from yuanhang import desk", "may not know yuanhang"),
        ("stations/models/areas.py", "from workers.models import Worker", "may not know workers"),
        ("stations/access.py", "def f():\n    import workers.access", "may not know workers"),
        ("workers/workflow.py", "from hazards.models import Hazard", "may not know hazards"),
        ("hazards/views/case.py", "from volunteers.models import Team", "may not know volunteers"),
        ("volunteers/models.py", "from hazards.models import Hazard", "may not know hazards"),
        ("hazards/admin.py", "from yuanhang.desk.views import home", "may not know yuanhang"),
        ("stations/models/areas.py", "FK('hazards.Hazard')", "may not know hazards"),
        ("yuanhang/core/tasks.py", "import_string('workers.workflow.x')", "may not know workers"),
        ("stations/access.py", "apps.get_model('hazards', 'Hazard')", "may not know hazards"),
        (
            "stations/migrations/0009_x.py",
            "class M:\n    dependencies = [('workers', '0001_initial')]",
            "may not know workers",
        ),
        ("stations/access.py", "user.worker", "may not reach workers by .worker"),
        ("yuanhang/core/models.py", "user.postings.all()", "may not reach stations by .postings"),
        ("stations/figures.py", "station.workers.count()", "may not reach workers by .workers"),
        ("workers/figures.py", "community.hazard_set", "may not reach hazards by .hazard_set"),
        ("workers/figures.py", "filter(hazard__state='x')", "may not reach hazards by .hazard"),
        ("workers/figures.py", "Count('hazard')", "may not reach hazards by .hazard"),
        ("hazards/views/case.py", "from workers.views import me", "own business"),
        ("hazards/views/case.py", "from workers import views", "own business"),
        ("hazards/forms/report.py", "from workers.forms import MeForm", "own business"),
        ("hazards/admin.py", "from stations.admin import GridAdmin", "own business"),
        ("hazards/urls.py", "from stations.urls import urlpatterns", "own business"),
        ("hazards/telling.py", "from yuanhang.core.views import inbox", "own business"),
        ("hazards/figures.py", "from workers.figures import joined", "own business"),
        ("yuanhang/desk/views.py", "from  import queue", "own business"),
        ("yuanhang/desk/views.py", "from hazards.review.forms import QueueForm", "own business"),
    ],
)
def test_a_planted_import_is_caught(path, source, words):
    found = direction_breaches(path, source)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hazards/admin.py", "from .models import Hazard\nfrom . import workflow, forms"),
        ("hazards/admin.py", "from stations import access\nfrom workers.models import Worker"),
        ("hazards/admin.py", "from stations.robots.robots import close_station"),
        ("hazards/views/case.py", "from  import FORMS\nfrom .queue import queue"),
        ("hazards/views/case.py", "from ..models import Hazard"),
        ("hazards/models/__init__.py", "from .hazard import Hazard\nfrom .. import moves"),
        ("hazards/telling.py", "from yuanhang.core import notify, geo, uploads"),
        ("hazards/models/hazard.py", "FK('yuanhang.User')\nFK('stations.Grid')\nFK('hazards.X')"),
        ("hazards/telling.py", "user.worker\nuser.postings"),
        ("yuanhang/desk/views.py", "from hazards.figures import waiting\nimport workers.access"),
        ("yuanhang/urls.py", "include('hazards.urls')"),
        ("yuanhang/settings.py", "FORMS = {'signup': 'workers.forms.SignupForm'}"),
        ("stations/views.py", "from django.contrib import admin\nfrom django.views import View"),
        ("manage.py", "import yuanhang.settings"),
    ],
)
def test_what_is_allowed_is_left_alone(path, source):
    assert direction_breaches(path, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "AuditEvent.objects.create(kind='x')",
        "AuditEvent.objects.bulk_create([])",
        "AuditEvent(kind='x').save()",
        "models.AuditEvent.objects.using('default').get_or_create(kind='x')",
    ],
)
def test_a_second_writer_of_the_audit_is_caught(source):
    assert len(audit_breaches("hazards/workflow.py", source)) >= 1
    assert audit_breaches("yuanhang/core/audit.py", source) == []
    assert audit_breaches("hazards/workflow.py", "AuditEvent.objects.filter(kind='x')") == []


@pytest.mark.parametrize(
    "source",
    [
        "hazard.state = State.CLOSED",
        "hazard.state: str = 'closed'",
        "before, hazard.state = hazard.state, 'closed'",
        "setattr(hazard, 'state', 'closed')",
        "Hazard.objects.filter(pk=1).update(state='closed')",
        "Hazard.objects.create(state='closed')",
        "Hazard.objects.bulk_update(rows, ['state'])",
        "Hazard(state='closed')",
    ],
)
def test_a_second_door_for_the_state_is_caught(source):
    for path in ("hazards/admin.py", "hazards/views/case.py", "yuanhang/desk/demo_cases.py"):
        assert len(state_breaches(path, source)) == 1
    assert state_breaches("hazards/workflow.py", source) == []
    assert state_breaches("hazards/admin.py", "Hazard.objects.filter(state='x')") == []
    assert state_breaches("hazards/admin.py", "if hazard.state == 'x':\n    s = hazard.state") == []


def test_a_long_file_is_caught():
    assert too_long("hazards/models.py", "x\n" * 501)
    assert not too_long("hazards/models.py", "x\n" * 500)
    assert not too_long("hazards/migrations/0001_initial.py", "x\n" * 501)


def test_relative_imports_are_resolved():
    tree = ast.parse("from . import a\nfrom .b import c\nfrom .. import d\nfrom ..e.f import g")
    in_module = [name for _line, name in imports(tree, "yuanhang.postgres.base", False)]
    assert in_module == [
        "yuanhang.core.embedded.a",
        "yuanhang.core.embedded.b.c",
        "yuanhang.core.d",
        "yuanhang.core.e.f.g",
    ]
    in_package = [name for _line, name in imports(tree, "", True)]
    assert in_package == ["hazards.forms.a", "hazards.forms.b.c", "hazards.d", "hazards.e.f.g"]


def test_the_product_imports_no_test_tools():
    tools = re.compile(r"^\s*(from|import) (unittest|pytest|tests|factory)\b", re.MULTILINE)
    assert not [path for path in our_python() if tools.search((ROOT / path).read_text())]
