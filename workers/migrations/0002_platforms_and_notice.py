"""The platforms to choose from, and the first privacy notice."""

from datetime import UTC, datetime

from django.db import migrations

PLATFORMS = "美团 淘宝闪购 京东秒送 顺丰同城 闪送 达达 UU跑腿 滴滴 顺丰 京东快递 邮政EMS 中通 圆通 申通 韵达 极兔 其他"
NOTICE = """谁在处理：本站的主办单位，写在每一页的最下面；远航社区的工作人员按岗位使用。

为什么要这些：称呼和手机号用来登录、告诉你处理结果；工种、平台、常跑网格用来把事情派给熟悉那片路的人。可参加时段、技能、是否党员，都是你愿意才填，各自单独同意，随时能撤回，撤回就删。

不要什么：不要身份证号、人脸、血型病史、民族、住址、银行卡、行车轨迹、收入、有没有犯过事。

上报隐患：可以不登录。照片会去掉拍摄信息，只给处理这件事的人看。被反映的一方看不到是谁报的。

放多久：语音在办结 90 天后删，不受理的上报 30 天后删，查看记录留 6 个月。登记信息留到你不再用为止。

你能做什么：在「我的信息」里看、改、撤回。要一份自己的信息，或不再登记，到驿站前台当面办，不问理由。

未满 14 周岁，请不要登记。"""


def load(apps, schema_editor):
    """Add what is missing."""
    platform = apps.get_model("workers", "Platform")
    for order, name in enumerate(PLATFORMS.split()):
        platform.objects.get_or_create(name=name, defaults={"order": order})
    apps.get_model("workers", "PrivacyNotice").objects.get_or_create(
        version="2026-11",
        defaults={"text": NOTICE, "published_at": datetime(2026, 11, 1, tzinfo=UTC)},
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("workers", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
