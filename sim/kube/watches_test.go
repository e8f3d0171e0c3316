package kube_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"

	"github.com/gslbsim/gslbsim/sim/kube"
)

// base is the resource version of a server as inBubble hands it out. Tests count from there.
const base = 9

// at returns the n-th resource version after base.
func at(n int) string { return fmt.Sprint(base + n) }

// watching is a watch whose events are collected as they come.
type watching struct {
	lines  chan string
	cancel context.CancelFunc
}

// startWatch opens a watch. It must run inside of a bubble.
func startWatch(t *testing.T, config *rest.Config, url string, headers ...string) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", config.Host+url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := config.Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s: status %d: %s", url, resp.StatusCode, body)
	}
	w := &watching{lines: make(chan string, 10_000), cancel: cancel}
	go func() {
		defer close(w.lines)
		defer resp.Body.Close()
		for in := bufio.NewScanner(resp.Body); in.Scan(); {
			w.lines <- in.Text()
		}
	}()
	return w
}

// events returns what has come since the last call, each as "TYPE name version", where versions count from base,
// and "END" at the end.
func (w *watching) events() []string {
	synctest.Wait()
	out := []string{}
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				return append(out, "END")
			}
			out = append(out, summary(line))
		default:
			return out
		}
	}
}

func summary(line string) string {
	var e struct {
		Type   string
		Object struct {
			Kind, Message string
			Code          int
			Metadata      struct {
				Name, ResourceVersion string
				Annotations           map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		return err.Error() + ": " + line
	}
	o := e.Object
	var version int
	_, _ = fmt.Sscan(o.Metadata.ResourceVersion, &version) // errors have none
	version -= base
	switch {
	case e.Type == "ERROR":
		return fmt.Sprintf("ERROR %d %s", o.Code, o.Message)
	case o.Metadata.Annotations["k8s.io/initial-events-end"] == "true":
		return fmt.Sprintf("BOOKMARK initial-events-end %d", version)
	case e.Type == "BOOKMARK":
		return fmt.Sprintf("BOOKMARK %d", version)
	}
	return fmt.Sprintf("%s %s %d", e.Type, o.Metadata.Name, version)
}

// inBubble runs a test against a server with widgets over in-memory connections, in virtual time. When the test is done,
// all that the server started must have ended: a bubble waits for it.
func inBubble(t *testing.T, cfg kube.Config, test func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config)) {
	t.Helper()
	cfg.CRDs = []*apiextensionsv1.CustomResourceDefinition{widgetCRD(t)}
	synctest.Test(t, func(t *testing.T) {
		s, config, stop := start(t, cfg)
		defer stop()
		for _, namespace := range []string{"a", "b"} {
			must(t, 201, call(s, "POST", "/api/v1/namespaces", `{"metadata":{"name":"`+namespace+`"}}`))
		}
		if rv := call(s, "GET", secretURL, "").get("metadata", "resourceVersion"); rv != at(0) {
			t.Fatalf("the server starts at resource version %s, the tests count from %s", rv, at(0))
		}
		test(t, NewWithT(t), s, config)
	})
}

func secret(name, labels string) string {
	return fmt.Sprintf(`{"metadata":{"name":%q,"labels":%s}}`, name, labels)
}

func TestWatchFromAVersion(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		must(t, 201, call(s, "POST", secretURL, secret("x", `{}`))) // 1
		w := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(1))
		g.Expect(w.events()).To(BeEmpty())
		must(t, 201, call(s, "POST", secretURL, secret("y", `{}`)))
		must(t, 201, call(s, "POST", strings.Replace(secretURL, "/a/", "/b/", 1), secret("other", `{}`)))
		must(t, 200, call(s, "PATCH", secretURL+"/x", `{"type":null,"data":{"a":"MQ=="}}`, "Content-Type", mergePatch))
		must(t, 200, call(s, "DELETE", secretURL+"/y", ""))
		g.Expect(w.events()).To(Equal([]string{"ADDED y 2", "MODIFIED x 4", "DELETED y 5"}))

		again := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(2))
		g.Expect(again.events()).To(Equal([]string{"MODIFIED x 4", "DELETED y 5"}), "a watch resumes where another ended")
		everywhere := startWatch(t, config, "/api/v1/secrets?watch=true&resourceVersion="+at(2))
		g.Expect(everywhere.events()).To(Equal([]string{"ADDED other 3", "MODIFIED x 4", "DELETED y 5"}))
		w.cancel()
		g.Expect(w.events()).To(Equal([]string{"END"}))
	})
}

func TestWatchStreamsTheInitialList(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		for _, name := range []string{"y", "x"} {
			must(t, 201, call(s, "POST", secretURL, secret(name, `{}`)))
		}
		w := startWatch(t, config, secretURL+"?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
		g.Expect(w.events()).To(Equal([]string{"ADDED x 2", "ADDED y 1", "BOOKMARK initial-events-end 2"}))
		must(t, 201, call(s, "POST", secretURL, secret("z", `{}`)))
		g.Expect(w.events()).To(Equal([]string{"ADDED z 3"}))

		legacy := startWatch(t, config, secretURL+"?watch=true")
		g.Expect(legacy.events()).To(Equal([]string{"ADDED x 2", "ADDED y 1", "ADDED z 3"}))
		quiet := startWatch(t, config, secretURL+"?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
		g.Expect(quiet.events()).To(BeEmpty())
		must(t, 422, call(s, "GET", secretURL+"?watch=true&sendInitialEvents=true", ""))
		must(t, 504, call(s, "GET", secretURL+"?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99", ""))
	})
}

// TestWatchSeesItsSelection: objects that come into a selection are added, those that leave it deleted.
func TestWatchSeesItsSelection(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		relabel := func(name, app string) {
			must(t, 200, call(s, "PATCH", secretURL+"/"+name, `{"metadata":{"labels":{"app":"`+app+`"}}}`, "Content-Type", mergePatch))
		}
		must(t, 201, call(s, "POST", secretURL, secret("x", `{"app":"a"}`))) // 1
		must(t, 201, call(s, "POST", secretURL, secret("y", `{"app":"b"}`))) // 2
		w := startWatch(t, config, secretURL+"?watch=true&labelSelector=app%3Da")
		named := startWatch(t, config, secretURL+"?watch=true&fieldSelector=metadata.name%3Dy&resourceVersion="+at(2))
		g.Expect(w.events()).To(Equal([]string{"ADDED x 1"}))
		relabel("x", "b") // 3
		relabel("y", "a") // 4
		relabel("x", "c") // 5
		must(t, 200, call(s, "DELETE", secretURL+"/x", ""))
		must(t, 200, call(s, "DELETE", secretURL+"/y", "")) // 7
		g.Expect(w.events()).To(Equal([]string{"DELETED x 3", "ADDED y 4", "DELETED y 7"}))
		g.Expect(named.events()).To(Equal([]string{"MODIFIED y 4", "DELETED y 7"}))

		must(t, 201, call(s, "POST", widgetURL, widget("w", `{"color":"red"}`)))
		red := startWatch(t, config, widgetURL+"?watch=true&fieldSelector=spec.color%3Dred")
		must(t, 200, call(s, "PATCH", widgetURL+"/w", `{"spec":{"color":"green"}}`, "Content-Type", mergePatch))
		g.Expect(red.events()).To(HaveExactElements(HavePrefix("ADDED w"), HavePrefix("DELETED w")))
	})
}

func TestWatchForms(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		must(t, 201, call(s, "POST", widgetURL, widget("w", `{}`)))
		read := func(w *watching) (out []string) {
			synctest.Wait()
			for len(w.lines) > 0 {
				out = append(out, <-w.lines)
			}
			return out
		}
		const query = "?watch=true&allowWatchBookmarks=true"
		metadata := read(startWatch(t, config, widgetURL+query, "Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"))
		g.Expect(metadata).To(HaveLen(2))
		g.Expect(metadata[0]).To(And(HavePrefix(`{"type":"ADDED","object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"w"`),
			Not(ContainSubstring("spec"))))
		g.Expect(metadata[1]).To(HavePrefix(`{"type":"BOOKMARK","object":{"kind":"PartialObjectMetadata"`))

		tables := startWatch(t, config, widgetURL+query, "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
		first := read(tables)
		g.Expect(first).To(HaveLen(2))
		g.Expect(first[0]).To(And(ContainSubstring(`"kind":"Table"`), ContainSubstring(`"columnDefinitions":[{"name":"Name"`), ContainSubstring(`"cells":["w",3,"blue","0s"]`)))
		g.Expect(first[1]).To(ContainSubstring("k8s.io/initial-events-end"))
		must(t, 201, call(s, "POST", widgetURL, widget("v", `{}`)))
		next := read(tables)
		g.Expect(next).To(HaveLen(1))
		g.Expect(next[0]).To(ContainSubstring(`"columnDefinitions":null`), "columns come with the first event only")
	})
}

func TestWatchesEndInTime(t *testing.T) {
	inBubble(t, kube.Config{BookmarkInterval: -1}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		short := startWatch(t, config, secretURL+"?watch=true&timeoutSeconds=5")
		long := startWatch(t, config, secretURL+"?watch=true")
		time.Sleep(4 * time.Second)
		must(t, 201, call(s, "POST", secretURL, secret("x", `{}`)))
		g.Expect(short.events()).To(Equal([]string{"ADDED x 1"}))
		time.Sleep(time.Second)
		g.Expect(short.events()).To(Equal([]string{"END"}))
		time.Sleep(29 * time.Minute)
		g.Expect(long.events()).To(Equal([]string{"ADDED x 1"}))
		time.Sleep(time.Minute)
		g.Expect(long.events()).To(Equal([]string{"END"}))
	})
	inBubble(t, kube.Config{WatchDuration: time.Hour}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		w := startWatch(t, config, secretURL+"?watch=true&timeoutSeconds=5")
		time.Sleep(time.Hour - time.Second)
		g.Expect(w.events()).To(BeEmpty())
		time.Sleep(time.Second)
		g.Expect(w.events()).To(Equal([]string{"END"}))
	})
}

func TestBookmarks(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		w := startWatch(t, config, secretURL+"?watch=true&allowWatchBookmarks=true&resourceVersion="+at(0))
		plain := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(0))
		time.Sleep(10 * time.Minute)
		g.Expect(w.events()).To(BeEmpty(), "there is nothing to tell")
		must(t, 201, call(s, "POST", widgetURL, widget("w", `{}`))) // 1
		time.Sleep(time.Minute)
		g.Expect(w.events()).To(Equal([]string{"BOOKMARK 1"}))
		must(t, 201, call(s, "POST", secretURL, secret("x", `{}`)))
		time.Sleep(10 * time.Minute)
		g.Expect(w.events()).To(Equal([]string{"ADDED x 2"}), "an event says as much as a bookmark")
		g.Expect(plain.events()).To(Equal([]string{"ADDED x 2"}))
	})
}

func TestOldVersionsAreGone(t *testing.T) {
	inBubble(t, kube.Config{HistoryLimit: 3}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		for i := range 6 {
			must(t, 201, call(s, "POST", secretURL, secret(fmt.Sprint("s", i), `{}`))) // 1 ... 6
		}
		w := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(2))
		g.Expect(w.events()).To(Equal([]string{"ERROR 410 too old resource version: " + at(2) + " (" + at(3) + ")", "END"}))
		w = startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(3))
		g.Expect(w.events()).To(Equal([]string{"ADDED s3 4", "ADDED s4 5", "ADDED s5 6"}))
	})
}

func TestRestartEndsWatches(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		must(t, 201, call(s, "POST", secretURL, secret("x", `{}`))) // 1
		w := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(1))
		must(t, 201, call(s, "POST", secretURL, secret("y", `{}`))) // 2
		s.Restart()
		g.Expect(w.events()).To(Equal([]string{"ADDED y 2", "END"}))
		g.Expect(call(s, "GET", secretURL, "").names()).To(Equal([]string{"x", "y"}), "objects stay")
		g.Expect(startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(1)).events()).To(
			Equal([]string{"ERROR 410 too old resource version: " + at(1) + " (" + at(2) + ")", "END"}))
		current := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(2))
		must(t, 201, call(s, "POST", secretURL, secret("z", `{}`)))
		g.Expect(current.events()).To(Equal([]string{"ADDED z 3"}))
	})
}

func TestCloseEndsWatches(t *testing.T) {
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		w := startWatch(t, config, secretURL+"?watch=true&resourceVersion="+at(0))
		s.Close()
		g.Expect(w.events()).To(Equal([]string{"END"}))
		r := must(t, 503, call(s, "GET", secretURL, ""))
		g.Expect(r.get("reason")).To(Equal("ServiceUnavailable"))
		s.Close()
	})
}

// TestSlowWatchIsEnded has a client that does not read. Its handler is blocked in a write; the server must neither wait
// for it nor keep without limit what it has not read, and Close must get it out.
func TestSlowWatchIsEnded(t *testing.T) {
	inBubble(t, kube.Config{WatchLag: 20}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", config.Host+secretURL+"?watch=true&resourceVersion="+at(0), nil)
		g.Expect(err).NotTo(HaveOccurred())
		resp, err := config.Transport.RoundTrip(r)
		g.Expect(err).NotTo(HaveOccurred())
		defer resp.Body.Close()
		big := strings.Repeat("x", 1<<16)
		for i := range 40 {
			must(t, 201, call(s, "POST", secretURL, fmt.Sprintf(`{"metadata":{"name":"s%d"},"stringData":{"a":%q}}`, i, big)))
			synctest.Wait()
		}
		var last string
		in := bufio.NewReader(resp.Body)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				break
			}
			last = line
		}
		g.Expect(summary(last)).To(Equal("ERROR 410 too old resource version: the watch is too far behind; list again"))
	})
	inBubble(t, kube.Config{}, func(t *testing.T, g *WithT, s *kube.Server, config *rest.Config) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", config.Host+secretURL+"?watch=true&resourceVersion="+at(0), nil)
		g.Expect(err).NotTo(HaveOccurred())
		resp, err := config.Transport.RoundTrip(r)
		g.Expect(err).NotTo(HaveOccurred())
		defer resp.Body.Close()
		for i := range 10 {
			must(t, 201, call(s, "POST", secretURL, fmt.Sprintf(`{"metadata":{"name":"s%d"},"stringData":{"a":%q}}`, i, strings.Repeat("x", 1<<16))))
		}
		synctest.Wait()
		s.Close()
		synctest.Wait()
		rest, _ := io.ReadAll(resp.Body)
		g.Expect(len(rest)).To(BeNumerically("<", 10<<16), "the handler must not wait until all has been read")
	})
}
