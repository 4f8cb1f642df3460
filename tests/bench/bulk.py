"""Many rows of a model by one statement; what is not said of a column is the model's default."""

from django.db import connection
from django.db.models import GeneratedField

# Guards of a grown table that cost more than filling it: dropped first, made anew behind it.
INDEXES = """
SELECT 'DROP INDEX ' || quote_ident(i.indexname), i.indexdef
FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname JOIN pg_index x ON x.indexrelid = c.oid
WHERE i.schemaname = 'public' AND i.tablename = %s AND NOT x.indisunique
"""


def insert(model, source, /, **columns):
    """Insert what `source` (the part of a SELECT from FROM on) gives; how many rows came.

    `columns` are SQL expressions over the source. Constraints of the table hold; keys to other
    rows and triggers are not asked, which is for the caller to know.
    """
    names, values, params = [], [], []
    for field in model._meta.concrete_fields:
        if field.column in columns:
            names.append(field.column)
            values.append(columns[field.column].replace("%", "%%"))
        elif not (field.primary_key or field.null or isinstance(field, GeneratedField)):
            names.append(field.column)
            values.append("%s")
            default = "" if field.empty_strings_allowed and not field.has_default() else None
            default = field.get_default() if default is None else default
            if hasattr(field, "auto_now") and field.auto_now:
                values[-1] = "now()"
            else:
                params.append(field.get_db_prep_save(default, connection))
    source = source.replace("%", "%%")
    quoted = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(INDEXES, [table])
        indexes = cursor.fetchall()
        for drop, _made in indexes:
            cursor.execute(drop)
        # Names and expressions are the bench's own.
        cursor.execute(
            f'INSERT INTO "{table}" ({quoted}) SELECT {", ".join(values)} {source}',
            params,
        )
        count = cursor.rowcount
        for _drop, made in indexes:
            cursor.execute(made)
        cursor.execute("RESET session_replication_role")
    return count
