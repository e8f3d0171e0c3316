package dns

import "math"

// place is a location as a unit vector from the earth's centre: the dot
// product of two grows as their distance shrinks, which compares distances
// without trigonometry per pair.
type place struct {
	x, y, z float64
	known   bool
}

const earthRadiusKm = 6371

func placeOf(l Location) place {
	lat, lon := l.Latitude*math.Pi/180, l.Longitude*math.Pi/180
	across := math.Cos(lat)
	return place{
		x:     across * math.Cos(lon),
		y:     across * math.Sin(lon),
		z:     math.Sin(lat),
		known: true,
	}
}

// closeness is the cosine of the angle between two places: 1 at the same
// place, -1 at the antipodes. The conversions keep compilers from fusing
// multiplications and additions, which would differ between processors.
func closeness(a, b place) float64 {
	return float64(a.x*b.x) + float64(a.y*b.y) + float64(a.z*b.z)
}

// kilometres is the great-circle distance that belongs to a closeness.
func kilometres(closeness float64) float64 {
	return earthRadiusKm * math.Acos(min(1, max(-1, closeness)))
}
