"""The transition table of a complaint."""

from stations.complaints.models import Complaint
from yuanhang.core.transitions import Transition, TransitionTable

State = Complaint.State
# In which capacity somebody acts, and who is told.
READER, SENDER = "staff", "sender"

COMPLAINTS = TransitionTable(
    "stations.complaint_",
    (
        Transition("answer", (State.WAITING,), State.ANSWERED, (READER,), notifies=(SENDER,)),
        Transition("publish", (State.ANSWERED,), State.PUBLISHED, (READER,)),
        Transition("unpublish", (State.PUBLISHED,), State.ANSWERED, (READER,)),
    ),
)
