"""Leases run out by the minute; next week's errands and forgetting, hourly."""

from django.db import migrations

JOBS = {
    "move_errands": ("volunteers.tasks.move_errands", 1),
    "keep_errands": ("volunteers.tasks.keep_errands", 60),
}


def schedule(apps, schema_editor):
    """Once; an edited schedule stays as it is."""
    schedules = apps.get_model("django_q", "Schedule").objects
    for name, (function, minutes) in JOBS.items():
        schedules.get_or_create(
            name=name,
            defaults={
                "func": function,
                "schedule_type": "I",
                "minutes": minutes,
                "repeats": -1,
            },
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("volunteers", "0007_errands"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
