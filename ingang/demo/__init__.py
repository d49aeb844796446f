"""The demo: simulated phones beside what staff see, in one page, with made-up people and a clock that can be moved."""
