"""The pages that staff work on, under /personal: one file a room, and the door that lets people into them."""
