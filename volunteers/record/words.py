"""Minutes as hours, the way certificates and people say them."""

from django.utils.translation import gettext as _


def hours(minutes):
    """「12 小时 30 分钟」, 「2 小时」, 「45 分钟」, 「-30 分钟」, 「0 分钟」."""
    sign, minutes = ("-", -minutes) if minutes < 0 else ("", minutes)
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(_("%(n)d 小时") % {"n": whole})
    if rest or not whole:
        parts.append(_("%(n)d 分钟") % {"n": rest})
    return sign + " ".join(parts)
