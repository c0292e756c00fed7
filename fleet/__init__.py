"""The ground: registry, roads, messages, visits, SOS, clock, settings, database."""
