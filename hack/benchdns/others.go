package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// product is a DNS server that may be installed.
type product struct {
	name, program string
	// files writes the configuration into a folder of its own.
	files func(folder string, port int) map[string]string
	args  func(folder string, port int) []string
}

// products are the servers to compare with. Each is told to use one thread for UDP: there is one CPU.
var products = []product{
	{
		name: "gdnsd weighted", program: "gdnsd",
		files: func(folder string, port int) map[string]string {
			var resources strings.Builder
			for i := range standardNames {
				fmt.Fprintf(&resources, "    %s => {", labelOf(i))
				for member, weight := range weights {
					fmt.Fprintf(&resources, " m%d = [ %s, %d ],", member, address(i, member), weight)
				}
				resources.WriteString(" }\n")
			}
			return map[string]string{
				"config": fmt.Sprintf(`options => { listen => "127.0.0.1:%d", udp_threads => 1, tcp_threads => 1,
  run_dir => "%s/run", state_dir => "%s/state" }
plugins => { weighted => { service_types => up, multi => false
%s} }
`, port, folder, folder, resources.String()),
				"zones/" + zone: zoneFile(func(i int) string { return fmt.Sprintf("%s DYNA weighted!%s\n", labelOf(i), labelOf(i)) }),
			}
		},
		args: func(folder string, _ int) []string { return []string{"-c", folder, "-R", "start"} },
	},
	{
		name: "NSD", program: "nsd",
		files: func(folder string, port int) map[string]string {
			return map[string]string{
				"nsd.conf": fmt.Sprintf(`server:
  ip-address: 127.0.0.1@%d
  server-count: 1
  username: ""
  zonesdir: "%s"
  pidfile: ""
  database: ""
  xfrdfile: ""
  zonelistfile: "%s/zone.list"
remote-control:
  control-enable: no
zone:
  name: %s
  zonefile: zone
`, port, folder, folder, zone),
				"zone": zoneFile(plainRecords),
			}
		},
		args: func(folder string, _ int) []string { return []string{"-d", "-c", folder + "/nsd.conf"} },
	},
	{
		name: "Knot", program: "knotd",
		files: func(folder string, port int) map[string]string {
			return map[string]string{
				"knot.conf": fmt.Sprintf(`server:
    listen: 127.0.0.1@%d
    rundir: "%s"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "%s"
template:
  - id: default
    storage: "%s"
zone:
  - domain: %s
    file: zone
`, port, folder, folder, folder, zone),
				"zone": zoneFile(plainRecords),
			}
		},
		args: func(folder string, _ int) []string { return []string{"-c", folder + "/knot.conf"} },
	},
	{
		name: "PowerDNS", program: "pdns_server",
		files: func(folder string, port int) map[string]string {
			return map[string]string{
				"pdns.conf": fmt.Sprintf(`launch=bind
bind-config=%s/named.conf
local-address=127.0.0.1
local-port=%d
socket-dir=%s
receiver-threads=1
distributor-threads=1
daemon=no
guardian=no
`, folder, port, folder),
				"named.conf": fmt.Sprintf("zone \"%s\" { type master; file \"%s/zone\"; };\n", zone, folder),
				"zone":       zoneFile(plainRecords),
			}
		},
		args: func(folder string, _ int) []string { return []string{"--config-dir=" + folder} },
	},
	{
		name: "CoreDNS", program: "coredns",
		files: func(folder string, port int) map[string]string {
			return map[string]string{
				"Corefile": fmt.Sprintf("%s:%d {\n  bind 127.0.0.1\n  file %s/zone\n  loadbalance\n}\n", zone, port, folder),
				"zone":     zoneFile(plainRecords),
			}
		},
		args: func(folder string, _ int) []string { return []string{"-conf", folder + "/Corefile"} },
	},
}

// contestant makes the product ready to run in a folder of its own; nil if it is not installed.
func (p product) contestant(folder, queries string) *contestant {
	program, err := exec.LookPath(p.program)
	if err != nil {
		return nil
	}
	own := filepath.Join(folder, p.program)
	return &contestant{
		name: p.name, queries: queries,
		setUp: func(port int) error {
			for name, text := range p.files(own, port) {
				path := filepath.Join(own, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
		command: func(port int) *exec.Cmd { return exec.Command(program, p.args(own, port)...) },
	}
}
