package world

import (
	"context"
	"sync"
)

// program is a process on a host: it runs while the host has power, and starts anew when power returns.
type program struct {
	name string
	host string
	run  func(ctx context.Context) error

	cancel context.CancelFunc
}

// programs is the set of all processes of a world.
type programs struct {
	ctx    context.Context
	all    []*program
	failed func(name string, err error)
	ended  sync.WaitGroup
}

func (p *programs) add(prog *program) { p.all = append(p.all, prog) }

// start runs the programs of a host that do not run. It does not block.
func (p *programs) start(host string) {
	for _, prog := range p.all {
		if prog.host != host || prog.cancel != nil {
			continue
		}
		ctx, cancel := context.WithCancel(p.ctx)
		prog.cancel = cancel
		p.ended.Go(func() {
			if err := prog.run(ctx); err != nil && ctx.Err() == nil {
				p.failed(prog.name, err)
			}
		})
	}
}

// stop ends the programs of a host. It does not wait for them.
func (p *programs) stop(host string) {
	for _, prog := range p.all {
		if prog.host == host && prog.cancel != nil {
			prog.cancel()
			prog.cancel = nil
		}
	}
}

// wait blocks until all programs that ever ran have ended.
func (p *programs) wait() { p.ended.Wait() }
