package lint

import (
	"errors"
	"slices"

	"github.com/gslbsim/gslbsim/operator/manifest"
)

// fault is what the checks of package manifest say of a document; at is the field, if the document could be read.
type fault struct {
	*manifest.Error
	doc *document
}

// judge compares a document with the definitions of its kind. Values of the chart are compared as the objects that the chart
// makes of them.
func (c *corpus) judge(d *document) []fault {
	switch d.form {
	case formManifest:
		return faultsOf(d, d.Check(manifest.Options{}))
	case formValues:
		var faults []fault
		for _, r := range render(d) {
			faults = append(faults, r.judge(d)...)
		}
		return faults
	}
	return nil
}

func faultsOf(d *document, err error) []fault {
	var list manifest.Errors
	if !errors.As(err, &list) {
		return nil
	}
	faults := make([]fault, len(list))
	for i, e := range list {
		faults[i] = fault{e, d}
	}
	return faults
}

// reportFaults reports the faults of some classes, of documents that concern GSLB.
func (s *search) reportFaults(classes ...manifest.Class) {
	for _, file := range s.sources {
		for _, f := range file.faults {
			if slices.Contains(classes, f.Class) && (f.doc == nil || f.doc.concernsGSLB()) {
				s.add(f.finding())
			}
		}
	}
}

func (f fault) finding() Finding {
	return Finding{File: f.File, Line: f.Line, Column: f.Column, Field: f.Field, Problem: f.Problem, Remedy: f.Remedy}
}
