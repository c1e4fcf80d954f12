"""Reports gathered into studies: the study is what was done, told in one or more reports."""
