"""Reads a chat message that somebody pasted, and fills what it can; the rest stays words."""

import re

from stations.areas.models import Landmark
from yuanhang.core.models import normalise_phone

PHONE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?(1\d{2}[-\s]?\d{4}[-\s]?\d{4})(?!\d)")
# Two numbers with decimals, latitude first or longitude first: Daqing's cannot be confused.
POINT = re.compile(r"(?<![\d.])(\d{2,3}\.\d{3,})\s*[,，、 ]\s*(\d{2,3}\.\d{3,})(?![\d.])")
# What a word in the message says about its kind, the first hit counts.
WORDS = (
    ("manhole", ("井盖", "井圈", "路面", "塌", "坑")),
    ("charging", ("飞线", "充电", "私拉")),
    ("fire_lane", ("消防通道", "楼道", "堆")),
    ("street_light", ("路灯", "灯不亮", "灯杆")),
    ("ice", ("结冰", "积雪", "冰溜", "打滑")),
    ("leak", ("漏水", "冒水", "暖气", "供热", "跑水")),
    ("rubbish", ("垃圾", "渣土", "脏")),
    ("traffic", ("护栏", "红绿灯", "堵车", "违停")),
    ("fraud", ("诈骗", "骗", "到付")),
    ("elder", ("老人", "走失", "迷路")),
    ("oil_gas", ("油味", "燃气", "井场", "抽油机", "管线")),
)


def read_message(text):
    """What the message says, as initial values of the entry form; `description` is all of it.

    Numbers that look like a phone or a position are taken out of the words, so that nobody reads
    a phone where only the description is shown.
    """
    found = {}
    if match := PHONE.search(text):
        found["contact_phone"] = normalise_phone(match[1])
        text = PHONE.sub("", text)  # also whoever else's it is
    if match := POINT.search(text):
        latitude, longitude = sorted((match[1], match[2]), key=float)
        found |= {"latitude": latitude, "longitude": longitude, "datum": "gcj02"}
        text = text.replace(match[0], "")
    names = sorted(Landmark.objects.values_list("name", flat=True), key=len, reverse=True)
    if place := next((name for name in names if name in text), None):
        found["place"] = place
    for key, words in WORDS:
        if any(word in text for word in words):
            found["category"] = key
            break
    return found | {"description": re.sub(r"[ \t]*\n\s*", "\n", text).strip(" ，,;；\n")}
