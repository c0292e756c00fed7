"""What one commit has stored, for whoever counts it, announces it or looks at it. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracking.lot import Lot
from tracking.parcel import Parcel


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit has stored.

    Parameters
    ----------
    lot : its fixes as columns, each once; repeats of what was stored before are among them
    commit_s : from its first statement to the end of its COMMIT, retries included
    waiting : fixes that were queued behind it when it ended
    """

    parcels: Sequence[Parcel]
    lot: Lot
    commit_s: float
    waiting: int
