//! Ensembles of decision trees, applied to rows of numbers.
