package mcp

import (
	"context"
	"encoding/json"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	statusURI    = "healer://status"
	incidentURI  = "healer://incident/"
	jsonMIMEType = "application/json"
)

func addResources(s *sdk.Server, o Options) {
	s.AddResource(&sdk.Resource{Name: "status", URI: statusURI, MIMEType: jsonMIMEType, Description: "Health of all agents"},
		func(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
			status, err := o.Reader.Status(ctx)
			return content(req.Params.URI, viewStatus(status, ""), err)
		})
	s.AddResourceTemplate(&sdk.ResourceTemplate{
		Name: "incident", URITemplate: incidentURI + "{id}", MIMEType: jsonMIMEType, Description: "Story of one incident",
	}, func(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
		id := strings.TrimPrefix(req.Params.URI, incidentURI)
		told, err := tell(ctx, o.Reader, id, "")
		if err != nil {
			return nil, sdk.ResourceNotFoundError(req.Params.URI)
		}
		return content(req.Params.URI, told, nil)
	})
}

func content(uri string, v any, err error) (*sdk.ReadResourceResult, error) {
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: uri, MIMEType: jsonMIMEType, Text: string(text)}}}, nil
}
