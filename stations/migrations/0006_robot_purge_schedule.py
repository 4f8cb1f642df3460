"""The job that forgets what group robots said long ago."""

from django.db import migrations


def schedule(apps, schema_editor):
    """Every day."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="purge_robot_messages",
        defaults={
            "func": "stations.tasks.purge_robot_messages",
            "schedule_type": "D",
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("stations", "0005_robot_schedule"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
