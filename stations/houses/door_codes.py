"""What must not be written about a door: its code, which flat it leads to, and who guards it.

A text that everybody may read would open the door to everybody, and a guard is a person.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yuanhang.core.text import folded

# Four digits in a row or more, also with # and * between them, as keypads take them. A year, a
# length, a telephone and a time are written otherwise: 2026 年, 1200 米, 0459-…, 21:00.
CODE = re.compile(
    r"(?<![\d:：.-])[#*]?\d[\d#*]{3,}(?![\d:：.-]|\s*(?:年|米|公里|元|千克|公斤))"
    # The same, spread out.
    r"|(?<![\d:：.-])\d(?:\s\d){3,}(?!\d|\s*[栋号幢])"
    # And whatever stands behind the word, in digits or in characters.
    r"|(?:密码|口令|暗号|门禁码|开门码)[^\d零〇一二三四五六七八九幺]{0,4}[\d零〇一二三四五六七八九幺#*]{2,}"
)
# A day in figures, which is no flat.
DAY = re.compile(r"(?<!\d)(?:19|20)\d\d-\d{1,2}-\d{1,2}(?!\d)")
# 3单元502, 2-1-502, 502室, 十二单元三零一: whose flat it is. A floor of an entrance is nobody's.
FLAT = re.compile(
    r"单元\s*(?:\d{2,}|[零〇一二三四五六七八九十]{2,})(?!\s*[层楼\d])"
    r"|(?<!\d)\d+\s*[-/]\s*\d+\s*[-/]\s*\d{2,4}(?!\d)"
    r"|(?<![\d-])\d{1,2}\s*-\s*\d{3,4}(?![\d:-])"
    r"|\d{3,4}\s*(?:号房|号室|室|房|户)(?![外子的])"
    r"|(?:栋|号楼|幢)\s*\d{3,4}(?!\s*[米度元个])"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏"
    "薛叶阎余潘杜戴夏钟汪田任姜范石姚谭廖邹熊金陆郝孔崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎武乔贺赖龚"
)
# Those that begin no everyday word behind 老 or 小: 小高层, 小程序, 小龙虾 are no people.
AFTER_OLD_OR_LITTLE = (
    "王李张刘陈赵周吴徐孙朱何郭罗梁宋郑谢韩唐冯董曹袁邓沈彭吕卢蒋蔡贾魏薛潘杜姜谭邹"
)
GUARD = re.compile(
    rf"[{SURNAMES}](?:师傅|大爷|大叔|大妈|大姐|大哥|队长|保安|门卫|经理|主任|先生|女士|叔|哥|姐|队)"
    rf"|(?:保安|门卫|门岗|看门的?|值班的?|大爷|师傅)\s*(?:叫|姓|是)\s*[{SURNAMES}]"
    rf"|(?:保安|门卫|门岗)[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=[，。,.;；、\s]|$)"
    rf"|(?<![\u4e00-\u9fff])[老小][{AFTER_OLD_OR_LITTLE}](?!\w?[路街巷村屯庄区店馆园])"
    rf"|(?:找|叫|给|跟|问|喊)[老小][{AFTER_OLD_OR_LITTLE}](?!\w?[路街巷村屯庄区店馆园])"
)


def refuse_codes(text: str) -> None:
    """Raise ValidationError for a text with what looks like a door code or somebody's flat."""
    plain = DAY.sub(" ", folded(text or ""))
    if CODE.search(plain):
        raise ValidationError(
            _("这里谁都能看到，别写门禁密码，也别写四位以上的数字。"), code="door_code"
        )
    if FLAT.search(plain):
        raise ValidationError(_("写到楼和门就行，别写单元门牌号。"), code="flat")


def refuse_names(text: str) -> None:
    """Raise ValidationError for a text with what looks like the name of a guard."""
    if GUARD.search(folded(text or "")):
        raise ValidationError(_("别写人名，写「门卫」「保安」就行。"), code="guard")
