"""The platforms to choose from, and the first privacy notice."""

from datetime import UTC, datetime

from workers import privacy_notice
from workers.models import Platform, PrivacyNotice
from yuanhang.core import reference

PLATFORMS = (
    "美团 淘宝闪购 京东秒送 顺丰同城 闪送 达达 "
    "UU跑腿 滴滴 顺丰 京东快递 邮政EMS 中通 "
    "圆通 申通 韵达 极兔 其他"
)


def load_platforms():
    """Add those this database never got."""
    rows = {name: order for order, name in enumerate(PLATFORMS.split())}
    reference.add_missing("workers.platforms", rows, _add_platform)


def _add_platform(name, order):
    Platform.objects.get_or_create(name=name, defaults={"order": order})


def load_privacy_notice():
    """Add the first version, once."""
    reference.add_missing(
        "workers.privacy_notice", {"2026-11": privacy_notice.first_text()}, _add_notice
    )


def _add_notice(version, text):
    PrivacyNotice.objects.get_or_create(
        version=version, defaults={"text": text, "published_at": datetime(2026, 11, 1, tzinfo=UTC)}
    )
