"""Report → text for people, JSON for programs; one module a format."""
