"""What must not stand on a public page: door codes, flats, guards' names; ordinary words pass."""

import pytest
from django.core.exceptions import ValidationError

from stations.houses.door_codes import refuse_codes, refuse_names


def refused(text):
    for check in (refuse_codes, refuse_names):
        try:
            check(text)
        except ValidationError as error:
            return error.code
    return ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3单元502", "flat"),
        ("2-1-502", "flat"),
        ("２－１－５０２", "flat"),
        ("8-2-1101", "flat"),
        ("502室", "flat"),
        ("302 号房", "flat"),
        ("八单元三零一", "flat"),
        ("8栋502", "flat"),
        ("2-502", "flat"),
        ("密码1234", "door_code"),
        ("1234#", "door_code"),
        ("#0852*", "door_code"),
        ("按 1 2 3 4", "door_code"),
        ("密码是一二三四", "door_code"),
        ("门禁码 88", "door_code"),
        ("打13800138000", "door_code"),
        ("保安王建国", "guard"),
        ("门卫姓李", "guard"),
        ("保安叫刘强", "guard"),
        ("找老王开门", "guard"),
        ("老张在门口", "guard"),
        ("王师傅在就行", "guard"),
        ("李大爷看门", "guard"),
    ],
)
def test_refused(text, code):
    assert refused(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "8 栋",
        "8号楼",
        "12A 栋",
        "1-12 栋走北门",
        "22:00",
        "6:00-22:00",
        "6:00–22:00 开",
        "2026年",
        "2026 年修好",
        "2026-12-05 前修路",
        "修路到 12 月 5 日",
        "0459-1234567",
        "离门 1200 米",
        "走 2-3 分钟",
        "100-200 米",
        "3单元一楼有电梯",
        "3 单元 2 楼",
        "二单元在后面",
        "单元门朝南",
        "500 户的小区",
        "103 路公交站",
        "1 2 3 4 栋走北门",
        "没有密码，按门铃",
        "门卫不让进",
        "门卫白天在",
        "保安高兴就让进",
        "保安何时都在",
        "小高层",
        "小程序登记",
        "走小马路",
        "小杨树旁边",
        "小王庄",
        "老王庄路口",
        "张家口路",
        "马路对面",
        "高层走货梯",
        "北门登记车牌，抬杆自动开",
        "楼号从北往南、从西往东数",
    ],
)
def test_ordinary(text):
    assert refused(text) == ""
