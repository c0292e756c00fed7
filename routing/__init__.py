"""Where each van should be: the day's problem, its plan, and the best van for a call."""
