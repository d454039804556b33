"""Item to entry: ``entry`` has all of it, and the other modules are its steps.

Imports none of them: output and the web server need ids and clean text, but not the tables and
patterns of dates.
"""
