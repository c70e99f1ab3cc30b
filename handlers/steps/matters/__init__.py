"""The steps beside the meetings' own: run sheet, promised answers, measures, reviews, deviations, inpatient care."""
