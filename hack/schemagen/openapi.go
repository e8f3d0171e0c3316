package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/schema"
)

// document is the part of an OpenAPI 2 file that matters here.
type document struct {
	Info struct {
		Version     string
		Description string
	}
	Paths       map[string]map[string]operation
	Definitions map[string]definition
}

type operation struct {
	Responses map[string]struct {
		Schema struct {
			Ref string `json:"$ref"`
		}
	}
}

type definition struct {
	Required   []string
	Properties map[string]property
}

type property struct {
	Description string
	Type        string
	Format      string
	Ref         string `json:"$ref"`
	ReadOnly    bool
	Default     any
	Items       *property
}

// compiler gathers what the object types reach.
type compiler struct {
	definitions map[string]definition
	defaults    zeroDefaults
	messages    map[string]*schema.Message
	enums       map[string]int
	catalog     schema.Catalog
}

// compile builds the catalogue of the given models, and of the given messages of further models, from the SDK's directory.
func compile(dir string, models []string, views map[string][]string) (*schema.Catalog, error) {
	c := &compiler{
		definitions: map[string]definition{},
		defaults:    zeroDefaults{dir: filepath.Join(dir, "java", "src", "com", "vmware", "avi", "sdk", "model")},
		messages:    map[string]*schema.Message{},
		enums:       map[string]int{},
	}
	models = append([]string(nil), models...)
	sort.Strings(models)
	for _, model := range models {
		if err := c.addType(dir, model); err != nil {
			return nil, err
		}
	}
	for _, t := range c.catalog.Types {
		if err := c.addMessage(t.Model); err != nil {
			return nil, err
		}
	}
	if err := c.addViews(dir, views); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(c.messages))
	for name := range c.messages {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c.catalog.Messages = append(c.catalog.Messages, c.messages[name])
	}
	sort.Slice(c.catalog.Types, func(i, j int) bool { return c.catalog.Types[i].Name < c.catalog.Types[j].Name })
	return &c.catalog, nil
}

// addType reads the file of one model as that of an object type.
func (c *compiler) addType(dir, model string) error {
	doc, err := c.read(dir, model)
	if err != nil {
		return err
	}
	name := strings.ToLower(model)
	list := doc.Paths["/"+name]["get"].Responses["200"].Schema.Ref
	c.catalog.Version = doc.Info.Version
	c.catalog.Types = append(c.catalog.Types, &schema.Type{
		Name:       name,
		Model:      model,
		Permission: permission(doc.Info.Description),
		Singleton:  singletons[model] || strings.TrimPrefix(list, "#/definitions/") == model,
	})
	return nil
}

// addViews compiles messages of models that are no object types.
func (c *compiler) addViews(dir string, views map[string][]string) error {
	for _, model := range slices.Sorted(maps.Keys(views)) {
		if _, err := c.read(dir, model); err != nil {
			return err
		}
		for _, name := range views[model] {
			if err := c.addMessage(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads the file of one model and takes its definitions. Files repeat shared definitions; they differ in prose only,
// and the first file wins.
func (c *compiler) read(dir, model string) (doc document, err error) {
	file := filepath.Join(dir, "swagger", model+".json")
	data, err := os.ReadFile(file)
	if err != nil {
		return doc, fmt.Errorf("read OpenAPI file of %s: %w", model, err)
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return doc, fmt.Errorf("%s: %w", file, err)
	}
	for name, def := range doc.Definitions {
		if _, ok := c.definitions[name]; !ok {
			c.definitions[name] = def
		}
	}
	return doc, nil
}

// takes reports whether a field of a message goes into the catalogue.
func takes(message, field string) bool {
	if kept, ok := keptFields[message]; ok {
		return slices.Contains(kept, field)
	}
	return !slices.Contains(droppedFields[message], field)
}

// addMessage compiles a message and everything below it.
func (c *compiler) addMessage(name string) error {
	if c.messages[name] != nil {
		return nil
	}
	def, ok := c.definitions[name]
	if !ok {
		return fmt.Errorf("no definition of %s in any file", name)
	}
	m := &schema.Message{Name: name}
	c.messages[name] = m
	zeros, err := c.defaults.of(name)
	if err != nil {
		return err
	}
	required := map[string]bool{}
	for _, field := range def.Required {
		required[field] = true
	}
	fields := make([]string, 0, len(def.Properties))
	for field := range def.Properties {
		if takes(name, field) {
			fields = append(fields, field)
		}
	}
	sort.Strings(fields)
	for _, field := range fields {
		f, err := c.field(name, field, def.Properties[field])
		if err != nil {
			return err
		}
		f.Required = required[field]
		if zero, ok := zeros[field]; ok && f.Default == nil && !f.Repeated {
			f.Default = canonical(f.Kind, zero)
		}
		m.Fields = append(m.Fields, f)
		if f.MessageName != "" {
			if err := c.addMessage(f.MessageName); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *compiler) field(message, name string, p property) (schema.Field, error) {
	said := describe(p.Description)
	value := p
	f := schema.Field{Name: name, ReadOnly: p.ReadOnly, Ref: said.ref, SinceText: said.since}
	if p.Type == "array" {
		if p.Items == nil {
			return f, fmt.Errorf("%s.%s: a list without item type", message, name)
		}
		value, f.Repeated = *p.Items, true
		f.ItemsMin, f.ItemsMax = said.itemsMin, said.itemsMax
		if value.Format == "" {
			value.Format = p.Format
		}
	}
	kind, err := kindOf(value)
	if err != nil {
		return f, fmt.Errorf("%s.%s: %w", message, name, err)
	}
	f.Kind = kind
	f.Default = canonical(kind, p.Default)
	switch kind {
	case schema.Object:
		f.MessageName = strings.TrimPrefix(value.Ref, "#/definitions/")
	case schema.String:
		f.EnumID = c.enumID(said.enum)
		f.Sensitive = sensitiveFields[name] || sensitiveIn[message+"."+name]
	case schema.Bool:
	default:
		f.Allowed = said.allowed
	}
	return f, nil
}

func kindOf(p property) (schema.Kind, error) {
	if p.Ref != "" {
		return schema.Object, nil
	}
	switch p.Type {
	case "string":
		return schema.String, nil
	case "boolean":
		return schema.Bool, nil
	case "number":
		return schema.Float, nil
	case "integer":
		switch p.Format {
		case "int32":
			return schema.Int32, nil
		case "int64":
			return schema.Int64, nil
		case "uint32":
			return schema.Uint32, nil
		case "uint64":
			return schema.Uint64, nil
		}
	}
	return 0, fmt.Errorf("unknown type %q, format %q", p.Type, p.Format)
}

// canonical brings a default into the form of stored bodies. JSON has but one kind of number.
func canonical(kind schema.Kind, value any) any {
	x, ok := value.(float64)
	if !ok || kind == schema.Float {
		return value
	}
	return int64(x)
}

// enumID numbers distinct value lists in order of first use; 0 is "no list".
func (c *compiler) enumID(values []string) int {
	if len(values) == 0 {
		return 0
	}
	key := strings.Join(values, ",")
	id, ok := c.enums[key]
	if !ok {
		c.catalog.Enums = append(c.catalog.Enums, values)
		id = len(c.catalog.Enums)
		c.enums[key] = id
	}
	return id
}
