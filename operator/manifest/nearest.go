package manifest

import "strings"

// Nearest is the word that a misspelt word was most likely meant to be, or
// empty: one that differs in case only, or in at most a third of its letters.
// Of equally near words the first is taken.
func Nearest(word string, words []string) string {
	best, bestDistance := "", 1+max(1, len(word)/3)
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return w
		}
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// wordMax bounds the words compared: the work grows with the square.
const wordMax = 64

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make one word of another.
func distance(a, b string) int {
	if len(a) > wordMax || len(b) > wordMax {
		return wordMax
	}
	var before, previous, current [wordMax + 1]int
	for j := range len(b) + 1 {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous = previous, current
	}
	return previous[len(b)]
}
