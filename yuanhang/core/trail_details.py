"""What an event of the trail changed, in words: columns by name, values as pages say them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from yuanhang.core import retention
from yuanhang.core.models import AuditEvent
from yuanhang.core.words import full_moment

# What is counted or told beside columns.
KEYS = {
    "state": _("状态"),
    "fields": _("改了哪几项"),
    "rows": _("条数"),
    "rule": _("按哪条"),
    "facilities": _("设施数"),
    "consents": _("同意"),
    "purpose": _("同意"),
    "says": _("说"),
    "is_public": _("公开"),
    "boxes": _("遮了几处"),
    "weeks": _("几周"),
    "quantity": _("数量"),
    "dropped": _("去掉几项"),
    "needed": _("要的技能编号"),
    "accepted": _("认可"),
    "set": _("有图"),
    "minutes": _("分钟"),
    "source": _("来源"),
    "late": _("要第二个人确认"),
    "passed": _("通过"),
    "lines": _("改了几行"),
    "from": _("原来"),
    "place": _("地点"),
    "url": _("地址"),
    "active": _("启用"),
    "kind": _("种类"),
    "password": _("密码"),
    # How a list was narrowed before it was taken along.
    "tab": _("哪一栏"),
    "category": _("类别"),
    "community": _("社区"),
    "grid": _("网格"),
    "urgency": _("紧急程度"),
    "since": _("从"),
    "until": _("到"),
    "user": _("账号编号"),
}
# Columns whose words stand under another name.
ELSEWHERE = {"consents": "purpose"}
HIDDEN = "***"


def details_of(event: AuditEvent) -> list[tuple[str, str]]:
    """(name, value) of what was kept with an event, in the order of their keys."""
    app, _dot, model = event.target_type.partition(".")
    known = apps.all_models.get(app, {}).get(model)
    room = app or event.kind.partition(".")[0]
    return [
        (_name(known, key), _value(known, room, key, event.changes[key]))
        for key in sorted(event.changes)
    ]


def _column(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        return None


def _name(model: Any, key: str) -> str:
    column = _column(model, key)
    words = getattr(column, "verbose_name", None) or KEYS.get(key)
    return str(words) if words else str(_("另一项"))


def _choices(model: Any, room: str, key: str) -> dict[Any, str]:
    """What the values of a column are called: the thing's own, else of its room."""
    name = ELSEWHERE.get(key, key)
    columns: Iterable[Any] = [_column(model, name)]
    if room in apps.app_configs:
        columns = [
            *columns,
            *(_column(one, name) for one in apps.get_app_config(room).get_models()),
        ]
    words: dict[Any, str] = {}
    for column in columns:
        for value, label in getattr(column, "flatchoices", None) or ():
            words.setdefault(str(value), str(label))
    return words


def _value(model: Any, room: str, key: str, value: Any) -> str:
    if value == HIDDEN:
        return _now("（不显示）")
    if key == "fields":
        return "、".join(_name(model, name) for name in value)
    if key == "rule":
        known = {row.key: row.in_words() for row in retention.rules()}
        return known.get(value, _now("一条已经没有的规则"))
    words = _choices(model, room, key)
    if isinstance(value, list):
        between = " → " if len(value) == 2 and key not in ELSEWHERE else "、"
        return between.join(_plain(words, one) for one in value) or "–"
    return _plain(words, value)


def _plain(words: dict[Any, str], value: Any) -> str:
    if value is None or value == "":
        return _now("空")
    if isinstance(value, bool):
        return _now("是") if value else _now("否")
    if str(value) in words:
        return words[str(value)]
    moment = _moment(value)
    return full_moment(moment) if moment else str(value)


def _moment(value: Any) -> datetime | None:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
