"""What the list of a session holds: who was to come, who else came, and what was said of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from volunteers.activities.models.sessions import ActivitySession
from volunteers.record.models.service_records import Attendance
from yuanhang.core.models import User


@dataclass
class Line:
    """One person on the list, as the newest mark has it.

    `key` names the line in forms: `u` and the account's key, or `x` and the key of the first
    mark about somebody who came without signing up. `history` are the marks, oldest first.
    """

    key: str
    name: str
    kind: str
    minutes: int
    is_passed: bool = True
    user: User | None = None
    is_extra: bool = False
    history: list[Attendance] = field(default_factory=list)


def lines_of(session: ActivitySession) -> list[Line]:
    """The confirmed in the order they signed up, then the others; two queries.

    Without a mark everybody confirmed was there from beginning to end.
    """
    present = Attendance.Kind.PRESENT
    signups = session.signups.confirmed().select_related("user")
    lines = {
        f"u{signup.user_id}": Line(
            key=f"u{signup.user_id}",
            name=str(signup.user),
            kind=present,
            minutes=session.minutes,
            user=signup.user,
        )
        for signup in signups
    }
    extras = {}
    for mark in session.attendances.select_related("user", "by"):
        if mark.label:
            key = extras.setdefault(mark.label, f"x{mark.pk}")
            line = lines.setdefault(key, Line(key, mark.label, present, 0, is_extra=True))
        else:
            key = f"u{mark.user_id}"
            line = lines.setdefault(key, Line(key, str(mark.user), present, 0))
        line.user = mark.user
        line.kind, line.minutes, line.is_passed = mark.kind, mark.minutes, mark.is_passed
        line.history.append(mark)
    return list(lines.values())


def minutes_by_person(lines: Iterable[Line]) -> dict[User, tuple[int, bool]]:
    """{user: (minutes, whether passed)}; who is on the list twice counts once, with the most."""
    served = {}
    for line in lines:
        if line.user is None:
            continue
        minutes, is_passed = served.get(line.user, (0, False))
        passed_here = line.is_passed and line.minutes > 0
        served[line.user] = max(minutes, line.minutes), is_passed or passed_here
    return served
