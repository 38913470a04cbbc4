"""The store of a desk: one truth for reports, approvals and what they rest on, chained and mirrored."""
