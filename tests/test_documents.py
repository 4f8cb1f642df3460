"""The READMEs say what is so: tables, files, the order of rooms, and a recipe that works."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.rooms import NOUNS, ROOT
from tests.transition_docs import block, lives, written
from yuanhang.core.transitions import TransitionTable

READMES = [
    "README.md",
    "yuanhang/README.md",
    "hazards/README.md",
    "volunteers/README.md",
    "stations/README.md",
    "workers/README.md",
    "tests/README.md",
]
# So long that somebody new reads it to its end.
WORDS_MAX = 1500
LIVES = [(name, life) for name, drawn in lives().items() for life in drawn]
DRAWN = pytest.mark.parametrize(("name", "life"), LIVES, ids=[life.name for _, life in LIVES])


# --- life of a case, of an activity … ---------------------------------------------------------


@DRAWN
def test_a_readme_draws_what_the_transition_table_says(name, life):
    text = (ROOT / name).read_text()
    told = "run .venv/bin/python -m tests.transition_docs"
    assert written(text, life) == text, told


@DRAWN
def test_a_changed_table_is_noticed(name, life):
    table = life.table
    *others, last = table.values()
    fewer = TransitionTable(table.prefix, others, state_of=table.state_of, label_of=table.label_of)
    moved = replace(last, notifies=("nobody",))
    other = TransitionTable(table.prefix, [*others, moved], state_of=table.state_of)
    text = (ROOT / name).read_text()
    # The verbs that a verb undoes are looked up in the table, so the last row may be needed.
    for changed in [other, *([] if last.verb in dict(life.goes_back).values() else [fewer])]:
        assert written(text, replace(life, table=changed)) != text


def test_a_readme_that_says_something_else_is_noticed():
    name, life = LIVES[0]
    text = (ROOT / name).read_text()
    for drawn in ("| `accept` | submitted, needs_info |", "submitted --> accepted: accept"):
        planted = text.replace(drawn, "somebody's own words")
        assert planted != text
        assert written(planted, life) == text
    with pytest.raises(ValueError, match="no markers for case"):
        written(text.replace("end of case", "end of a case"), life)


def test_every_state_is_reached_and_drawn():
    for _name, life in LIVES:
        drawn = block(life)
        for state in life.states:
            assert f"--> {state.value}" in drawn, f"nothing leads to {state.value}"


# --- what the documents name ------------------------------------------------------------------

SUFFIXES = "py|md|html|txt|css|js|toml|png|svg|json|lock"
PATH = re.compile(rf"[\w.\-/]+\.(?:{SUFFIXES})|[\w.\-]+(?:/[\w.\-]+)*/")
QUOTED, LINKED = re.compile(r"`([^`\n]+)`"), re.compile(r"\]\(([^)\s]+)\)")


def named_paths(text):
    """Paths in backticks and links of a document; outside blocks, and none with a placeholder."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    quoted = [word for word in QUOTED.findall(prose) if PATH.fullmatch(word)]
    return quoted + [link for link in LINKED.findall(prose) if "://" not in link]


def missing_paths(text, folder):
    """Paths of a document in `folder` that lead nowhere.

    A bare file name is a kind of file that rooms have, such as `access.py`; one of them exists.
    """
    names = {path.name for path in tracked()}
    return [
        name
        for name in named_paths(text)
        if not (folder / name).exists()
        and not (ROOT / name).exists()
        and not ("/" not in name and name in names)
    ]


def tracked():
    """Every file of the checkout that git knows, or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


# Written by the portal itself, never in a fresh checkout; and addresses of the site.
NOT_HERE = {"var/", "var/media", "/admin/"}


@pytest.mark.parametrize("name", READMES)
def test_every_file_that_a_document_names_exists(name):
    path = ROOT / name
    assert set(missing_paths(path.read_text(), path.parent)) <= NOT_HERE


def test_a_file_that_is_gone_is_noticed():
    text = "See `hazards/workflow.py`, `hazards/cases/`, [here](nowhere.md) and `access.py`."
    assert named_paths(text) == ["hazards/workflow.py", "hazards/cases/", "access.py", "nowhere.md"]
    assert missing_paths(text, ROOT) == ["hazards/workflow.py", "nowhere.md"]


def test_the_first_readme_is_short():
    assert len((ROOT / "README.md").read_text().split()) <= WORDS_MAX


def rows_of_rooms(text):
    """App to its nouns, as the table of rooms has them."""
    return {
        app: tuple(nouns.split(", "))
        for app, nouns in re.findall(r"^\| `(\w+)` \| (\w+(?:, \w+)*) \|$", text, re.MULTILINE)
    }


def test_the_order_of_rooms_is_the_one_that_imports_are_held_to():
    assert rows_of_rooms((ROOT / "yuanhang/README.md").read_text()) == NOUNS


@pytest.mark.parametrize("app", ["hazards", "volunteers"])
def test_an_app_lists_its_rooms_in_their_order(app):
    text = (ROOT / app / "README.md").read_text()
    table = text.split("## Rooms, bottom up")[1].split("\n## ")[0].split("\n\n")[1]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(NOUNS[app])


# --- a recipe, followed -----------------------------------------------------------------------

RECIPE = re.compile(r"### A scheduled job\n(.*?)\n### ", re.DOTALL)
STEP = re.compile(r"`([\w/]+\.py)`(?:, within `(\w+)`)?:\n\n   ```python\n(.*?)   ```", re.DOTALL)
# Runs in the copy: reconciles as `migrate` does, runs the job, and leaves the database as it was.
FOLLOWED = """
import sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule
from yuanhang.core import rooms
with transaction.atomic():
    rooms.after_migrate(using="default")
    row = Schedule.objects.get(name="volunteers.lapse_overnight")
    print(rooms.__file__, row.func, row.minutes, import_string(row.func)())
    transaction.set_rollback(True)
"""


def copy_of_checkout(folder):
    """The Python files of the checkout, in a folder of the test's own."""
    for path in tracked():
        if path.suffix in (".py", ".json", ".txt") and path.parts[0] != "tests":
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((ROOT / path).read_bytes())


def follow_recipe(folder):
    """Make in `folder` the edits that the recipe of a scheduled job shows; returns their files."""
    recipe = RECIPE.search((ROOT / "yuanhang/README.md").read_text())[1]
    steps = STEP.findall(recipe)
    for name, within, shown in steps:
        path = folder / name
        lines = "".join(line.removeprefix("   ") for line in shown.splitlines(keepends=True))
        text = path.read_text()
        if within:
            item = f"    {lines.rstrip()},"
            changed = text.replace(f"{within} = [\n", f"{within} = [\n{item}\n")
        else:
            changed = f"{text}\n\n{lines}"
        assert changed != text
        path.write_text(changed)
    return [name for name, _within, _shown in steps]


@pytest.mark.django_db
def test_the_recipe_of_a_scheduled_job_works_in_a_copy(tmp_path):
    copy_of_checkout(tmp_path)
    assert follow_recipe(tmp_path) == [
        "volunteers/activities/tasks.py",
        "volunteers/schedules.py",
    ]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "yuanhang.settings",
        "PYTHONPATH": str(tmp_path),
        "VAR_DIR": str(settings.VAR_DIR),
    }
    done = subprocess.run(
        [sys.executable, "-c", FOLLOWED, connection.settings_dict["NAME"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    job = "volunteers.activities.tasks.lapse_overnight"
    assert done.stdout == f"{tmp_path / 'yuanhang/core/rooms.py'} {job} 720 0\n"
