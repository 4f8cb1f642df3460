"""A city after years, in minutes: `python -m tests.bench.fill 1000000 note.json`.

Written past the workflow, by one statement a table; every row is one that the workflow could have
left, and the tables' own constraints see to that. What the measured people have in charge grows
with everything else: two of five cases lie in the home subdistrict, in a few of its grids.
"""

import json
import sys
import time
from datetime import date
from pathlib import Path

import django

# (text, place) of cases; the last pair is what one of fifty says.
TEXTS = ("井盖翘起来了", "路灯不亮", "冰面很滑", "消防通道被堵", "线缆垂下来了", "")
PLACES = ("南六街与外环路口", "远航市场东门", "三号楼北侧", "景山公园门口", "")
RARE = ("树枝压到电线", "纪念广场西口")
COMMUNITIES, HOME_GRIDS, OTHER_GRIDS = 300, 12, 1200


def fill(count):
    """`count` cases, as many people, and what goes with them; the cast as {name: phone}."""
    from tests.bench import activities, cases, places

    cast = places.make(COMMUNITIES, HOME_GRIDS, OTHER_GRIDS)
    _step("people", lambda: places.people(count))
    _step("cases", lambda: cases.hazards(count, cast))
    _step("steps, photos, voices", cases.stories)
    _step("notices, trail", lambda: cases.traces(cast))
    _step("activities", lambda: activities.make(count, cast))
    _step("statistics", places.analyze)
    return cast


def _step(name, work):
    start = time.perf_counter()
    work()
    print(f"  {name}: {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    django.setup()
    told = {"day": date.today().isoformat(), "cast": fill(int(sys.argv[1]))}
    Path(sys.argv[2]).write_text(json.dumps(told))
