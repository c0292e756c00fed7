"""The synthetic demo district: an invented town, its roads and its people. Nothing in it exists."""
