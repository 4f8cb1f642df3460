"""Minutes as hours and days in full, the way certificates and people say them."""

from django.utils.translation import gettext as _

from volunteers.skills.models import Qualification
from yuanhang.core.words import full_day


def hours(minutes: int) -> str:
    """「12 小时 30 分钟」, 「2 小时」, 「45 分钟」, 「-30 分钟」, 「0 分钟」."""
    sign, minutes = ("-", -minutes) if minutes < 0 else ("", minutes)
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(_("%(n)d 小时") % {"n": whole})
    if rest or not whole:
        parts.append(_("%(n)d 分钟") % {"n": rest})
    return sign + " ".join(parts)


def full_period(period: object) -> str:
    """「2026 年 1 月 1 日—2026 年 11 月 5 日」 of whatever has a `start` and an `end` day."""
    return f"{full_day(period.start)}—{full_day(period.end)}"


def in_force_words(qualification: Qualification) -> str:
    """「2026 年 1 月 1 日起，到 2027 年 1 月 1 日」, 「2026 年 1 月 1 日起，长期」."""
    since = full_day(qualification.since)
    if qualification.until is None:
        return _("%(since)s起，长期") % {"since": since}
    return _("%(since)s起，到 %(until)s") % {
        "since": since,
        "until": full_day(qualification.until),
    }
