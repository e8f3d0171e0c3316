package lint

var passwordInValues = &Rule{
	ID: "password-in-values", Severity: Warning,
	Doc:   "The controller's password stands in a file of values, which tends to end up in a repository.",
	check: checkPasswordInValues,
}

func checkPasswordInValues(s *search) {
	for _, d := range s.documents {
		if d.form != formValues {
			continue
		}
		if at := d.values().get("gslbLeaderCredentials", "password"); !at.isEmpty() && !templateMark.MatchString(at.text()) {
			s.report(at, "is the controller's password, in plain text", "leave it out here: give it with --set when the chart is installed, or have the Secret gslb-avi-secret made apart")
		}
	}
}
