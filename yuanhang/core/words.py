"""Times and lengths as people say them: 今天 16:00, 8 分钟前.

Every day and time that somebody reads is spelled in here, or by Django's own formats beside it in
`formats/`, which spell alike; `tests/test_dates.py` refuses others.
"""

import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_is_kept = ContextVar("is_kept", default=False)


@contextmanager
def for_keeps():
    """Texts made in here are read on other days as well: every day has its date, never 明天."""
    token = _is_kept.set(True)
    try:
        yield
    finally:
        _is_kept.reset(token)


def near_day(day, today):
    """今天, 昨天, 明天, or nothing for a day that has no such name, or a text that is kept."""
    if _is_kept.get():
        return ""
    return {0: _("今天"), -1: _("昨天"), 1: _("明天")}.get((day - today).days, "")


def spoken_day(day, today):
    """今天, 昨天, 明天, 11 月 27 日, or with the year when it is another one."""
    near = near_day(day, today)
    if near:
        return near
    if day.year == today.year:
        return _("%(month)d 月 %(day)d 日") % {"month": day.month, "day": day.day}
    return full_day(day)


def full_day(day):
    """「2026 年 11 月 5 日」, of a moment the local day."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    words = {"year": day.year, "month": day.month, "day": day.day}
    return _("%(year)d 年 %(month)d 月 %(day)d 日") % words


def month_of(day):
    """「2026 年 11 月」."""
    return _("%(year)d 年 %(month)d 月") % {"year": day.year, "month": day.month}


def spoken_date(day):
    """「明天」, 「11 月 27 日」, or with its year: a day as people say it, seen from today."""
    return spoken_day(day, timezone.localdate()) if day else ""


def spoken_day_of(moment):
    """The day of a moment, as `spoken_date` says it."""
    return spoken_date(timezone.localtime(moment).date()) if moment else ""


# A Chinese character, and a date as it is spelled in here. What people type is spelled otherwise.
_GLUED = re.compile(r"(?<=[\u4e00-\u9fff])(?=(\d{4} 年 )?\d{1,2} 月 \d)")


def spaced(sentence):
    """A sentence with a space before each date that it was put together with."""
    return _GLUED.sub(" ", sentence)


def full_moment(moment):
    """「2026 年 11 月 27 日 16:00」: for lists that are read across years."""
    return date_format(timezone.localtime(moment), "Y 年 n 月 j 日 G:i") if moment else ""


def spoken(moment):
    """「今天 16:00」."""
    if not moment:
        return ""
    local = timezone.localtime(moment)
    day = spoken_day(local.date(), timezone.localdate())
    return f"{day} {_of_day(local)}"


def dated(moment):
    """「11 月 27 日 16:00」, with its year if it is another: for what is kept or printed."""
    with for_keeps():
        return spoken(moment)


def clock(moment):
    """「9:12」."""
    return _of_day(timezone.localtime(moment)) if moment else ""


def calendar_day(moment):
    """「11 月 28 日 星期六」: for a wall, where nobody says 今天."""
    return date_format(timezone.localtime(moment), "n 月 j 日 l") if moment else ""


def _of_day(local):
    # 「9:05」; Django's formatter takes ten times as long, and a list has hundreds.
    return f"{local.hour}:{local.minute:02d}"


def hours_span(opens, closes):
    """「8:00–21:00」 of two times of the day; midnight as the end of a day reads 24:00."""
    opens, closes = time_format(opens, "G:i"), time_format(closes, "G:i")
    return f"{opens}–{'24:00' if closes == '0:00' else closes}"


def until(moment):
    """「21:00」 today, 「明天 8:00」 later; midnight today reads 24:00."""
    if not moment:
        return ""
    local, today = timezone.localtime(moment), timezone.localdate()
    is_midnight = (local.date() - today).days == 1 and local.hour == local.minute == 0
    if is_midnight and not _is_kept.get():
        return "24:00"
    if local.date() == today and not _is_kept.get():
        return _of_day(local)
    return f"{spoken_day(local.date(), today)} {_of_day(local)}"


def rest(moment):
    """「还剩 38 分钟」 until a moment to come; nothing once it has passed."""
    seconds = (moment - timezone.now()).total_seconds() if moment else 0
    return _("还剩 %(length)s") % {"length": length_words(seconds)} if seconds > 0 else ""


def length_words(seconds):
    """「8 分钟」, 「3 小时」, from a day on 「1 天」: one unit, rounded down."""
    return _length(minutes_of(seconds))


def minutes_of(seconds):
    """Whole minutes that have passed; none where the time is still to come."""
    return max(int(seconds // 60), 0)


# A list says it of each row, and there is one language.
@lru_cache(2000)
def _length(minutes):
    if minutes < 1:
        return _("不到 1 分钟")
    if minutes < 60:
        return ngettext("%(n)d 分钟", "%(n)d 分钟", minutes) % {"n": minutes}
    if minutes < 24 * 60:
        return ngettext("%(n)d 小时", "%(n)d 小时", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)d 天", "%(n)d 天", minutes // 1440) % {"n": minutes // 1440}


def ago(moment):
    """「刚刚」, 「8 分钟前」, 「3 小时前」; from a day on by the calendar: 「昨天」, 「2 天前」."""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return _("刚刚")
    if seconds < 24 * 3600:
        return _("%(length)s前") % {"length": length_words(seconds)}
    days = (timezone.localdate() - timezone.localtime(moment).date()).days
    if days == 1:
        return _("昨天")
    return ngettext("%(n)d 天前", "%(n)d 天前", days) % {"n": days}


def waited(moment):
    """「等了 8 分钟」."""
    return _waited(minutes_of((timezone.now() - moment).total_seconds()))


@lru_cache(2000)
def _waited(minutes):
    return _("等了 %(length)s") % {"length": _length(minutes)}


def voice_length(seconds):
    """「0:08」."""
    whole = max(round(seconds), 1)
    return f"{whole // 60}:{whole % 60:02d}"


def took(seconds):
    """「用了 3 小时」, 「不到 1 分钟就好」."""
    if seconds < 60:
        return _("不到 1 分钟就好")
    return _("用了 %(length)s") % {"length": length_words(seconds)}
