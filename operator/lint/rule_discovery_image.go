package lint

var discoveryImage = &Rule{
	ID: "discovery-image", Severity: Error,
	Doc:   "multiClusterIngress is enabled and serviceDiscovery has no image; AMKO's chart cannot be rendered then.",
	check: checkDiscoveryImage,
}

func checkDiscoveryImage(s *search) {
	for _, d := range s.documents {
		if d.form != formValues {
			continue
		}
		enable, image := d.values().get("multiClusterIngress", "enable"), d.values().get("serviceDiscovery", "image")
		if enable.isTrue() && image.isEmpty() {
			s.report(enable, "needs an image for the service discovery", "add serviceDiscovery.image.repository and pullPolicy, or set it to false")
		}
	}
}
