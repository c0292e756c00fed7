"""The assembly: application, command line, error mapping. Only __main__ imports it."""
