"""What must not be written about a door: its code, and which flat it leads to.

A text that everybody may read would open the door to everybody.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core.text import folded

# Four digits in a row or more, also with # and * between them, as keypads take them. A year, a
# telephone and a time are written otherwise: 2026 年, 0459-…, 21:00.
CODE = re.compile(r"(?<![\d:：.-])[#*]?\d[\d#*]{3,}(?![\d:：.年-])")
# 3单元502, 2-1-502, 502室, 十二单元三零一: whose flat it is.
FLAT = re.compile(
    r"单元\s*[\d零〇一二三四五六七八九十]+|\d+\s*-\s*\d+\s*-\s*\d+|\d{3,4}\s*(?:室|房|户)"
)


def refuse_codes(text: str) -> None:
    """Raise ValidationError for a text with what looks like a door code or somebody's flat."""
    plain = folded(text or "")
    if CODE.search(plain):
        raise ValidationError(
            _("这里谁都能看到，别写门禁密码，也别写四位以上的数字。"), code="door_code"
        )
    if FLAT.search(plain):
        raise ValidationError(_("写到楼和门就行，别写单元门牌号。"), code="flat")
