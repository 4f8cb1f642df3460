from django.db import migrations

from yuanhang.core.kept_answers import watch


class Migration(migrations.Migration):
    dependencies = [("hazards", "0017_kept_answers")]

    operations = [watch("hazards_category", "hazards_symptom", "hazards_endreason")]
