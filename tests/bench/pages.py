"""The pages that are looked at: by whom, and where."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from tests.bench.places import name_of
from tests.bench.visit import Visitor

HOME_BOX = "124.70,46.50,125.00,46.60"


@dataclass(frozen=True)
class Page:
    """A page of the table; `address` is made for each city, since keys differ."""

    who: str
    name: str
    path: str
    headers: tuple = ()


def all_pages(port, sessions):
    """Every page looked at in one city; deep pages are found by walking."""
    found = [*_queue(port, sessions), *_cases(port, sessions), *_others(), *_admin(port, sessions)]
    return {f"{page.who}: {page.name}": page for page in found}


def _queue(port, sessions):
    queue = "/hazards/queue/"
    filters = {
        "todo": "?tab=todo",
        "overdue": "?tab=overdue",
        "due": "?tab=due",
        "verify": "?tab=verify",
        "open": "?tab=open",
        "all": "?tab=all",
        "suspended": "?tab=all&state=suspended",
        "closed": "?tab=all&state=closed",
        "category": "?tab=all&category=ice",
        "open category": "?tab=open&category=ice",
        "today": "?tab=all&period=1",
        "90 days": "?tab=all&period=90",
        "words": "?tab=all&q=%E4%BA%95%E7%9B%96",
        "one character": "?tab=all&q=%E4%BA%95",
        "words of 2 %": "?tab=all&q=%E7%BA%AA%E5%BF%B5%E5%B9%BF%E5%9C%BA",
        "two words": "?tab=all&q=%E4%BA%95%E7%9B%96%20%E4%B8%9C%E9%97%A8",
        "nothing found": "?tab=all&q=%E7%81%AB%E6%98%9F",
        "todo words": "?tab=todo&q=%E4%BA%95%E7%9B%96",
    }
    for who in ("grid_worker", "staff", "officer"):
        visitor = Visitor(port, sessions[who])
        for name, query in filters.items():
            yield Page(who, f"queue {name}", queue + query)
        rows = re.findall(r"/hazards/queue/(\w+-\d+)/", visitor.get(f"{queue}?tab=all").text)
        yield Page(who, "queue number", f"{queue}?tab=all&q={rows[7]}")
        for tab in ("todo", "open", "all"):
            cursor = _deep(visitor, f"{queue}?tab={tab}")
            if cursor:
                yield Page(who, f"queue {tab} deep", f"{queue}?tab={tab}&after={cursor}")
        stamp = re.search(r'data-stamp="(\w+)"', visitor.get(f"{queue}?tab=todo").text)[1]
        poll = (("HX_Request", "true"),)
        yield Page(who, "queue poll", f"{queue}?tab=todo&seen={stamp}", poll)
        yield Page(who, "map", "/hazards/map/")
        yield Page(who, "map data", f"/hazards/map/data/?bbox={HOME_BOX}")
        yield Page(who, "front page", "/")


def _deep(visitor, address, steps=20):
    """The key of the deepest page that is full, as those of the large city are."""
    cursor = found = ""
    for _step in range(steps):
        text = visitor.get(f"{address}&after={cursor}").text
        following = re.search(r"after=([\w-]+)\"", text)
        if not following:
            break
        found, cursor = cursor, following[1]
    return found


def _cases(port, sessions):
    for who, tab in (("grid_worker", "open"), ("officer", "open"), ("staff", "all")):
        text = Visitor(port, sessions[who]).get(f"/hazards/queue/?tab={tab}").text
        number = re.findall(r"/hazards/queue/(\w+-\d+)/", text)[3]
        yield Page(who, "case", f"/hazards/{number}/")
        yield Page(who, "case in queue", f"/hazards/queue/{number}/?tab={tab}")


def _others():
    yield Page("rider", "my reports", "/hazards/mine/")
    yield Page("rider", "inbox", "/notices/")
    yield Page("staff", "inbox", "/notices/")
    yield Page("rider", "front page", "/")
    yield Page("rider", "me", "/me/")
    yield Page("rider", "around", "/hazards/around/")
    yield Page("rider", "activities", "/volunteers/")
    yield Page("rider", "record", "/volunteers/record/")
    yield Page("staff", "records office", "/volunteers/records/")
    yield Page("guest", "fixed", "/hazards/fixed/")
    yield Page("guest", "front page", "/")
    yield Page("guest", "report form", "/hazards/report/")
    yield Page("guest", "stations", "/stations/qingxiaoyi/")


def _admin(port, sessions):
    lists = {
        "trail": "yuanhang/auditevent/",
        "notices": "yuanhang/notice/",
        "users": "yuanhang/user/",
        "workers": "workers/worker/",
        "hazards": "hazards/hazard/",
        "ledger": "volunteers/servicerecord/",
        "activities": "volunteers/activity/",
        "sessions": "volunteers/activitysession/",
        "communities": "stations/community/",
        "grids": "stations/grid/",
    }
    for name, path in lists.items():
        yield Page("admin", f"admin {name}", f"/admin/{path}")
    for name in ("workers", "hazards", "ledger", "activities", "sessions"):
        yield Page("staff", f"admin {name}", f"/admin/{lists[name]}")
    text = Visitor(port, sessions["admin"]).get("/hazards/queue/?tab=all").text
    asked = {
        "auditevent": ("yuanhang", "900"),
        "hazard": ("hazards", re.findall(r"/hazards/queue/(\w+-\d+)/", text)[7]),
        "servicerecord": ("volunteers", quote("扫雪")),
        "worker": ("workers", quote(name_of(900))),
        "user": ("yuanhang", quote(name_of(900))),
        "notice": ("yuanhang", quote(name_of(900))),
    }
    for name, (label, words) in asked.items():
        yield Page("admin", f"admin {name} search", f"/admin/{label}/{name}/?q={words}")
