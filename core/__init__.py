"""Values, errors, states, clock, ids, redaction and the in-process bus.

Standard library only: every other room may import this one, and it imports none of them.
"""
