"""What can be done, by a flow or by staff, on one transaction."""
