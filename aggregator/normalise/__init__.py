"""Item to entry: ``entry`` has the whole of it, the modules beside it are its steps.

Imports none of them: who wants an id or clean text, as the feeds and the server do, does not wait
for the tables and patterns of dates.
"""
