"""The words and forms of dates, one table a language, each in the module of its name.

``language`` says what a table holds, ``tables`` has them all.  This package imports nothing, so
that an English name is had without the other tables.
"""
