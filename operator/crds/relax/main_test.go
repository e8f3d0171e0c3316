package main

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestRelaxDropsStrictPartsOfSpecsOnly(t *testing.T) {
	g := NewWithT(t)
	out, err := relax([]byte(`---
spec:
  versions:
  - schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              list:
                items:
                  maxLength: 64
                  type: string
                maxItems: 10
                maximum: 20
                x-kubernetes-validations:
                - rule: self.size() > 1
              maxItems:
                type: integer
            x-kubernetes-validations:
            - rule: has(self.list)
          status:
            maxLength: 5
`))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(out)).To(Equal(`---
spec:
  versions:
  - schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              list:
                items:
                  type: string
                maximum: 20
              maxItems:
                type: integer
          status:
            maxLength: 5
`))
}

func TestRunNeedsFiles(t *testing.T) {
	NewWithT(t).Expect(run(t.TempDir(), t.TempDir())).To(MatchError(ContainSubstring("run controller-gen first")))
}
