"""What a request costs, counted in calls of functions: a machine's noise does not change it."""
