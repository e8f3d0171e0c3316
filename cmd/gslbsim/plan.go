package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gslbsim/gslbsim/operator/avi"
	"github.com/gslbsim/gslbsim/operator/lint"
	"github.com/gslbsim/gslbsim/operator/manifest"
	"github.com/gslbsim/gslbsim/operator/preview"
)

// Exit statuses of `gslbsim plan`, beside exitOK and exitUnusable.
const (
	exitProblems = 1
	exitChanges  = 3
)

type planFlags struct {
	files    []string
	clusters []string

	controller, user, password, passwordFile, version string
	snapshot                                          string

	json, exitCode bool
}

func newPlan() *cobra.Command {
	var flags planFlags
	cmd := &cobra.Command{
		Use:   "plan -f FILE|FOLDER ... --cluster CONTEXT=FILE|FOLDER ...",
		Short: "Print what the operator would change on a controller, without changing it",
		Long: `Prints which GSLB services and health monitors the operator would create, update field by
field, and delete. -f names the operator's own objects (GSLBConfig, GlobalDeploymentPolicy,
GSLBHostRules) or values of AMKO's chart, --cluster those of a member cluster by its context
name (Ingresses, Services, HostRules, Namespaces ...); without -f the cluster is searched that
has a GSLBConfig. Members of a cluster that is not given stay as they are.

The controller is one that is asked (--controller, which only reads), a file that
gslbsim avi snapshot or --save wrote (--snapshot), or else holds nothing. VIPs come from
the status that AKO wrote (kubectl get ... -o yaml has it), else from the controller.

Exit status: 0 a plan was made (with --exit-code 3 if something would change), 1 something
would be refused, 2 unusable input.`,
		Example: `  gslbsim plan -f gslb/ --cluster vks-01=region01/ --cluster vks-02=region02/
  gslbsim plan -f gslb/ --cluster vks-01=region01/ --controller https://avi.example.com --user reader --password-file pw
  gslbsim plan -f values.yaml --cluster vks-01=region01/ --snapshot state.json --exit-code`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%s: files of the operator's own cluster are given with -f, those of a member cluster with --cluster CONTEXT=%s", args[0], args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&flags.files, "file", "f", nil, "file or folder with the operator's own objects, - for standard input; may be repeated")
	f.StringArrayVar(&flags.clusters, "cluster", nil, "CONTEXT=FILE|FOLDER: objects of a member cluster; may be repeated")
	f.StringVar(&flags.controller, "controller", "", "URL of a controller to compare with; it is only read")
	f.StringVar(&flags.user, "user", "admin", "account to log in to the controller with")
	f.StringVar(&flags.password, "password", "", "its password (others on this machine may see it: prefer a file)")
	f.StringVar(&flags.passwordFile, "password-file", "", "file with its password; or set "+passwordVariable)
	f.StringVar(&flags.version, "api-version", "", "X-Avi-Version to send (default: the GSLBConfig's)")
	f.StringVar(&flags.snapshot, "snapshot", "", "file with a controller's state to compare with")
	f.BoolVar(&flags.json, "json", false, "print JSON")
	f.BoolVar(&flags.exitCode, "exit-code", false, "exit with 3 if something would change")
	return cmd
}

func runPlan(cmd *cobra.Command, flags planFlags) error {
	in, err := planInput(flags, cmd.InOrStdin())
	if err != nil {
		return err
	}
	held, done, err := holdings(cmd.Context(), flags, in)
	if err != nil {
		return err
	}
	defer done()
	in.Controller = held
	plan, err := preview.Make(cmd.Context(), in)
	if err != nil {
		return err
	}
	write := plan.WriteText
	if flags.json {
		write = plan.WriteJSON
	}
	if err := write(cmd.OutOrStdout()); err != nil {
		return err
	}
	switch {
	case len(plan.Problems) > 0:
		return exit{exitProblems}
	case flags.exitCode && len(plan.Changes) > 0:
		return exit{exitChanges}
	}
	return nil
}

// planInput reads the files.
func planInput(flags planFlags, stdin io.Reader) (preview.Input, error) {
	in := preview.Input{Members: map[string][]*unstructured.Unstructured{}}
	if len(flags.files)+len(flags.clusters) == 0 {
		return in, errors.New("give the operator's own objects with -f, and those of member clusters with --cluster CONTEXT=FOLDER")
	}
	var faults []error
	read := func(name, namespace string) []*unstructured.Unstructured {
		objects, err := readObjects(name, namespace, stdin)
		faults = append(faults, err)
		return objects
	}
	valuesFrom := ""
	for _, name := range flags.files {
		if rendered, ok, err := readValues(name); ok {
			if valuesFrom != "" {
				return in, fmt.Errorf("%s and %s are both values of the chart; give one file, as `helm get values --all` prints it", valuesFrom, name)
			}
			valuesFrom, in.Own, faults = name, append(in.Own, rendered...), append(faults, err)
			continue
		}
		in.Own = append(in.Own, read(name, "avi-system")...)
	}
	for _, pair := range flags.clusters {
		context, name, ok := strings.Cut(pair, "=")
		if !ok || context == "" || name == "" {
			return in, fmt.Errorf("--cluster %s: write CONTEXT=FILE or CONTEXT=FOLDER", pair)
		}
		in.Members[context] = append(in.Members[context], read(name, "default")...)
	}
	if err := errors.Join(faults...); err != nil {
		return in, err
	}
	if len(flags.files) == 0 {
		return in, ownFromMembers(&in)
	}
	return in, nil
}

// ownFromMembers takes the one member cluster that has a GSLBConfig, and leads if an AMKOCluster says which one does, for the
// operator's own.
func ownFromMembers(in *preview.Input) error {
	var candidates []string
	for context, objects := range in.Members {
		config := slices.ContainsFunc(objects, func(u *unstructured.Unstructured) bool { return u.GetKind() == "GSLBConfig" })
		follows := slices.ContainsFunc(objects, func(u *unstructured.Unstructured) bool {
			leads, given, _ := unstructured.NestedBool(u.Object, "spec", "isLeader")
			return u.GetKind() == "AMKOCluster" && given && !leads
		})
		if config && !follows {
			candidates = append(candidates, context)
		}
	}
	slices.Sort(candidates)
	switch len(candidates) {
	case 0:
		return errors.New("no cluster that leads has a GSLBConfig; name the operator's own objects with -f")
	case 1:
		in.Own = in.Members[candidates[0]]
		return nil
	}
	return fmt.Errorf("clusters %s have a GSLBConfig each; name the operator's own objects with -f", strings.Join(candidates, " and "))
}

// readValues reads values of the chart as the objects that it makes of them; ok says that the file has such values. Mistakes in
// them are in the error.
func readValues(name string) (objects []*unstructured.Unstructured, ok bool, err error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false, nil
	}
	data, err := readSource(name, nil)
	if err != nil {
		return nil, false, nil
	}
	source := lint.Source{Name: sourceName(name), Data: data, Named: true}
	if objects = lint.Render(source); len(objects) == 0 {
		return nil, false, nil
	}
	report, err := lint.Check([]lint.Source{source}, lint.Options{})
	if err != nil {
		return nil, true, err
	}
	var mistakes []error
	for _, f := range report.Findings {
		if f.Severity == lint.Error {
			mistakes = append(mistakes, inFile{errors.New(f.String())})
		}
	}
	return objects, true, errors.Join(mistakes...)
}

// readObjects reads the manifests of a file or a folder. All their faults are in the error.
func readObjects(name, namespace string, stdin io.Reader) ([]*unstructured.Unstructured, error) {
	sources, err := readSources([]string{name}, stdin)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	var faults []error
	for _, s := range sources {
		if !s.Named && !slices.ContainsFunc([]string{"apiVersion", `"apiVersion"`}, func(mark string) bool { return strings.Contains(string(s.Data), mark) }) {
			continue // values and other things that lie beside manifests
		}
		documents, err := manifest.Load(s.Name, s.Data, manifest.Options{AllowUnknownKinds: true, AllowRefused: true, Namespace: namespace})
		if err != nil {
			faults = append(faults, inFile{err})
		}
		for _, d := range documents {
			objects = append(objects, d.Object)
		}
	}
	if len(faults) == 0 && len(objects) == 0 {
		return nil, fmt.Errorf("%s: no objects found", name)
	}
	return objects, errors.Join(faults...)
}

// holdings is what the controller holds, and what is to be done in the end.
func holdings(ctx context.Context, flags planFlags, in preview.Input) (preview.Holdings, func(), error) {
	nothing := func() {}
	switch {
	case flags.controller != "" && flags.snapshot != "":
		return nil, nothing, errors.New("--controller and --snapshot: give one of them")
	case flags.snapshot != "":
		raw, err := os.ReadFile(flags.snapshot)
		if err != nil {
			return nil, nothing, fmt.Errorf("--snapshot: %s cannot be read: %w", flags.snapshot, reason(err))
		}
		s, err := preview.ReadSnapshot(raw)
		if err != nil {
			return nil, nothing, fmt.Errorf("--snapshot: %s %w", flags.snapshot, err)
		}
		return s, nothing, nil
	case flags.controller == "":
		return nil, nothing, nil
	}
	host, err := hostOf(flags.controller)
	if err != nil {
		return nil, nothing, fmt.Errorf("--controller: %w", err)
	}
	password, err := snapshotFlags{password: flags.password, passwordFile: flags.passwordFile}.secret()
	if err != nil {
		return nil, nothing, err
	}
	config := avi.Config{Address: host, Username: flags.user, Password: password, Version: flags.version}
	if config.Version == "" {
		config.Version = configuredVersion(in.Own)
	}
	client, _, err := avi.FindLeader(ctx, config, []string{host})
	if err != nil {
		return nil, nothing, fmt.Errorf("--controller: %w", err)
	}
	return client, client.Close, nil
}

// configuredVersion is the API version that the GSLBConfig names.
func configuredVersion(own []*unstructured.Unstructured) string {
	for _, u := range own {
		if u.GetKind() == "GSLBConfig" {
			version, _, _ := unstructured.NestedString(u.Object, "spec", "gslbLeader", "controllerVersion")
			return version
		}
	}
	return ""
}
