package result

import "time"

// Evidence is everything that was observed from clock zero on, in the order of time.
type Evidence struct {
	Authoritative []Answer
	Client        []Answer
	Outages       []Outage
	Silences      []Silence
	Changes       []Change
	Configuration []Configuration
}

// Answer is one reply that a DNS virtual service or a resolver gave, or failed to give.
type Answer struct {
	At     time.Duration // when the authority answered, or when the client had its answer or gave up
	Took   time.Duration // layer client: from question to answer
	By     string        // the site of the DNS virtual service, or the resolver
	Group  string        // layer client: the group of clients
	Name   string        // the name asked for
	Site   string        // the site of the address, "" if there was none
	Addr   string        // the address answered, "" if there was none
	Cached bool          // layer client: from the resolver's cache
	Rcode  int           // -1: no reply
}

// Answered reports whether there was an address in the reply.
func (a Answer) Answered() bool { return a.Addr != "" }

// Outage is a stretch of time in which a member could not serve, as the world knows it.
type Outage struct {
	Service string // FQDN of the GSLB service
	Address string // the member's VIP
	Site    string
	From    time.Duration
	To      time.Duration // the end of the run if it went on
	// Unpowered: the member's engines had no power, rather than being told to stop serving.
	Unpowered bool
}

// Silence is a stretch of time in which the controller or the engines of a site had no power.
type Silence struct {
	Site    string
	Engines bool // its engines; else its controller
	From    time.Duration
	To      time.Duration // the end of the run if it went on
}

// Change is an instant at which a fault began or ended.
type Change struct {
	Fault string
	Ends  bool
	At    time.Duration
}

// Configuration is what one controller held at the end: federated objects by uuid, as canonical JSON.
type Configuration struct {
	Site    string
	Objects map[string]string
	Err     string // why it could not be read
}
