"""How an opening is told: the one large fact, and the line beside it; on every page the same."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from stations.houses.opening import Opening
from yuanhang.core.words import until

OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"


class Told(NamedTuple):
    """`state` is OPEN, CLOSED or UNKNOWN; `fact` fits into one line of a phone in large type."""

    state: str
    fact: str
    aside: str


def told(opening: Opening, *, has_phone: bool) -> Told:
    """What a page says; without a telephone nobody is sent to it."""
    if opening.is_open:
        till = _("到 %(time)s") % {"time": until(opening.moment)} if opening.moment else _("全天")
        return Told(OPEN, _("开放中 · %(till)s") % {"till": till}, opening.reason)
    ask = _("先打电话问") if has_phone else ""
    doubt = _("放假那几天时间未定。") if opening.is_holiday_unknown else ""
    if not opening.is_known:
        fact = _("节假日时间未定") if opening.is_holiday_unknown else _("时间未填")
        return Told(UNKNOWN, fact, ask)
    aside = _("关门了，%(why)s。") % {"why": opening.reason} if opening.reason else _("关门了。")
    if opening.moment:
        return Told(CLOSED, _("%(time)s 开门") % {"time": until(opening.moment)}, aside)
    fact = _("暂时关闭") if opening.reason else _("没开门")
    return Told(CLOSED, fact, f"{aside}{doubt}{ask}")
