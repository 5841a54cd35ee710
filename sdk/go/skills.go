package skillbox

import (
	"context"
	"net/http"
)

// PublishedSkill is what publishing and checking answer.
type PublishedSkill struct {
	Name        string           `json:"name"`
	Version     string           `json:"version"`
	Description string           `json:"description"`
	Lang        string           `json:"lang"`
	Mode        string           `json:"mode"`
	Digest      string           `json:"digest"`
	Findings    []map[string]any `json:"findings,omitempty"`
	Valid       bool             `json:"valid,omitempty"` // of a check
}

// SkillVersion is a row of a list.
type SkillVersion struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Description string   `json:"description"`
	Lang        string   `json:"lang"`
	Mode        string   `json:"mode"`
	Status      string   `json:"status"`
	Digest      string   `json:"digest"`
	PublishedAt string   `json:"published_at"`
	PublishedBy string   `json:"published_by,omitempty"`
	Latest      bool     `json:"latest,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

// Skill is all that is known of one version.
type Skill struct {
	Name          string            `json:"name"`
	Version       string            `json:"version"`
	Description   string            `json:"description"`
	Lang          string            `json:"lang"`
	Image         string            `json:"image,omitempty"`
	Instructions  string            `json:"instructions,omitempty"`
	Timeout       string            `json:"timeout,omitempty"`
	Resources     map[string]string `json:"resources"`
	Mode          string            `json:"mode"`
	Status        string            `json:"status"`
	Entrypoint    string            `json:"entrypoint,omitempty"`
	License       string            `json:"license,omitempty"`
	Compatibility string            `json:"compatibility,omitempty"`
	Metadata      map[string]string `json:"metadata,omitempty"`
	AllowedTools  []string          `json:"allowed_tools,omitempty"`
	Schemas       SkillSchemas      `json:"schemas,omitempty"`
	Files         []SkillFile       `json:"files,omitempty"`
	UnknownKeys   []string          `json:"unknown_keys,omitempty"`
	Digest        string            `json:"digest"`
	ArchiveBytes  int64             `json:"archive_bytes"`
	PublishedAt   string            `json:"published_at"`
	PublishedBy   string            `json:"published_by"`
	Yanked        bool              `json:"yanked"`
	YankedAt      string            `json:"yanked_at,omitempty"`
	YankReason    string            `json:"yank_reason,omitempty"`
	Findings      []map[string]any  `json:"findings,omitempty"`
	Tags          []string          `json:"tags"`
}

// SkillSchemas are JSON Schemas; nil where the skill ships none.
type SkillSchemas struct {
	Input  map[string]any `json:"input,omitempty"`
	Output map[string]any `json:"output,omitempty"`
}

// SkillFile is a file of a version. Content is text, or base64 where Encoding says so.
type SkillFile struct {
	Path       string `json:"path"`
	Content    string `json:"content,omitempty"`
	SizeBytes  int64  `json:"size_bytes"`
	Encoding   string `json:"encoding,omitempty"`
	Executable bool   `json:"executable,omitempty"`
	Omitted    bool   `json:"omitted,omitempty"`
}

// Tag is a name for a version.
type Tag struct {
	Name    string `json:"name"`
	Tag     string `json:"tag"`
	Version string `json:"version"`
	SetBy   string `json:"set_by"`
	SetAt   string `json:"set_at"`
}

// SkillFields are a skill of one script.
type SkillFields struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	Code         string `json:"code,omitempty"`
	Lang         string `json:"lang,omitempty"`
	Instructions string `json:"instructions,omitempty"`
	Version      string `json:"version,omitempty"`
}

// RegisterSkill publishes a skill from its folder or its zip.
func (c *Client) RegisterSkill(ctx context.Context, path string) (*PublishedSkill, error) {
	archive, err := zipAt(path)
	if err != nil {
		return nil, err
	}
	return c.RegisterSkillArchive(ctx, archive)
}

// RegisterSkillArchive publishes a zip.
func (c *Client) RegisterSkillArchive(ctx context.Context, archive []byte) (*PublishedSkill, error) {
	return c.postArchive(ctx, "/v1/skills", archive)
}

// RegisterSkillFromFields publishes a skill of one script; the server packs it.
func (c *Client) RegisterSkillFromFields(ctx context.Context, fields SkillFields) (*PublishedSkill, error) {
	made := &PublishedSkill{}
	what := call{method: http.MethodPost, target: "/v1/skills/from-fields", repeat: true}
	return orNil(made, c.sendJSON(ctx, what, fields, made))
}

// ValidateSkill checks a folder or a zip without storing it. What is wrong is an APIError with
// Details.
func (c *Client) ValidateSkill(ctx context.Context, path string) (*PublishedSkill, error) {
	archive, err := zipAt(path)
	if err != nil {
		return nil, err
	}
	return c.postArchive(ctx, "/v1/skills/validate", archive)
}

func (c *Client) postArchive(ctx context.Context, where string, archive []byte) (*PublishedSkill, error) {
	what := call{method: http.MethodPost, target: where, repeat: true}
	bytesBody(&what, archive, "application/zip")
	return fetched[PublishedSkill](ctx, c, what)
}

// SkillFilter narrows a list of skills; what is empty does not.
type SkillFilter struct {
	Name   string
	Query  string // words to search for
	Latest bool   // one row per skill
	Limit  int    // 0: all of them
	Cursor string
}

// ListSkills gives a row per version; with a Limit it is one page.
func (c *Client) ListSkills(ctx context.Context, filter SkillFilter) (*Page[SkillVersion], error) {
	all := &Page[SkillVersion]{NextCursor: filter.Cursor}
	for {
		next, err := page[SkillVersion](ctx, c, "/v1/skills"+query("name", filter.Name, "q", filter.Query,
			"latest", flag(filter.Latest), "limit", number(filter.Limit), "cursor", all.NextCursor))
		if err != nil {
			return nil, err
		}
		all.Items = append(all.Items, next.Items...)
		all.NextCursor = next.NextCursor
		if all.NextCursor == "" || filter.Limit != 0 {
			return all, nil
		}
	}
}

// ListSkillVersions gives all versions of a skill, newest first.
func (c *Client) ListSkillVersions(ctx context.Context, name string) ([]SkillVersion, error) {
	return listFrom[SkillVersion](ctx, c, "/v1/skills/%s/versions", "name", name)
}

// GetSkill reads one version; an empty one is latest, and it may be a tag.
func (c *Client) GetSkill(ctx context.Context, name, version string) (*Skill, error) {
	return fetchedFrom[Skill](ctx, c, "/v1/skills/%s/%s", "name", name, "version", orLatest(version))
}

// GetSkillFiles reads the files of a version, or the one at a path.
func (c *Client) GetSkillFiles(ctx context.Context, name, version, path string) ([]SkillFile, error) {
	where, err := target("/v1/skills/%s/%s/files", "name", name, "version", orLatest(version))
	if err != nil {
		return nil, err
	}
	var files []SkillFile
	return files, c.get(ctx, where+query("path", path), &files)
}

// GetSkillArchive reads the zip as it was published.
func (c *Client) GetSkillArchive(ctx context.Context, name, version string) ([]byte, error) {
	return c.contentFrom(ctx, "/v1/skills/%s/%s/archive", "name", name, "version", orLatest(version))
}

// YankSkill takes a version out of use: it is neither run nor latest any more.
func (c *Client) YankSkill(ctx context.Context, name, version, reason string) (*Skill, error) {
	body := map[string]string{}
	if reason != "" {
		body["reason"] = reason
	}
	return c.changeSkill(ctx, "/v1/skills/%s/%s/yank", name, version, body)
}

// UnyankSkill brings it back.
func (c *Client) UnyankSkill(ctx context.Context, name, version string) (*Skill, error) {
	return c.changeSkill(ctx, "/v1/skills/%s/%s/unyank", name, version, nil)
}

func (c *Client) changeSkill(ctx context.Context, pattern, name, version string, body any) (*Skill, error) {
	where, err := target(pattern, "name", name, "version", version)
	if err != nil {
		return nil, err
	}
	what := call{method: http.MethodPost, target: where}
	if body != nil {
		if err := jsonBody(&what, body); err != nil {
			return nil, err
		}
	}
	return fetched[Skill](ctx, c, what)
}

// DeleteSkill deletes a version; its runs stay.
func (c *Client) DeleteSkill(ctx context.Context, name, version string) error {
	return c.removeAt(ctx, "/v1/skills/%s/%s", "name", name, "version", version)
}

// ListSkillTags gives a skill's tags by name.
func (c *Client) ListSkillTags(ctx context.Context, name string) ([]Tag, error) {
	return listFrom[Tag](ctx, c, "/v1/skills/%s/tags", "name", name)
}

// SetSkillTag makes the tag name the version.
func (c *Client) SetSkillTag(ctx context.Context, name, tag, version string) (*Tag, error) {
	where, err := target("/v1/skills/%s/tags/%s", "name", name, "tag", tag)
	if err != nil {
		return nil, err
	}
	set := &Tag{}
	body := map[string]string{"version": version}
	return orNil(set, c.sendJSON(ctx, call{method: http.MethodPut, target: where}, body, set))
}

// DeleteSkillTag removes the tag.
func (c *Client) DeleteSkillTag(ctx context.Context, name, tag string) error {
	return c.removeAt(ctx, "/v1/skills/%s/tags/%s", "name", name, "tag", tag)
}

func orLatest(version string) string { return firstOf(version, "latest") }

func listFrom[T any](ctx context.Context, c *Client, pattern string, pairs ...string) ([]T, error) {
	where, err := target(pattern, pairs...)
	if err != nil {
		return nil, err
	}
	var rows []T
	return rows, c.get(ctx, where, &rows)
}
