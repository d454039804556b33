"""Where bytes come from: one module a transport, none of which knows what the bytes mean."""
