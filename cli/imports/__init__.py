"""Taking complaints over from another system: `redress import`.

A map says what the columns of a file mean (`shape`, `mapping`). `rows` reads the file row by row, `filling` makes a
registration of each, `run` starts them: a few at a time, and none that is there already.
"""
