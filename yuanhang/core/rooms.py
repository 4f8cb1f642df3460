"""What every app of ours brings once the database is migrated."""

from django.apps import AppConfig, apps
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from yuanhang.core import jobs


class RoomConfig(AppConfig):
    """An app that brings reference data and scheduled jobs.

    Import the module, not the class: Django takes a second AppConfig in `apps.py` for a choice.

    `reference_data` are dotted paths of functions without arguments, called in this order;
    `scheduled_jobs` is the dotted path of a list of `ScheduledJob`; `retention_rules` are dotted
    paths of tuples of `RetentionRule`, `erasers` of tuples of `Eraser`, `trail_words` of what verbs
    are called, by verb.
    """

    reference_data: tuple[str, ...] = ()
    scheduled_jobs: str = ""
    retention_rules: tuple[str, ...] = ()
    erasers: tuple[str, ...] = ()
    trail_words: tuple[str, ...] = ()


def scheduled_jobs():
    """The scheduled jobs of all rooms."""
    paths = [room.scheduled_jobs for room in apps.get_app_configs() if isinstance(room, RoomConfig)]
    return [job for path in paths if path for job in import_string(path)]


def after_migrate(using, **_kwargs):
    """Bring reference data and schedules of all rooms up to date; a `post_migrate` receiver."""
    executor = MigrationExecutor(connections[using])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # an older state was asked for: the models are not those of the tables
    with transaction.atomic(using=using):
        for room in apps.get_app_configs():
            if isinstance(room, RoomConfig):
                for path in room.reference_data:
                    import_string(path)()
                if room.scheduled_jobs:
                    jobs.reconcile(room.label, import_string(room.scheduled_jobs))
