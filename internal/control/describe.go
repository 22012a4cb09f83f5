package control

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// Describe is the OpenAPI document of the socket, made from the routes themselves.
func Describe() map[string]any {
	reflector := &jsonschema.Reflector{Anonymous: true, DoNotReference: false, AllowAdditionalProperties: true}
	schemas := map[string]any{}
	paths := map[string]map[string]any{}
	for _, r := range routes() {
		op := map[string]any{
			"summary": r.what, "operationId": strings.ToLower(r.method) + strings.ReplaceAll(strings.TrimPrefix(r.path, "/v1"), "/", "_"), "x-class": r.class,
			"responses": map[string]any{
				"200": map[string]any{"description": "done", "content": content(r.answer, r.stream, reflector, schemas)},
				"403": problemAnswer("the caller may not do this"), "409": problemAnswer("it could not be done; the error says why"),
			},
		}
		if len(r.query) > 0 {
			op["parameters"] = parameters(r.query)
		}
		if r.body != nil {
			op["requestBody"] = map[string]any{"required": true, "content": content(r.body, false, reflector, schemas)}
		}
		if paths[r.path] == nil {
			paths[r.path] = map[string]any{}
		}
		paths[r.path][strings.ToLower(r.method)] = op
	}
	schemas["Problem"] = map[string]any{"type": "object", "properties": map[string]any{"error": map[string]any{"type": "string"}}}
	return map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "healer-sidecar", "version": "1",
			"description": "HTTP over the unix socket control.sock of the state directory, or over the one of the access block. The kernel says who calls; classes are read, act and admin.",
		},
		"servers": []any{map[string]any{"url": "http://sidecar", "description": "any host name, over the socket"}},
		"paths":   paths, "components": map[string]any{"schemas": schemas},
	}
}

func problemAnswer(what string) map[string]any {
	return map[string]any{"description": what, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Problem"}}}}
}

func parameters(query map[string]string) []any {
	var names []string
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []any
	for _, name := range names {
		all = append(all, map[string]any{"name": name, "in": "query", "description": query[name], "schema": map[string]any{"type": "string"}})
	}
	return all
}

// content describes the type of an example and moves what it refers to among the schemas.
func content(example any, stream bool, reflector *jsonschema.Reflector, schemas map[string]any) map[string]any {
	kind := "application/json"
	if stream {
		kind = "application/jsonl"
	}
	schema := plain(reflector.ReflectFromType(reflect.TypeOf(example)))
	if defs, ok := schema["$defs"].(map[string]any); ok {
		for name, def := range defs {
			schemas[name] = def
		}
		delete(schema, "$defs")
	}
	delete(schema, "$schema")
	return map[string]any{kind: map[string]any{"schema": schema}}
}

// plain is a schema as OpenAPI places it.
func plain(s *jsonschema.Schema) map[string]any {
	text, err := json.Marshal(s)
	var schema map[string]any
	if err == nil {
		err = json.Unmarshal([]byte(strings.ReplaceAll(string(text), "#/$defs/", "#/components/schemas/")), &schema)
	}
	if err != nil {
		return map[string]any{}
	}
	return schema
}
