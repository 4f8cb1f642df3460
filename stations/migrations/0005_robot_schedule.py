"""The job that sends what waits for a group robot: its limit, an outage, a killed worker."""

from django.db import migrations


def schedule(apps, schema_editor):
    """Every minute."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="sweep_robot_messages",
        defaults={
            "func": "stations.tasks.sweep_robot_messages",
            "schedule_type": "I",
            "minutes": 1,
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("stations", "0004_chat_robots"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
