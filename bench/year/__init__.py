"""A year of a small region, played in minutes through the real handlers, tick and courier: is it calm?"""
