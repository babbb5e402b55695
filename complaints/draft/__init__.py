"""A decision in the making: facts are added one by one, and each is seen by the rule that follows.

What follows from a fact by itself (a stage's clock starts, a fulfilled duty settles its clock and stands its
escalation down, a rung of the ladder is told) is said here once, so that commands and the passing of time agree.
Each layer builds on the one below: page, watch, ladder, nature, duties, daily feedback, and the stages on top.
"""

from complaints.draft.stages import Draft as Draft
