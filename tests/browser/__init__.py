"""What only a browser shows: keys, focus, a lost connection, and what axe finds."""
