"""Every change that the tables have gone through, one numbered file each, applied in order by `ingang db upgrade`.

There is no way down: a change may drop what an older program would miss. The way back is the backup from before.
`python -m storage.check_migrations --new "what changes"` writes the next file from storage/tables.py.
"""
