package lint

var priorityRange = &Rule{
	ID: "priority-range", Severity: Error,
	Doc: "A priority is not a whole number from 0 to 100. The highest priority that has a living member gets all traffic.",
	check: func(s *search) {
		s.shares("priority", 0, 100, "use 0 to 100; the highest with a living member gets all traffic")
	},
}
