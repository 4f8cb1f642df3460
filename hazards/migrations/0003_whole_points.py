"""A point has both coordinates or none; the first check let half a point pass (null)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Constraints only."""

    dependencies = [
        ("hazards", "0002_catalogue"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hazard",
            name="hazard_point",
        ),
        migrations.AddConstraint(
            model_name="hazard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(
                        ("latitude__gte", -90),
                        ("latitude__isnull", False),
                        ("latitude__lte", 90),
                        ("longitude__gte", -180),
                        ("longitude__isnull", False),
                        ("longitude__lte", 180),
                    ),
                    _connector="OR",
                ),
                name="hazard_point",
            ),
        ),
    ]
