"""The result of a review as text and data: Markdown, JSON and SARIF; expected gains and required approvals.

May import `changes`, `comparison` and `result`.
"""
