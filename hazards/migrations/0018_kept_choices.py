from django.db import migrations

from yuanhang.core.kept_answers import watch


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0012_watched_columns"),
        ("hazards", "0017_kept_answers"),
    ]

    operations = [watch("hazards_category", "hazards_endreason", "hazards_symptom")]
