package skillbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Execution is a run. Output and Input are JSON as it came; DecodeOutput reads the output.
type Execution struct {
	ExecutionID  string          `json:"execution_id"`
	Status       string          `json:"status"`
	Output       json.RawMessage `json:"output,omitempty"`
	FilesURL     string          `json:"files_url,omitempty"`
	FilesList    []string        `json:"files_list,omitempty"`
	Logs         string          `json:"logs,omitempty"`
	DurationMS   int64           `json:"duration_ms"`
	Error        *string         `json:"error"`
	Reason       string          `json:"reason,omitempty"`
	ExitCode     *int            `json:"exit_code,omitempty"`
	SkillDigest  string          `json:"skill_digest,omitempty"`
	Sandbox      map[string]any  `json:"sandbox,omitempty"`
	SkillName    string          `json:"skill_name,omitempty"`
	SkillVersion string          `json:"skill_version,omitempty"`
	TenantID     string          `json:"tenant_id,omitempty"`
	SessionID    string          `json:"session_id,omitempty"`
	Input        json.RawMessage `json:"input,omitempty"`
	CreatedAt    string          `json:"created_at,omitempty"`
	FinishedAt   string          `json:"finished_at,omitempty"`
}

// Succeeded says whether the skill did.
func (e *Execution) Succeeded() bool { return e.Status == "success" }

// Finished says whether the run is over, however it went.
func (e *Execution) Finished() bool {
	return e.Status != "" && e.Status != "queued" && e.Status != "running"
}

// DecodeOutput reads the output into what `out` points to.
func (e *Execution) DecodeOutput(out any) error {
	if len(e.Output) == 0 {
		return localError("bad_answer", "the run has no output")
	}
	return json.Unmarshal(e.Output, out)
}

// RunRequest says what to run.
type RunRequest struct {
	Skill   string
	Version string // empty: latest; may be a tag
	Input   any    // anything that encoding/json can write
	Env     map[string]string
	// InputFiles are ids of uploaded files.
	InputFiles []string
	SessionID  string
	Entrypoint string
	// Timeout shortens what the skill is allowed.
	Timeout time.Duration
	// IdempotencyKey makes requests with the same key one run. Without one there is one for each
	// call, so that it happens once however often it has to be sent.
	IdempotencyKey string
}

func (r *RunRequest) call(header map[string]string) (call, error) {
	body := struct {
		Skill      string            `json:"skill"`
		Version    string            `json:"version,omitempty"`
		Input      any               `json:"input,omitempty"`
		Env        map[string]string `json:"env,omitempty"`
		InputFiles []string          `json:"input_files,omitempty"`
		SessionID  string            `json:"session_id,omitempty"`
		Entrypoint string            `json:"entrypoint,omitempty"`
		Timeout    string            `json:"timeout,omitempty"`
	}{r.Skill, r.Version, r.Input, r.Env, r.InputFiles, r.SessionID, r.Entrypoint, ""}
	if r.Timeout > 0 {
		body.Timeout = seconds(r.Timeout) + "s"
	}
	what := call{method: http.MethodPost, target: "/v1/executions", header: header, repeat: true}
	if err := checkHeader("idempotency key", r.IdempotencyKey); err != nil {
		return what, err
	}
	what.setHeader("Idempotency-Key", firstOf(r.IdempotencyKey, newUUID()))
	return what, jsonBody(&what, body)
}

func newUUID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // without randomness nothing here is safe
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Run runs a skill and waits for its end. How it went is in the result's Status.
func (c *Client) Run(ctx context.Context, request RunRequest) (*Execution, error) {
	what, err := request.call(nil)
	if err != nil {
		return nil, err
	}
	what.idle = runIdleLimit
	return fetched[Execution](ctx, c, what)
}

// Start is like Run, but comes back at once with ExecutionID and Status alone.
func (c *Client) Start(ctx context.Context, request RunRequest) (*Execution, error) {
	what, err := request.call(map[string]string{"Prefer": "respond-async"})
	if err != nil {
		return nil, err
	}
	return fetched[Execution](ctx, c, what)
}

// Wait waits for the end of a run that was started, and gives all of it.
func (c *Client) Wait(ctx context.Context, executionID string) (*Execution, error) {
	events, err := c.Stream(ctx, executionID, "")
	if err != nil {
		return nil, err
	}
	defer events.Close()
	for {
		if _, err := events.Next(); err == io.EOF {
			return c.GetExecution(ctx, executionID)
		} else if err != nil {
			return nil, err
		}
	}
}

// GetExecution reads a run, finished or not.
func (c *Client) GetExecution(ctx context.Context, executionID string) (*Execution, error) {
	return fetchedFrom[Execution](ctx, c, "/v1/executions/%s", "id", executionID)
}

// GetExecutionLogs reads what a run wrote to its standard output and error.
func (c *Client) GetExecutionLogs(ctx context.Context, executionID string) (string, error) {
	content, err := c.contentFrom(ctx, "/v1/executions/%s/logs", "id", executionID)
	return string(content), err
}

// GetExecutionFile reads one file that a run made.
func (c *Client) GetExecutionFile(ctx context.Context, executionID, path string) ([]byte, error) {
	return c.contentFrom(ctx, "/v1/executions/%s/files/%s", "id", executionID, "path", path)
}

// ExecutionFilter narrows a list of runs; what is empty does not.
type ExecutionFilter struct {
	Skill, Status, Session, Since, Until string
	Limit                                int
	Cursor                               string
}

// ListExecutions gives a page of runs, newest first, without inputs, outputs, logs and files.
func (c *Client) ListExecutions(ctx context.Context, filter ExecutionFilter) (*Page[Execution], error) {
	return page[Execution](ctx, c, "/v1/executions"+query("skill", filter.Skill, "status", filter.Status,
		"session", filter.Session, "since", filter.Since, "until", filter.Until,
		"limit", number(filter.Limit), "cursor", filter.Cursor))
}

// Cancel kills the run with all its processes. Cancelling what has ended changes nothing.
func (c *Client) Cancel(ctx context.Context, executionID string) (*Execution, error) {
	where, err := target("/v1/executions/%s/cancel", "id", executionID)
	if err != nil {
		return nil, err
	}
	return fetched[Execution](ctx, c, call{method: http.MethodPost, target: where, repeat: true})
}

// --- sessions' commands, service, keys

// ShellResult is how a command ended.
type ShellResult struct {
	Stdout     string `json:"stdout"`
	Stderr     string `json:"stderr"`
	ExitCode   int    `json:"exit_code"`
	TimedOut   bool   `json:"timed_out,omitempty"`
	DurationMS int64  `json:"duration_ms,omitempty"`
	Message    string `json:"message,omitempty"` // why it was ended
}

// Command is a shell command for a session.
type Command struct {
	Command string        `json:"command"`
	Workdir string        `json:"workdir,omitempty"`
	Timeout time.Duration `json:"-"`
}

// Execute runs a shell command in a fresh sandbox with the session's files.
func (c *Client) Execute(ctx context.Context, sessionID string, command Command) (*ShellResult, error) {
	body := struct {
		Command
		TimeoutMS int64 `json:"timeout_ms,omitempty"`
	}{command, command.Timeout.Milliseconds()}
	what := call{method: http.MethodPost, target: "/v1/sandbox/execute", idle: runIdleLimit}
	if err := what.setSession(sessionID); err != nil {
		return nil, err
	}
	result := &ShellResult{}
	return orNil(result, c.sendJSON(ctx, what, body, result))
}

// Health is {"status":"ok"} where the server answers at all.
func (c *Client) Health(ctx context.Context) (map[string]any, error) {
	return c.object(ctx, "/health")
}

// Ready is an APIError not_ready where something that the server needs does not work.
func (c *Client) Ready(ctx context.Context) (map[string]any, error) {
	return c.object(ctx, "/ready")
}

// ServerVersion says what the server is, and how strong its sandbox.
func (c *Client) ServerVersion(ctx context.Context) (map[string]any, error) {
	return c.object(ctx, "/version")
}

// Key is one of the API. The key itself is there only in the answer that makes it.
type Key struct {
	ID         string `json:"id"`
	Key        string `json:"key,omitempty"`
	Name       string `json:"name"`
	Role       string `json:"role"`
	TenantID   string `json:"tenant_id"`
	CreatedAt  string `json:"created_at"`
	CreatedBy  string `json:"created_by,omitempty"`
	ExpiresAt  string `json:"expires_at,omitempty"`
	LastUsedAt string `json:"last_used_at,omitempty"`
	RevokedAt  string `json:"revoked_at,omitempty"`
}

// NewKey says what key to make. Without a role it is a runner's; without ExpiresAt it does not end.
type NewKey struct {
	Name      string `json:"name"`
	Role      string `json:"role,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
}

// CreateKey makes a key, which is shown this once.
func (c *Client) CreateKey(ctx context.Context, key NewKey) (*Key, error) {
	made := &Key{}
	return orNil(made, c.sendJSON(ctx, call{method: http.MethodPost, target: "/v1/keys"}, key, made))
}

// ListKeys gives the tenant's keys, newest first.
func (c *Client) ListKeys(ctx context.Context) ([]Key, error) {
	var keys []Key
	return keys, c.get(ctx, "/v1/keys", &keys)
}

// RevokeKey ends a key at once.
func (c *Client) RevokeKey(ctx context.Context, keyID string) error {
	return c.removeAt(ctx, "/v1/keys/%s", "id", keyID)
}

// --- what the methods share

func (c *Client) object(ctx context.Context, where string) (map[string]any, error) {
	var object map[string]any
	if err := c.get(ctx, where, &object); err != nil {
		return nil, err
	}
	return object, nil
}

func fetched[T any](ctx context.Context, c *Client, what call) (*T, error) {
	var out *T
	if err := c.fetch(ctx, what, &out); err != nil {
		return nil, err
	}
	if out == nil {
		return nil, badAnswer()
	}
	return out, nil
}

func fetchedFrom[T any](ctx context.Context, c *Client, pattern string, pairs ...string) (*T, error) {
	where, err := target(pattern, pairs...)
	if err != nil {
		return nil, err
	}
	return fetched[T](ctx, c, call{method: http.MethodGet, target: where})
}

func (c *Client) contentFrom(ctx context.Context, pattern string, pairs ...string) ([]byte, error) {
	where, err := target(pattern, pairs...)
	if err != nil {
		return nil, err
	}
	return c.content(ctx, where)
}

func (c *Client) removeAt(ctx context.Context, pattern string, pairs ...string) error {
	where, err := target(pattern, pairs...)
	if err != nil {
		return err
	}
	return c.remove(ctx, where)
}

func orNil[T any](value *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return value, nil
}
