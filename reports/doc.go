// Package reports shows a finished run: as a page for people (HTML), a summary for the terminal, JUnit for CI, JSON and
// JSON lines for programs, and CSV for spreadsheets.
//
// Each form is one function that writes a result.Result to an io.Writer and reads nothing else, so that equal results
// give equal bytes. None of them changes the result, and all may be called concurrently for one result that nobody
// changes. Write puts all files into a folder.
//
// Every form leads with what broke. A run is shown with the worst of its own verdict and of its promises' verdicts, so
// that a broken promise can't hide behind a run that calls itself passed; a promise with a verdict that is none of the
// three known ones counts as inconclusive.
//
// Texts of a result come from scenario files and from the programs under test. They are shown as they are, except for
// characters that could drive a terminal or disguise the text around them: these are made visible (terminal, HTML,
// JUnit, CSV). The JSON forms keep them, escaped as JSON does.
package reports
