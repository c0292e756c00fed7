"""Wire formats of terminals that do not speak our own protocol."""
