"""Changes of access that no policy of an identity shows: sign-in, public access, passed roles, limits, deleted identities.

Each module yields `Fact`s for `review.py`. May import `comparison` and `result`.
"""
