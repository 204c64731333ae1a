"""Ask about access: can, who-can, explain, escalations, map, across, simulate. They answer from synthesized templates.

Of the other groups nothing is imported here.
"""
