"""The extract of a case (registerutdrag): all that is held on it, as JSON and on paper (GDPR 15, law 4D.8)."""
