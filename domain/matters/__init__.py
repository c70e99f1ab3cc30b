"""What a meeting leaves to be done, and what comes between meetings: categories, numbers and dates, never prose."""
