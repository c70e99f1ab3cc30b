"""What a case holds beside consents and meetings, from its need to its closing: categories, numbers and dates."""
