"""Mail to items: ``letters`` reads a message, and ``mbox`` splits a file of them.

``message`` parses one with the standard library, ``envelope`` reads its header and ``parts`` its
texts; ``lines`` brings these into one form, without what ``boilerplate`` recognises, and
``newsletter`` finds the releases that they list.
"""
