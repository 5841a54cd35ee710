package skillbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// File is one version of a file.
type File struct {
	ID          string `json:"id"`
	TenantID    string `json:"tenant_id"`
	SessionID   string `json:"session_id,omitempty"`
	ExecutionID string `json:"execution_id,omitempty"`
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	SizeBytes   int64  `json:"size_bytes"`
	Version     int    `json:"version"`
	ParentID    string `json:"parent_id,omitempty"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
}

// SessionFile is a file of a session.
type SessionFile struct {
	Path       string `json:"path"`
	SizeBytes  int64  `json:"size_bytes"`
	Executable bool   `json:"executable,omitempty"`
	UpdatedAt  string `json:"updated_at"`
}

// Upload is a file to store: Path, which is read while it is sent, or Content with a Name.
type Upload struct {
	Path      string
	Content   []byte
	Name      string
	SessionID string
}

// form makes the request's body, a form with the file in it.
func (u Upload) form(what *call) error {
	name, size := u.Name, int64(len(u.Content))
	if u.Path != "" {
		status, err := os.Stat(u.Path)
		if err != nil {
			return &APIError{ErrorCode: "bad_request", Message: "the file cannot be read", cause: err}
		}
		size = status.Size()
		name = firstOf(name, filepath.Base(u.Path))
	}
	boundary := "skillbox-" + newUUID()
	var head bytes.Buffer
	// The name goes as a field of its own: a header could not hold every name.
	for _, field := range [][2]string{{"name", name}, {"session_id", u.SessionID}} {
		if field[1] != "" {
			head.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field[0] +
				"\"\r\n\r\n" + field[1] + "\r\n")
		}
	}
	head.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n" +
		"Content-Type: application/octet-stream\r\n\r\n")
	tail := "\r\n--" + boundary + "--\r\n"

	what.setHeader("Content-Type", mime.FormatMediaType("multipart/form-data", map[string]string{"boundary": boundary}))
	what.length = int64(head.Len()) + size + int64(len(tail))
	what.body = func() (io.ReadCloser, error) {
		var content io.Reader = bytes.NewReader(u.Content)
		closer := io.NopCloser(nil)
		if u.Path != "" {
			file, err := os.Open(u.Path)
			if err != nil {
				return nil, &APIError{ErrorCode: "bad_request", Message: "the file cannot be read", cause: err}
			}
			content, closer = io.LimitReader(file, size), file
		}
		whole := io.MultiReader(bytes.NewReader(head.Bytes()), content, strings.NewReader(tail))
		return struct {
			io.Reader
			io.Closer
		}{whole, closer}, nil
	}
	return nil
}

func (c *Client) sendForm(ctx context.Context, method, where string, upload Upload) (*File, error) {
	what := call{method: method, target: where}
	if err := upload.form(&what); err != nil {
		return nil, err
	}
	return fetched[File](ctx, c, what)
}

// FileFilter narrows a list of files; what is empty does not.
type FileFilter struct {
	SessionID, ExecutionID string
	Limit, Offset          int
}

// ListFiles gives the newest version of each file, newest first.
func (c *Client) ListFiles(ctx context.Context, filter FileFilter) ([]File, error) {
	var files []File
	return files, c.get(ctx, "/v1/files"+query("session_id", filter.SessionID, "execution_id",
		filter.ExecutionID, "limit", number(filter.Limit), "offset", number(filter.Offset)), &files)
}

// GetFile says what is known of a file.
func (c *Client) GetFile(ctx context.Context, fileID string) (*File, error) {
	return fetchedFrom[File](ctx, c, "/v1/files/%s", "id", fileID)
}

// UploadFile stores a file.
func (c *Client) UploadFile(ctx context.Context, upload Upload) (*File, error) {
	return c.sendForm(ctx, http.MethodPost, "/v1/files", upload)
}

// DownloadFile gives the content to read; close it.
func (c *Client) DownloadFile(ctx context.Context, fileID string) (io.ReadCloser, error) {
	where, err := target("/v1/files/%s/download", "id", fileID)
	if err != nil {
		return nil, err
	}
	response, err := c.send(ctx, call{method: http.MethodGet, target: where}, nil)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// UpdateFile stores a new version, which has an id of its own.
func (c *Client) UpdateFile(ctx context.Context, fileID string, upload Upload) (*File, error) {
	where, err := target("/v1/files/%s", "id", fileID)
	if err != nil {
		return nil, err
	}
	upload.SessionID = ""
	return c.sendForm(ctx, http.MethodPut, where, upload)
}

// DeleteFile deletes that version.
func (c *Client) DeleteFile(ctx context.Context, fileID string) error {
	return c.removeAt(ctx, "/v1/files/%s", "id", fileID)
}

// ListFileVersions gives all versions from the id of any, newest first.
func (c *Client) ListFileVersions(ctx context.Context, fileID string) ([]File, error) {
	return listFrom[File](ctx, c, "/v1/files/%s/versions", "id", fileID)
}

// ListSessionFiles gives the files of a session, by path.
func (c *Client) ListSessionFiles(ctx context.Context, sessionID string) ([]SessionFile, error) {
	return listFrom[SessionFile](ctx, c, "/v1/sessions/%s/files", "session", sessionID)
}

// GetSessionFile reads a file of a session.
func (c *Client) GetSessionFile(ctx context.Context, sessionID, path string) ([]byte, error) {
	return c.contentFrom(ctx, "/v1/sessions/%s/files/%s", "session", sessionID, "path", path)
}

// WriteSessionFile writes a file of a session, or adds to its end.
func (c *Client) WriteSessionFile(ctx context.Context, sessionID, path string, content []byte, add bool) (*SessionFile, error) {
	what := call{method: http.MethodPost, target: "/v1/sandbox/write-file"}
	if err := what.setSession(sessionID); err != nil {
		return nil, err
	}
	written := &SessionFile{}
	return orNil(written, c.sendJSON(ctx, what, map[string]any{"path": path, "encoding": "base64",
		"content": base64.StdEncoding.EncodeToString(content), "append": add}, written))
}

// DeleteSessionFile deletes a file of a session.
func (c *Client) DeleteSessionFile(ctx context.Context, sessionID, path string) error {
	return c.removeAt(ctx, "/v1/sessions/%s/files/%s", "session", sessionID, "path", path)
}

// DeleteSession deletes a session with all its files.
func (c *Client) DeleteSession(ctx context.Context, sessionID string) error {
	return c.removeAt(ctx, "/v1/sessions/%s", "session", sessionID)
}
