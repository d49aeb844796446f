"""What staff see and do: lists, one person's page, exports. The commands use it, and so will the pages."""
