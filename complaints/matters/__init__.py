"""Matters: what outlives a complaint, and has an owner, a date and a clock of its own.

An improvement that has to be made, a review of closed cases, a hot spot, a mass incident: one kind of thing. The rules
by which a matter is watched are handed in when it is opened, as data, so it needs no policy.
"""
