"""The pages that other pages link to. Their sentences are the domain's; nothing is invented."""

from stations.pages.models import Page
from yuanhang.core import reference

ACCESSIBILITY, SERVICE_0459, RIGHTS = "accessibility", "0459", "rights"

FRAUD = """\
「您认得是谁寄的吗？」

「不急着付，先打 96110 问一问。」

# 已经付了，觉得被骗

马上打 110。
"""

FIRE = """\
说清在哪里。人退到安全的地方，不进火场。

# 有人受伤

打 120。

# 闻到油气味

离远一点，别启动车辆，再打 119。

# 电线断了

别碰，别靠近。
"""

TRAFFIC = """\
先停稳，再打电话。

# 有人受伤

先打 120。

# 帮忙的时候

- 不站车道上
- 不拍人脸和车牌
- 有危险、有人违法，打 110
"""

RIGHTS_TEXT = """\
# 路上受了伤

先打 120。工伤怎么认、怎么办，问 12333。

# 工钱没给、给少了

问 12333，也可以找工会 12351。

# 要讲法律

法律援助 12348。

# 心里过不去

心理援助 12356。

# 出了交通事故

- 先停稳，不站车道上
- 有人受伤先打 120
- 打 122
- 不拍人脸

# 不知道该找谁

打 12345。
"""

ACCESS = """\
# 能这样用

- 不用脚本也能看、能报、能查
- 只用键盘也能走完上报
- 字能用浏览器放大到两倍，不会出屏幕
- 颜色以外都有字：状态有图形也有词，地图旁边写着地点和方向
- 深色跟着手机走
- 没有弹窗，不催你，写了一半的上报存在这台手机里

# 还做不到

- 语音留言没有自动变成文字，要工作人员听了再写
- 照片没有逐张写说明
- 没有请看不见的人用读屏软件从头试过
- 管理后台是给工作人员用的，没有照这份说明检查

# 怎么检查的

每次改动都用自动工具查一遍主要页面，浅色深色都查；对比度按 4.5 比 1。自动工具查不出所有毛病。
"""

# Slug: title, text, whether it is a card.
PAGES = {
    SERVICE_0459: ("0459", "", False),
    "fraud": ("包裹很贵，先别付钱", FRAUD, True),
    "fire": ("看到起火，先打 119", FIRE, True),
    "traffic": ("出了交通事故，打 122", TRAFFIC, True),
    RIGHTS: ("受了伤、没给钱、想不通，找谁", RIGHTS_TEXT, False),
    ACCESSIBILITY: ("无障碍说明", ACCESS, False),
}


def load_pages() -> None:
    """Add those this database never got."""
    rows = {slug: (order, *row) for order, (slug, row) in enumerate(PAGES.items())}
    reference.add_missing("stations.pages", rows, _add)


def _add(slug, row):
    order, title, text, is_card = row
    defaults = {"title": title, "text": text, "is_card": is_card, "order": order}
    Page.objects.get_or_create(slug=slug, defaults=defaults)
