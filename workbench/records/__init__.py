"""From export files to records in canonical form, every tag kept as delivered."""
