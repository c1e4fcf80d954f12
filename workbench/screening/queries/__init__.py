"""Reading the screening: where records stand (outcomes), whose turn it is (queue), where reports stand (reports)."""
