"""Queue work: deadlines."""

from hazards.deadline_reminders import deadline_reminders, standstills
from yuanhang.core.jobs import job


@job
def remind_of_deadlines() -> dict[str, int]:
    """What is due soon, and what is overdue."""
    soon, overdue = deadline_reminders.remind_of_deadlines()
    return {"soon": soon, "overdue": overdue}


@job
def look_after_standstills() -> dict[str, int]:
    """Questions nobody answered, and days until which a case was put off."""
    return standstills.look_after_standstills()
