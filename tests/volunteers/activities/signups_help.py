"""What the tests of signups share."""


def states(place):
    """The states of a session's active sign-ups in the order of the line."""
    return [str(signup.state) for signup in place.signups.active()]


def noon_free(monkeypatch):
    """No quiet hours, whatever the clock says while the tests run."""
    monkeypatch.setattr("yuanhang.core.quiet_hours.QUIET", ())
