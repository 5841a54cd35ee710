// Does with the Go SDK what is asked on standard input, one JSON object a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"time"

	"skillbox"
)

type bytesValue struct {
	Base64 []byte `json:"base64"`
}

// arguments of all operations; each uses its own.
type arguments struct {
	BaseURL        string             `json:"base_url"`
	APIKey         string             `json:"api_key"`
	TenantID       string             `json:"tenant_id"`
	Timeout        float64            `json:"timeout"`
	MaxRetries     *int               `json:"max_retries"`
	Skill          json.RawMessage    `json:"skill"`
	Input          json.RawMessage    `json:"input"`
	Version        string             `json:"version"`
	Env            map[string]string  `json:"env"`
	InputFiles     []string           `json:"input_files"`
	SessionID      string             `json:"session_id"`
	Entrypoint     string             `json:"entrypoint"`
	IdempotencyKey string             `json:"idempotency_key"`
	ExecutionID    string             `json:"execution_id"`
	LastEventID    string             `json:"last_event_id"`
	Path           string             `json:"path"`
	Result         skillbox.Execution `json:"result"`
	Directory      string             `json:"directory"`
	MaxBytes       int64              `json:"max_bytes"`
	Name           string             `json:"name"`
	Description    string             `json:"description"`
	Code           string             `json:"code"`
	Lang           string             `json:"lang"`
	Instructions   string             `json:"instructions"`
	Query          string             `json:"q"`
	Latest         bool               `json:"latest"`
	Limit          int                `json:"limit"`
	Offset         int                `json:"offset"`
	Cursor         string             `json:"cursor"`
	Reason         string             `json:"reason"`
	Tag            string             `json:"tag"`
	FileID         string             `json:"file_id"`
	Source         json.RawMessage    `json:"source"`
	Content        *bytesValue        `json:"content"`
	Append         bool               `json:"append"`
	Command        string             `json:"command"`
	Workdir        string             `json:"workdir"`
	TimeoutMS      int                `json:"timeout_ms"`
	Role           string             `json:"role"`
	ExpiresAt      string             `json:"expires_at"`
	KeyID          string             `json:"key_id"`
	Folder         string             `json:"folder"`
	Status         string             `json:"status"`
	Session        string             `json:"session"`
	Since          string             `json:"since"`
	Until          string             `json:"until"`
}

func (a *arguments) text(raw json.RawMessage) string {
	var text string
	_ = json.Unmarshal(raw, &text)
	return text
}

func (a *arguments) runRequest() skillbox.RunRequest {
	request := skillbox.RunRequest{Skill: a.text(a.Skill), Version: a.Version, Env: a.Env,
		InputFiles: a.InputFiles, SessionID: a.SessionID, Entrypoint: a.Entrypoint,
		Timeout:        time.Duration(a.Timeout * float64(time.Second)),
		IdempotencyKey: a.IdempotencyKey}
	if len(a.Input) > 0 {
		request.Input = a.Input
	}
	return request
}

func (a *arguments) upload() skillbox.Upload {
	upload := skillbox.Upload{Path: a.text(a.Source), Name: a.Name, SessionID: a.SessionID}
	var content bytesValue
	if json.Unmarshal(a.Source, &content) == nil {
		upload.Content = content.Base64
	}
	return upload
}

func bytesOf(content []byte, err error) (any, error) {
	return bytesValue{content}, err
}

func pageOf[T any](page *skillbox.Page[T], err error) (any, error) {
	if err != nil || page.NextCursor == "" {
		if err == nil && page.Items == nil {
			page.Items = []T{}
		}
		return items(page), err
	}
	return map[string]any{"items": page.Items, "next_cursor": page.NextCursor}, nil
}

func items[T any](page *skillbox.Page[T]) []T {
	if page == nil {
		return nil
	}
	return page.Items
}

func perform(ctx context.Context, c *skillbox.Client, op string, a *arguments) (any, error) {
	switch op {
	case "pack":
		return bytesOf(skillbox.PackSkill(a.Folder))
	case "health":
		return c.Health(ctx)
	case "ready":
		return c.Ready(ctx)
	case "server_version":
		return c.ServerVersion(ctx)
	case "run":
		return c.Run(ctx, a.runRequest())
	case "start":
		return c.Start(ctx, a.runRequest())
	case "wait":
		return c.Wait(ctx, a.ExecutionID)
	case "get_execution":
		return c.GetExecution(ctx, a.ExecutionID)
	case "get_execution_logs":
		return c.GetExecutionLogs(ctx, a.ExecutionID)
	case "get_execution_file":
		return bytesOf(c.GetExecutionFile(ctx, a.ExecutionID, a.Path))
	case "list_executions":
		return pageOf(c.ListExecutions(ctx, skillbox.ExecutionFilter{Skill: a.text(a.Skill), Status: a.Status,
			Session: a.Session, Since: a.Since, Until: a.Until, Limit: a.Limit, Cursor: a.Cursor}))
	case "cancel":
		return c.Cancel(ctx, a.ExecutionID)
	case "stream":
		return follow(ctx, c, a)
	case "download_files":
		return c.DownloadFiles(ctx, &a.Result, a.Directory, a.MaxBytes)
	case "register_skill":
		var content bytesValue
		if json.Unmarshal(a.Skill, &content) == nil {
			return c.RegisterSkillArchive(ctx, content.Base64)
		}
		return c.RegisterSkill(ctx, a.text(a.Skill))
	case "validate_skill":
		return c.ValidateSkill(ctx, a.text(a.Skill))
	case "register_skill_from_fields":
		return c.RegisterSkillFromFields(ctx, skillbox.SkillFields{Name: a.Name, Description: a.Description,
			Code: a.Code, Lang: a.Lang, Instructions: a.Instructions, Version: a.Version})
	case "list_skills":
		return pageOf(c.ListSkills(ctx, skillbox.SkillFilter{Name: a.Name, Query: a.Query, Latest: a.Latest,
			Limit: a.Limit, Cursor: a.Cursor}))
	case "list_skill_versions":
		return c.ListSkillVersions(ctx, a.Name)
	case "get_skill":
		return c.GetSkill(ctx, a.Name, a.Version)
	case "get_skill_files":
		return c.GetSkillFiles(ctx, a.Name, a.Version, a.Path)
	case "get_skill_archive":
		return bytesOf(c.GetSkillArchive(ctx, a.Name, a.Version))
	case "yank_skill":
		return c.YankSkill(ctx, a.Name, a.Version, a.Reason)
	case "unyank_skill":
		return c.UnyankSkill(ctx, a.Name, a.Version)
	case "delete_skill":
		return nil, c.DeleteSkill(ctx, a.Name, a.Version)
	case "list_skill_tags":
		return c.ListSkillTags(ctx, a.Name)
	case "set_skill_tag":
		return c.SetSkillTag(ctx, a.Name, a.Tag, a.Version)
	case "delete_skill_tag":
		return nil, c.DeleteSkillTag(ctx, a.Name, a.Tag)
	case "list_files":
		return c.ListFiles(ctx, skillbox.FileFilter{SessionID: a.SessionID, ExecutionID: a.ExecutionID,
			Limit: a.Limit, Offset: a.Offset})
	case "get_file":
		return c.GetFile(ctx, a.FileID)
	case "upload_file":
		return c.UploadFile(ctx, a.upload())
	case "download_file":
		body, err := c.DownloadFile(ctx, a.FileID)
		if err != nil {
			return nil, err
		}
		defer body.Close()
		return bytesOf(io.ReadAll(body))
	case "update_file":
		return c.UpdateFile(ctx, a.FileID, a.upload())
	case "delete_file":
		return nil, c.DeleteFile(ctx, a.FileID)
	case "list_file_versions":
		return c.ListFileVersions(ctx, a.FileID)
	case "list_session_files":
		return c.ListSessionFiles(ctx, a.SessionID)
	case "get_session_file":
		return bytesOf(c.GetSessionFile(ctx, a.SessionID, a.Path))
	case "write_session_file":
		return c.WriteSessionFile(ctx, a.SessionID, a.Path, a.Content.Base64, a.Append)
	case "delete_session_file":
		return nil, c.DeleteSessionFile(ctx, a.SessionID, a.Path)
	case "delete_session":
		return nil, c.DeleteSession(ctx, a.SessionID)
	case "execute":
		return c.Execute(ctx, a.SessionID, skillbox.Command{Command: a.Command, Workdir: a.Workdir,
			Timeout: time.Duration(a.TimeoutMS) * time.Millisecond})
	case "create_key":
		return c.CreateKey(ctx, skillbox.NewKey{Name: a.Name, Role: a.Role, ExpiresAt: a.ExpiresAt})
	case "list_keys":
		return c.ListKeys(ctx)
	case "revoke_key":
		return nil, c.RevokeKey(ctx, a.KeyID)
	}
	log.Fatalf("no operation %q", op)
	return nil, nil
}

func follow(ctx context.Context, c *skillbox.Client, a *arguments) (any, error) {
	stream, err := c.Stream(ctx, a.ExecutionID, a.LastEventID)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	events := []*skillbox.Event{}
	for {
		event, err := stream.Next()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
}

func newClient(a *arguments) (*skillbox.Client, error) {
	options := skillbox.Options{APIKey: a.APIKey, TenantID: a.TenantID,
		Timeout: time.Duration(a.Timeout * float64(time.Second))}
	if a.MaxRetries != nil {
		options.MaxRetries = *a.MaxRetries
		if options.MaxRetries == 0 {
			options.MaxRetries = -1
		}
	}
	return skillbox.NewClient(a.BaseURL, options)
}

func main() {
	var client *skillbox.Client
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var request struct {
			Op   string
			Args json.RawMessage
		}
		var args arguments
		if err := json.Unmarshal(line, &request); err != nil {
			log.Fatal(err)
		}
		if err := json.Unmarshal(request.Args, &args); err != nil {
			log.Fatal(request.Op, ": ", err)
		}
		var value any
		if request.Op == "client" {
			client, err = newClient(&args)
		} else {
			value, err = perform(context.Background(), client, request.Op, &args)
		}
		answer := map[string]any{"ok": value}
		if err != nil {
			var known *skillbox.APIError
			if !errors.As(err, &known) {
				log.Fatalf("%s: not an APIError: %v", request.Op, err)
			}
			answer = map[string]any{"error": map[string]any{"status": known.StatusCode,
				"code": known.ErrorCode, "message": known.Message, "text": known.Error(),
				"details": len(known.Details), "has_request_id": known.RequestID != "",
				"retry_after": known.RetryAfter.Seconds()}}
		}
		if err := out.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}
