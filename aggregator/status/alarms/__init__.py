"""What needs attention: alarm rules, their state, and the operators' feed."""
