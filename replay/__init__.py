"""What the day was: playback, evidence, recorded tracks."""
