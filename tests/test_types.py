"""What changes a row or decides about a right says what goes in and out, by type hints.

Held are every `access.py`, every module with a public function that takes the actor (`by`), and
the modules of `ALSO`. What the hints of the pure modules promise, mypy checks in `make lint`.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACES = ["stations", "workers", "hazards", "volunteers", "yuanhang/core"]
# Public verbs and questions whose functions take no actor.
ALSO = {
    "hazards/cases/duplicates.py",
    "hazards/deadline_reminders/deadline_reminders.py",
    "hazards/deadline_reminders/tasks.py",
    "stations/postings/postings.py",
    "volunteers/activities/calendar_feeds.py",
    "volunteers/activities/reminders.py",
}
# Forms and admin classes take `by` too, but are Django's to call.
DJANGO_CALLS = {"forms.py", "admin.py", "admin_forms.py", "views.py"}


def public_functions(tree):
    """The module's functions without an underscore; methods and inner functions are not asked."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        node for node in tree.body if isinstance(node, functions) and not node.name.startswith("_")
    ]


def parameters(function):
    """Every parameter that a function names, `*args` and `**kwargs` too."""
    given = function.args
    several = [parameter for parameter in (given.vararg, given.kwarg) if parameter]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]


def missing_hints(text):
    """ "name: parameter" for each hint that the public functions of a module lack."""
    return [
        f"{function.name}: {name}"
        for function in public_functions(ast.parse(text))
        for name in [
            *(given.arg for given in parameters(function) if given.annotation is None),
            *(["return"] if function.returns is None else []),
        ]
    ]


def is_held(path, text):
    """Whether a module of an app has to carry hints, see the head of this file."""
    if path.name in DJANGO_CALLS or "migrations" in path.parts:
        return False
    if path.name == "access.py" or path.as_posix() in ALSO:
        return True
    functions = public_functions(ast.parse(text))
    return any("by" in {given.arg for given in parameters(one)} for one in functions)


def held_modules():
    """Path to text of each module that has to carry hints."""
    paths = (path for place in PLACES for path in sorted((ROOT / place).rglob("*.py")))
    texts = {path.relative_to(ROOT): path.read_text() for path in paths}
    return {path: text for path, text in texts.items() if is_held(path, text)}


def test_verbs_and_access_predicates_carry_type_hints():
    breaches = [
        f"{path}: {missing}"
        for path, text in held_modules().items()
        for missing in missing_hints(text)
    ]
    assert breaches == []


def test_every_verb_module_is_held():
    held = {path.as_posix() for path in held_modules()}
    assert held >= ALSO | {
        "hazards/cases/cases.py",
        "volunteers/activities/signups.py",
        "volunteers/errands/errands.py",
        "volunteers/record/certificates.py",
        "volunteers/teams/teams.py",
        "workers/workers.py",
        "stations/postings/access.py",
    }


def test_a_function_without_hints_is_found():
    text = (
        "def close(case, *, by: User, note: str = '', **more) -> None: ...\n"
        "def reopen(case: Case, *, by: User): ...\n"
        "def _inner(case): ...\n"
    )
    assert missing_hints(text) == ["close: case", "close: more", "reopen: return"]
    assert is_held(Path("hazards/cases/cases.py"), text)
    assert not is_held(Path("hazards/cases/words.py"), "def label(case): ...\n")
