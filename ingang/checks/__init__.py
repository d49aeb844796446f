"""What `ingang check` examines, one file for each sort of thing; ingang/checking.py puts it together."""
