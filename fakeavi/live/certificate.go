package live

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/netip"
	"time"
)

// certificateDays is how long a self-signed certificate is valid.
const certificateDays = 3650

// subject says what a certificate is for.
type subject struct {
	name      pkix.Name
	addresses []netip.Addr
	names     []string
	days      int
}

// selfSigned makes a key and a certificate that verifies as its own authority.
func selfSigned(s subject) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: s.name, DNSNames: s.names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, s.days),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, a := range s.addresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(a.AsSlice()))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// certificateOf makes the certificate of a controller that was given none.
func certificateOf(c Controller) (*tls.Certificate, error) {
	cert, err := selfSigned(subject{
		name: pkix.Name{CommonName: c.Name, Organization: []string{"gslbsim"}}, names: []string{"localhost", c.Name},
		addresses: []netip.Addr{c.Listen.Addr(), c.Address}, days: certificateDays,
	})
	return &cert, err
}
