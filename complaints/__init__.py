"""The rules of complaint handling: pure functions over plain data.

Knows no Temporal, SQL, HTTP, clock or randomness; every instant is an argument. `decide` says what a command
brings about, `elapse` what the passing of time alone brings about, `evolve` is the only way state changes and
`next_due` says when `elapse` would next have something to say.
"""
