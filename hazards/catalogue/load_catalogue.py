"""Loads categories, standard cases and the first sentences for replies.

What is there already stays as staff edited it: only rows this database never got are added.
"""

import json
from pathlib import Path

from hazards.catalogue.models import Category, EndReason, ReplyTemplate, StandardCase, Symptom
from yuanhang.core import reference

DATA_FILE = Path(__file__).parent / "catalogue.json"
# What makes a standard case one row of its table.
IDENTITY = ("scheme", "version", "kind", "code", "variant")
FIRST_REPLIES = {
    "accept": ["马上过去看。", "知道了，今天就去。"],
    "ask_info": ["是路口哪一边？旁边有什么店？", "能再拍一张远一点的吗？"],
    "reject": ["去看过，已经好了，没有再动。", "这处归小区物业管，已经替你转告。"],
    "secure": ["摆了警示桩，先围上了。"],
    "escalate": ["要专业单位来修，报给街道。"],
    "dispatch": ["已经派单，对方在路上。"],
    "extend": ["在等配件。", "天冷上冻，要晚几天。"],
    "suspend": ["上冻了，开春再修。"],
    "fix": ["换了新的，现场也收拾了。"],
    "redo": ["去看过，还没修好。"],
    "close": ["现场看过了，没问题。谢谢你！"],
    "end_unrepaired": ["去看过两次，确实没有了。"],
}
# What speaks of repairs is said of things alone.
SAID_OF_THINGS = {"secure", "escalate", "dispatch", "extend", "suspend", "fix", "redo", "close"}
# key: text, kind of category (empty: any), what is asked beside it, whether it holds for the place
FIRST_END_REASONS = {
    "gone": ("自行消失", "thing", EndReason.Asks.NOTHING, True),
    "elsewhere": ("不归本街道，已转交给", "", EndReason.Asks.PARTY, True),
    "owner": ("产权方不修", "thing", EndReason.Asks.WORDS, True),
    "planned": ("列入计划，到", "", EndReason.Asks.DAY, True),
    "safe": ("人平安，不用再联系", "person", EndReason.Asks.NOTHING, False),
    "unreachable": ("多次联系不上", "person", EndReason.Asks.WORDS, False),
    "other": ("其他", "", EndReason.Asks.WORDS, False),
}

# category: (what the reporter taps, kind, code and variant of the standard it suggests)
FIRST_SYMPTOMS = {
    "manhole": [
        ("缺了", "part", "0123", 1),
        ("翘了", "part", "0123", 1),
        ("响", "part", "0123", 3),
        ("旁边塌", "part", "0123", 4),
    ],
    "fire_lane": [("车堵了", "event", "0496", 1), ("杂物堵了", "event", "0496", 1)],
    "charging": [
        ("拉线充电", "event", "0108", 1),
        ("电线掉了", "event", "0508", 1),
        ("电箱坏了", "part", "0128", 1),
    ],
    "street_light": [
        ("不亮", "part", "0137", 2),
        ("歪了", "part", "0137", 1),
        ("露电线", "part", "0137", 1),
    ],
    "ice": [
        ("路面冰", "event", "0507", 1),
        ("台阶冰", "event", "0507", 1),
        ("冰溜子", "event", "0596", 1),
    ],
    "leak": [
        ("冒水", "event", "0501", 1),
        ("积水", "event", "0506", 1),
        ("不热", "event", "S06", 1),
    ],
    "rubbish": [
        ("箱子满了", "event", "S03", 1),
        ("乱倒", "event", "S03", 1),
        ("撒了一路", "event", "0114", 1),
    ],
    "traffic": [
        ("护栏坏了", "part", "0217", 1),
        ("乱停", "event", "S04", 1),
        ("树倒了", "part", "0402", 1),
    ],
    "fraud": [("到付快递", "", "", 0), ("上门推销", "", "", 0), ("电话骗", "", "", 0)],
    "elder": [("没人应", "", "", 0), ("迷路了", "", "", 0), ("要帮一把", "", "", 0)],
    "oil_gas": [
        ("有气味", "event", "S05", 1),
        ("漏了", "event", "0502", 1),
        ("响声大", "event", "S05", 1),
    ],
    "other": [("要掉下来", "event", "0596", 1), ("树倒了", "part", "0402", 1)],
}


def load_catalogue():
    """Add missing categories and standard cases; returns how many of each."""
    data = json.loads(DATA_FILE.read_text(encoding="utf-8"))
    categories = {row["key"]: row for row in data["categories"]}
    cases = {"/".join(str(row[name]) for name in IDENTITY): row for row in data["standard_cases"]}
    return (
        len(reference.add_missing("hazards.categories", categories, _add_category)),
        len(reference.add_missing("hazards.standard_cases", cases, _add_standard_case)),
    )


def _add_category(key, row):
    Category.objects.get_or_create(key=key, defaults=row)


def _add_standard_case(_key, row):
    row = dict(row)
    keys = row.pop("categories")
    identity = {name: row.pop(name) for name in IDENTITY}
    case, is_new = StandardCase.objects.get_or_create(**identity, defaults=row)
    if is_new:
        case.categories.set(Category.objects.filter(key__in=keys))


def load_replies():
    """Add the sentences staff may choose from to begin with; they edit them."""
    rows = {
        f"{verb}/{order}": (verb, order, text)
        for verb, texts in FIRST_REPLIES.items()
        for order, text in enumerate(texts)
    }
    reference.add_missing("hazards.replies", rows, _add_reply)


def _add_reply(_key, row):
    verb, order, text = row
    ReplyTemplate.objects.get_or_create(
        verb=verb,
        category=None,
        text=text,
        defaults={"order": order, "kind": "thing" if verb in SAID_OF_THINGS else ""},
    )


def load_end_reasons():
    """Add the reasons for which a case may end unrepaired; administrators edit them."""
    order = {key: n for n, key in enumerate(FIRST_END_REASONS)}

    def add(key, row):
        text, kind, asks, holds = row
        EndReason.objects.get_or_create(
            key=key,
            defaults={
                "text": text,
                "kind": kind,
                "asks": asks,
                "holds_for_place": holds,
                "order": order[key],
            },
        )

    reference.add_missing("hazards.end_reasons", FIRST_END_REASONS, add)


def load_symptoms():
    """Add the words that a reporter may tap; administrators edit them."""
    rows = {
        f"{key}/{text}": (key, order, text, suggested)
        for key, words in FIRST_SYMPTOMS.items()
        for order, (text, *suggested) in enumerate(words)
    }
    reference.add_missing("hazards.symptoms", rows, _add_symptom)


def _add_symptom(_key, row):
    key, order, text, (kind, code, variant) = row
    category = Category.objects.filter(key=key).first()
    if category is None:
        return  # somebody renamed or left it out
    cases = StandardCase.objects.filter(kind=kind, code=code, variant=variant, is_active=True)
    Symptom.objects.get_or_create(
        category=category,
        text=text,
        defaults={"order": order, "standard_case": cases.order_by("pk").first()},
    )
