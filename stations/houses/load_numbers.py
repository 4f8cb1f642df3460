"""The numbers to call first (public ones; local gas and heating numbers are never invented)."""

from stations.houses.models import EmergencyNumber
from yuanhang.core import reference

# Number, what it is for, whether it stands first.
NUMBERS = [
    ("119", "火警", True),
    ("120", "急救", True),
    ("110", "报警", True),
    ("122", "交通事故", False),
    ("12345", "政务热线", False),
    ("96110", "反诈咨询", False),
    ("12350", "安全生产", False),
    ("12333", "劳动和工伤", False),
    ("12351", "工会", False),
    ("12348", "法律援助", False),
    ("12356", "心理援助", False),
    ("12315", "消费投诉", False),
    ("95598", "电力", False),
]


def load_emergency_numbers():
    """Add those this database never got."""
    rows = {row[0]: (order, *row[1:]) for order, row in enumerate(NUMBERS)}
    reference.add_missing("stations.emergency_numbers", rows, _add)


def _add(number, row):
    order, label, is_first = row
    EmergencyNumber.objects.get_or_create(
        number=number, defaults={"label": label, "is_first": is_first, "order": order}
    )
