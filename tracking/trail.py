"""How far a van was followed past the fences, so that a later look goes on from there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tracking.passage import Moment, Passage, Standing
from tracking.track import Track


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """A van's track as it was followed past the fences.

    Parameters
    ----------
    standings : of the fences it is inside at its end, by their places in the index
    told : in time order
    """

    track: Track
    standings: Mapping[int, Standing] = field(default_factory=dict)
    told: tuple[Passage, ...] = ()

    @property
    def last(self) -> Moment | None:
        """Its end; None where it has no fix."""
        track = self.track
        return Moment(int(track.t_ms[-1]), float(track.lon[-1]), float(track.lat[-1])) if len(track) else None

    def leads_into(self, track: Track) -> bool:
        """Whether a track begins as this one."""
        n = len(self.track)
        pairs = ((getattr(self.track, name), getattr(track, name)[:n]) for name in ("t_ms", "lon", "lat"))
        return all(np.array_equal(ours, theirs) for ours, theirs in pairs)
