"""`workbench demo`: an invented review, carried through the main job by invented people, to look around in.

`exports` holds invented export files with the quirks of real ones, `script.csv` what the people do.
"""
