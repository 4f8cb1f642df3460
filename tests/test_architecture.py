"""Which room may know which, and what stands in one place only: read from every tracked file.

Each checker takes a path and source text, so each rule is also shown to catch a planted breach.
"""

import ast
import re

import pytest
from django.core.management import call_command

from tests.rooms import (
    ABOVE_ALL,
    ALONE,
    BELOW,
    FACES,
    FLAT,
    FLOOR,
    LABELS,
    NOUNS,
    PRIVATE,
    ROOF,
    ROOT,
    accessor_uses,
    accessors,
    breaches_of,
    called,
    imports,
    labelled,
    migration_dependencies,
    module_of,
    named_in_text,
    noun_of,
    our_python,
    room_of,
    tracked,
)

LINES_MAX, FUNCTION_LINES_MAX = 400, 50


# --- directions ------------------------------------------------------------------------------


def app_breaches(path, source):
    """Imports that point up or sideways between apps, and of what another app keeps to itself."""
    module, is_package = module_of(path)
    room = room_of(module)
    if room is None:
        return []
    if module == "yuanhang":
        room = FLOOR  # importing the floor runs this file
    tree, breaches = ast.parse(source), []

    def judge(line, name, other, *, is_import=True):
        if other is None or other == room:
            return
        if other not in BELOW[room]:
            breaches.append(f"{path}:{line} {room} may not know {other} ({name})")
        elif is_import and room != ROOF and other != FLOOR:
            part = next((p for p in name.split(".")[1:] if PRIVATE.search(p)), "")
            if part:
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


def noun_breaches(path, source):
    """Imports that point up between the nouns of one app."""
    module, is_package = module_of(path)
    noun, app = noun_of(module), module.split(".")[0]
    # The face that gathers routes and models, of an app whose other modules lie at the bottom.
    faces = FACES - {"models"} | {"templatetags", "management", "migrations"}
    is_ground = app in FLAT and not noun and not faces & set(module.split(".")[1:2])
    if module in ABOVE_ALL or not (noun or is_ground):
        return []
    order = NOUNS[app]
    below = set(order[: order.index(noun)]) if noun else set()
    known = ALONE.get(f"{app}.{noun}", below) | {noun}
    named = [*imports(ast.parse(source), module, is_package), *named_in_text(ast.parse(source))]
    return [
        f"{path}:{line} {noun} may not know {noun_of(name)} ({name})"
        for line, name in named
        if name.split(".")[0] == app and noun_of(name) and noun_of(name) not in known
    ]


def facade_breaches(path, source):
    """Modules that hand on what others define, and imports from the faces that only gather."""
    module, is_package = module_of(path)
    tree, parts, breaches = ast.parse(source), module.split("."), []
    is_face = len(parts) == 2 and parts[1] in FACES
    if is_package and any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
        breaches.append(f"{path} a package's __init__ hands nothing on")
    if any(getattr(target, "id", "") == "__all__" for target in assigned_names(tree)):
        breaches.append(f"{path} has an __all__: whoever needs a name imports it from its room")
    for line, name in imports(tree, module, is_package):
        app, *rest = name.split(".")
        gathers = FACES - {"apps"} - ({"models"} if app in FLAT else set())
        if app in NOUNS and rest and rest[0] in gathers and not is_face:
            breaches.append(f"{path}:{line} {name} is a face that only gathers")
    return breaches


def assigned_names(tree):
    """The targets of all assignments of a file, tuples taken apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from ast.walk(target)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            yield from ast.walk(node.target)


def test_the_files_of_every_room_are_read():
    modules = {module_of(path)[0] for path in our_python()}
    assert {room_of(module) for module in modules} >= set(BELOW)
    for app, nouns in NOUNS.items():
        folders = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")}
        assert folders - {"migrations", "templatetags", "management"} == set(nouns), app


@pytest.mark.parametrize("check", [app_breaches, noun_breaches, facade_breaches])
def test_imports_point_down_only_and_nobody_hands_names_on(check):
    assert breaches_of(check) == []


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("yuanhang/core/audit.py", "import hazards.cases.models", "may not know hazards"),
        ("yuanhang/core/audit.py", "from ..desk import views", "may not know yuanhang"),
        ("yuanhang/core/audit.py", "import yuanhang.settings", "may not know yuanhang"),
        ("yuanhang/postgres/server.py", "from yuanhang.core import http", "may not know yuanhang"),
        ("yuanhang/__init__.py", "from yuanhang import desk", "may not know yuanhang"),
        ("stations/areas/models.py", "from workers.models import Worker", "may not know workers"),
        ("stations/areas/models.py", "def f():\n    import workers.access", "may not know workers"),
        ("workers/workers.py", "from hazards.cases import cases", "may not know hazards"),
        ("hazards/cases/cases.py", "from volunteers.teams import teams", "may not know volunteers"),
        ("volunteers/teams/teams.py", "from hazards.cases import cases", "may not know hazards"),
        ("hazards/cases/admin.py", "from yuanhang.desk.views import home", "may not know yuanhang"),
        ("stations/areas/models.py", "FK('hazards.Hazard')", "may not know hazards"),
        ("yuanhang/core/jobs.py", "import_string('workers.workers.x')", "may not know workers"),
        ("stations/areas/models.py", "apps.get_model('hazards', 'Hazard')", "may not know"),
        (
            "stations/migrations/0009_x.py",
            "class M:\n    dependencies = [('workers', '0001_first')]",
            "may not know workers",
        ),
        ("stations/postings/access.py", "user.worker", "may not reach workers by .worker"),
        ("yuanhang/core/models.py", "user.postings.all()", "may not reach stations by .postings"),
        ("workers/figures.py", "community.hazard_set", "may not reach hazards by .hazard_set"),
        ("workers/figures.py", "filter(hazard__state='x')", "may not reach hazards by .hazard"),
        ("workers/figures.py", "Count('hazard')", "may not reach hazards by .hazard"),
        ("hazards/cases/cases.py", "from workers.views import me", "own business"),
        ("hazards/cases/cases.py", "from stations.houses import views", "own business"),
        ("hazards/reporting/forms.py", "from workers.forms import MeForm", "own business"),
    ],
)
def test_a_planted_import_between_apps_is_caught(path, source, words):
    found = app_breaches(path, source)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hazards/cases/cases.py", "from hazards.case_page.presenter import FULL"),
        ("hazards/deadlines/deadlines.py", "from ..cases.states import State"),
        ("volunteers/skills/skills.py", "from volunteers.activities.models import activities"),
        ("volunteers/searches/views.py", "from volunteers.record import certificates"),
        ("stations/areas/models.py", "def f():\n    from stations.postings import access"),
        ("hazards/cases/cases.py", "import_string('hazards.review.export.workbook_of')"),
        ("workers/models.py", "from workers.help.models import HelpRequest"),
        ("workers/workers.py", "def f():\n    from workers.help import help_requests"),
        ("workers/help/help_requests.py", "from workers.proofs import proofs"),
    ],
)
def test_a_planted_import_between_nouns_is_caught(path, source):
    assert len(noun_breaches(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hazards/cases/__init__.py", "from hazards.cases.cases import accept"),
        ("hazards/cases/cases.py", "__all__ = ['accept']"),
        ("hazards/cases/cases.py", "from hazards.models import Hazard"),
        ("yuanhang/desk/views.py", "import volunteers.models"),
        ("workers/help/views.py", "from workers.urls import urlpatterns"),
    ],
)
def test_a_planted_facade_is_caught(path, source):
    assert len(facade_breaches(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hazards/cases/admin.py", "from .models.hazards import Hazard\nfrom . import cases"),
        ("hazards/cases/cases.py", "from stations.postings import access\nimport workers.access"),
        ("hazards/case_page/views.py", "from hazards.cases import cases\nfrom . import presenter"),
        ("hazards/models.py", "import hazards.cases.models.hazards"),
        ("hazards/cases/models/hazards.py", "FK('yuanhang.User')\nFK('hazards.X')\nuser.worker"),
        ("yuanhang/desk/views.py", "from hazards.cases.access import can_review_queue"),
        ("yuanhang/urls.py", "include('hazards.urls')"),
        ("stations/areas/admin.py", "from stations.postings.access import scope_of"),
        ("volunteers/searches/admin.py", "from volunteers.teams import people_choices"),
        ("workers/help/models.py", "from workers.models import Consent"),
        ("workers/urls.py", "from workers.help import urls"),
    ],
)
def test_what_is_allowed_is_left_alone(path, source):
    for check in (app_breaches, noun_breaches, facade_breaches):
        assert check(path, source) == []


# --- one place each --------------------------------------------------------------------------

# What a mechanism looks like in the source, and the files that may look so.
ONE_PLACE = {
    "audit events": (
        r"(?<!class )\bAuditEvent\(|AuditEvent\.objects\.(bulk_)?create",
        {"yuanhang/core/audit.py"},
    ),
    "transitions": (
        r"\.state = |\bstate=\w+\.State\.\w+\)\.save|update\(state=",
        {
            "yuanhang/core/transitions.py",
            "yuanhang/core/outbox/deliveries.py",
        },
    ),
    "paging": (
        r"urlsafe_b64(en|de)code|\w+_SIZE \+ 1\b|\bsize \+ 1\]",
        {"yuanhang/core/paging.py"},
    ),
    "the outbox": (
        r"\bDelivery\(|Delivery\.objects\.(create|get_or_create|bulk_create)",
        {"yuanhang/core/outbox/deliveries.py", "yuanhang/core/outbox/models.py"},
    ),
    "uploads": (
        r"\bsave_bytes\(|default_storage\.save\(|\bstored\.save\(",
        {"yuanhang/core/media/uploads.py", "yuanhang/core/files.py"},
    ),
    # Everywhere else rows go by `erasures.delete`, or a backup would bring them back. Here stand
    # the erasers themselves, and what tells of nobody or goes by its age alone.
    "deletions": (
        r"\.delete\(\)|_raw_delete\(",
        {
            "yuanhang/core/erasures/erasures.py",
            "yuanhang/core/erasures/replay.py",
            "yuanhang/core/retention.py",
            "hazards/cases/retention.py",
            "volunteers/searches/searches.py",
            "volunteers/skills/skills.py",
            "stations/streets/street_maps.py",
            "yuanhang/core/jobs.py",
            "yuanhang/core/log_ins.py",
            "yuanhang/core/outbox/deliveries.py",
            "yuanhang/core/outbox/sms_counts.py",
            "yuanhang/core/stored_files/removal.py",
            "yuanhang/desk/package_admin.py",
        },
    ),
    "drawn maps": (
        r"cos\(math\.radians|cos\(radians",
        {"yuanhang/core/media/svg_map.py", "yuanhang/core/geo.py"},
    ),
}


def second_places(path, source):
    """(mechanism, path, line) of a mechanism that is written again somewhere else."""
    if "/migrations/" in path:
        return []
    lines = source.split("\n")
    return [
        f"{path}:{number} {name} have one place: {sorted(allowed)}"
        for name, (pattern, allowed) in ONE_PLACE.items()
        if path not in allowed
        for number, line in enumerate(lines, 1)
        if re.search(pattern, line)
    ]


def test_each_mechanism_has_one_place():
    assert breaches_of(second_places) == []
    for name, (pattern, allowed) in ONE_PLACE.items():
        for path in allowed:
            assert re.search(pattern, (ROOT / path).read_text()), (name, path)


@pytest.mark.parametrize(
    "source",
    [
        "AuditEvent.objects.create(kind='x')",
        "AuditEvent(kind='x').save()",
        "hazard.state = State.CLOSED",
        "Hazard.objects.filter(pk=1).update(state='closed')",
        "page = list(rows[: PAGE_SIZE + 1])",
        "key = base64.urlsafe_b64decode(text)",
        "Delivery.objects.create(channel='sms')",
        "name = files.save_bytes(default_storage, 'x', 'jpg', data)",
        "name = stored.save('x', 'jpg', data)",
        "narrow = math.cos(math.radians(latitude))",
        "Hazard.objects.filter(pk=1).delete()",
    ],
)
def test_a_second_place_is_caught(source):
    assert len(second_places("hazards/cases/admin.py", source)) == 1
    assert second_places("hazards/cases/admin.py", "if hazard.state == 'x':\n    pass") == []


# --- sizes -----------------------------------------------------------------------------------


def too_long(path, source):
    """Files of more lines than one reads in a sitting; generated migrations and data excepted."""
    if "/migrations/" in path:
        return []
    lines = source.count("\n")
    return [f"{path} {lines} lines"] if lines > LINES_MAX else []


def long_functions(path, source):
    """Functions of more lines than a page."""
    return [
        f"{path}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]


def test_no_file_is_longer_than_one_reads():
    assert breaches_of(too_long, tracked("py", "html", "css", "js")) == []


def test_no_function_is_longer_than_a_page():
    assert breaches_of(long_functions, tracked("py")) == []


def test_what_is_too_long_is_caught():
    assert too_long("hazards/x.py", "x\n" * 401)
    assert not too_long("hazards/x.py", "x\n" * 400)
    assert not too_long("hazards/migrations/0001_first.py", "x\n" * 401)
    body = "def f():\n" + "    x()\n" * 50
    assert long_functions("a.py", body)
    assert not long_functions("a.py", body.replace("    x()\n", "", 1))


# --- and the rest ----------------------------------------------------------------------------


def test_the_migrations_say_what_the_models_say(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_relative_imports_are_resolved():
    tree = ast.parse("from . import a\nfrom .b import c\nfrom .. import d\nfrom ..e.f import g")
    in_module = [name for _line, name in imports(tree, "yuanhang.core.outbox.sms", False)]
    assert in_module == [
        "yuanhang.core.outbox.a",
        "yuanhang.core.outbox.b.c",
        "yuanhang.core.d",
        "yuanhang.core.e.f.g",
    ]
    in_package = [name for _line, name in imports(tree, "hazards.cases", True)]
    assert in_package == ["hazards.cases.a", "hazards.cases.b.c", "hazards.d", "hazards.e.f.g"]


def test_the_product_imports_no_test_tools():
    tools = re.compile(r"^\s*(from|import) (unittest|pytest|tests|factory)\b", re.MULTILINE)
    assert not [path for path in our_python() if tools.search((ROOT / path).read_text())]


def test_who_is_called_is_read_from_names_and_attributes():
    names = [
        called(node) for node in ast.walk(ast.parse("a.b.c(); d()")) if isinstance(node, ast.Call)
    ]
    assert sorted(names) == ["c", "d"]
