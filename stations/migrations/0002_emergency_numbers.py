"""The numbers to call first (public ones; local gas and heating numbers are never invented)."""

from django.db import migrations

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


def load(apps, schema_editor):
    """Add the missing ones."""
    model = apps.get_model("stations", "EmergencyNumber")
    for order, (number, label, is_first) in enumerate(NUMBERS):
        model.objects.get_or_create(
            number=number, defaults={"label": label, "is_first": is_first, "order": order}
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("stations", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
