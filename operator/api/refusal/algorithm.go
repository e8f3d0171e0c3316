package refusal

import "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"

// poolAlgorithm adds what is wrong with algorithm settings; prefix goes before
// each message. The mask beside geo is let through, as AMKO does.
func (l *list) poolAlgorithm(field, prefix string, s *v1alpha1.PoolAlgorithmSettings) {
	if s == nil {
		return
	}
	switch s.LBAlgorithm {
	case v1alpha1.PoolAlgorithmRoundRobin, v1alpha1.PoolAlgorithmTopology:
		if s.GeoFallback != nil {
			l.add(field+".geoFallback", "%sgeoFallback not allowed for %s", prefix, s.LBAlgorithm)
		}
		if s.HashMask != nil {
			l.add(field+".hashMask", "%shashMask not allowed for %s", prefix, s.LBAlgorithm)
		}
	case v1alpha1.PoolAlgorithmConsistentHash:
		if s.GeoFallback != nil {
			l.add(field+".geoFallback", "%sgeoFallback is not allowed with ConsistentHash", prefix)
		}
		if s.HashMask == nil {
			l.add(field+".hashMask", "%shashMask is required for ConsistentHash", prefix)
		}
	case v1alpha1.PoolAlgorithmGeo:
		l.geoFallback(field+".geoFallback", prefix, s.GeoFallback)
	default:
		l.add(field+".lbAlgorithm", "%sunsupported lbAlgorithm %s", prefix, s.LBAlgorithm)
	}
}

func (l *list) geoFallback(field, prefix string, f *v1alpha1.GeoFallback) {
	switch {
	case f == nil:
		l.add(field, "%sgeoFallback has to be set for Geo, available choices: RoundRobin, ConsistentHash", prefix)
	case f.LBAlgorithm == v1alpha1.PoolAlgorithmRoundRobin:
		if f.HashMask != nil {
			l.add(field+".hashMask", "%shashMask is not allowed with %s as geoFallback algorithm", prefix, f.LBAlgorithm)
		}
	case f.LBAlgorithm == v1alpha1.PoolAlgorithmConsistentHash:
		if f.HashMask == nil {
			l.add(field+".hashMask", "%shashMask is required for %s as the geoFallback algorithm", prefix, f.LBAlgorithm)
		}
	default:
		l.add(field+".lbAlgorithm", "%sunsupported algorithm %s for geoFallback", prefix, f.LBAlgorithm)
	}
}
