"""What the line of JavaScript on a shop's pages asks and tells."""
