"""Where the vans are: terminals' protocol, durable ingest, tracks and the live feed."""
