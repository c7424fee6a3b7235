// The listeners and the route poller are put together here.
