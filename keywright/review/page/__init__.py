"""The HTML page: `html.py` fills `page.html` with the style, the scripts and the data of a review or a map.

Nothing but the command line imports it.
"""
