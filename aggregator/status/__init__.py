"""How sources, agencies, runs and entries are reported: as JSON and as lines for people."""
