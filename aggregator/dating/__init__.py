"""When a release came out, how that is known, and how far it may be off."""
