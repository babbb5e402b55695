"""Effects on the outside world, one module per destination."""
