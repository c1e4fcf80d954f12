"""What every page shares: transactions, errors as pages, static files; knows no review and no record."""
