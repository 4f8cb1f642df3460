"""A word before each session, and private calendar addresses."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import volunteers.models.calendar


def schedule(apps, schema_editor):
    """Once; an edited schedule stays as it is."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="remind",
        defaults={
            "func": "volunteers.tasks.remind",
            "schedule_type": "I",
            "minutes": 10,
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """One table and one schedule."""

    dependencies = [
        ("volunteers", "0002_line_schedule"),
        ("django_q", "0018_task_success_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        default=volunteers.models.calendar.make_feed_token,
                        max_length=40,
                        unique=True,
                        verbose_name="链接",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="时间"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={"verbose_name": "日历链接", "verbose_name_plural": "日历链接"},
        ),
        migrations.RunPython(schedule, migrations.RunPython.noop),
    ]
