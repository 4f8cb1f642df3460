from django.db import migrations

from yuanhang.core.kept_answers import watch


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0012_watched_columns"),
        ("stations", "0005_kept_answers"),
    ]

    operations = [watch("stations_chatrobot", "stations_posting")]
