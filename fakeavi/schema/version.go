package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a release of the API. The zero value means "the newest".
type Version struct{ major, minor, patch int }

// ParseVersion reads "31.2.1"; missing parts count as 0 and anything after the third part ("31.2.1-9123", "22.1.3.2") is
// ignored. The error names the text.
func ParseVersion(text string) (Version, error) {
	head, _, _ := strings.Cut(text, "-")
	parts := strings.Split(head, ".")
	var numbers [3]int
	for i := 0; i < len(parts) && i < len(numbers); i++ {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < 0 {
			return Version{}, fmt.Errorf("version %q is not of the form 31.2.1", text)
		}
		numbers[i] = n
	}
	return Version{numbers[0], numbers[1], numbers[2]}, nil
}

// String is the form that ParseVersion reads.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }

// IsZero reports whether v is the zero value.
func (v Version) IsZero() bool { return v == Version{} }

// Compare is negative if v is older than w, 0 if they are the same release, positive if it is newer.
func (v Version) Compare(w Version) int {
	for _, d := range [...]int{v.major - w.major, v.minor - w.minor, v.patch - w.patch} {
		if d != 0 {
			return d
		}
	}
	return 0
}

// In reports whether the field exists in API version v (always true for the zero Version). A field may have been introduced in
// several release trains ("18.2.8, 20.1.1"): the one that counts is the newest that is not newer than v's own train.
func (f *Field) In(v Version) bool {
	if len(f.since) == 0 || v.IsZero() {
		return true
	}
	var counts Version
	for _, s := range f.since {
		train := Version{s.major, s.minor, 0}
		if train.Compare(v) <= 0 && (counts.IsZero() || s.Compare(counts) > 0) {
			counts = s
		}
	}
	return !counts.IsZero() && counts.Compare(v) <= 0
}

func parseVersions(texts []string) []Version {
	var out []Version
	for _, text := range texts {
		if v, err := ParseVersion(text); err == nil {
			out = append(out, v)
		}
	}
	return out
}
