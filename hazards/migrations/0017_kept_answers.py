from django.db import migrations

from yuanhang.core.kept_answers import watch


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0011_table_versions"),
        ("hazards", "0016_end_of_the_number_has_no_index"),
    ]

    operations = [
        watch(
            "hazards_replytemplate",
            "hazards_standardcase",
            "hazards_standardcase_categories",
            "hazards_standardcase_organisations",
            "hazards_workingspan",
        ),
    ]
