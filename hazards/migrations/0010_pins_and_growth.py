"""A pin set by finger is told from a phone's own position; a stretch of time has its index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """No row changes: who set a pin before today is not known."""

    dependencies = [
        ("hazards", "0009_sightings"),
    ]

    operations = [
        migrations.AlterField(
            model_name="hazard",
            name="location_source",
            field=models.CharField(
                choices=[
                    ("device", "手机定位"),
                    ("pin", "地图上点的"),
                    ("landmark", "地标"),
                    ("grid", "网格"),
                    ("words", "文字"),
                    ("none", "没说"),
                ],
                default="none",
                max_length=10,
                verbose_name="位置来源",
            ),
        ),
        migrations.AddIndex(
            model_name="hazard",
            index=models.Index(fields=["submitted_at"], name="hazard_submitted"),
        ),
    ]
