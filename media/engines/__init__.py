"""Media engines: the description of each, and the table of all of them."""
