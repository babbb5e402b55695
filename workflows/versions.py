"""Every change of behaviour that the replay of older histories must respect, with a sentence each.

A change goes behind `workflow.patched(NAME)`; its name joins this page with the release that brought it, and stays
until no history without it is left. Recorded histories of each release replay in `tests/replay/`.

0.2.0   the first release; nothing to respect yet. What 0.1.0 recorded is not replayed (docs/decisions/0013).
0.3.0   no patch: every new rule is off unless the pinned policy sets it, and what joined a record since is left out where
        it says nothing (docs/decisions/0014).
0.4.0   no patch: what is new about imported complaints holds only where a registration says `imported`, a field that joined
        since; a start without a policy, which is taken in by a run of its own, was impossible before.
"""
