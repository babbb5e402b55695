"""The durable side: thin shells around the rules that wait, wake and hand out effects."""
