"""Tables, sessions and the read side's queries."""
