"""Django's own log of the admin kept the name of every account that was changed there."""

from django.db import migrations


def empty(apps, _editor):
    apps.get_model("admin", "LogEntry").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0002_cache_table"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]
    operations = [migrations.RunPython(empty, migrations.RunPython.noop)]
