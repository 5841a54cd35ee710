// Package skillbox is a client of the Skillbox API: run skills, publish them, keep files and
// sessions.
//
//	client, err := skillbox.NewClient("http://127.0.0.1:8080", skillbox.Options{APIKey: "sk-..."})
//	result, err := client.Run(ctx, skillbox.RunRequest{
//		Skill: "word-counter", Input: map[string]any{"text": "one two three"}})
//
// It needs the standard library only. Every failure of a call is an *APIError, also when it wraps
// another error. A skill that fails is none: its result says so in Status, Error and Reason.
package skillbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Version of this package.
const Version = "0.1.0"

const defaultURL = "http://127.0.0.1:8080"

// How long an attempt may be silent before it is given up. A run may be silent for as long as it
// lasts: its attempt is then sent again with the same Idempotency-Key, which asks for its answer.
const (
	idleLimit       = 60 * time.Second
	runIdleLimit    = 300 * time.Second
	streamIdleLimit = 45 * time.Second // the server says something every 15
	connectLimit    = 10 * time.Second
	longestWait     = 60 * time.Second // a Retry-After beyond it is an answer for the caller
)

// Options of a client. The zero value is good: a key and a tenant then come from SKILLBOX_API_KEY
// and SKILLBOX_TENANT_ID.
type Options struct {
	APIKey   string
	TenantID string
	// Timeout is how long a call may take with all its attempts. Without one an attempt is given
	// up after 60 s of silence, and a run may last as long as the server lets it.
	Timeout time.Duration
	// MaxRetries is how many times more what is safe to repeat is sent when the connection breaks
	// or the server answers 429, 502, 503 or 504. 0 stands for 3, a negative number for none.
	MaxRetries int
	// HTTPClient is used instead of one of our own: for a proxy, certificates, tracing. It never
	// follows a redirect with the key.
	HTTPClient *http.Client
}

// Client of one server; safe for use by many goroutines.
type Client struct {
	baseURL    string // as it was given, for messages
	base       string // what targets are put behind
	isUnix     bool
	header     http.Header
	timeout    time.Duration
	maxRetries int
	api        *http.Client
	download   *http.Client // follows redirects, and never has the key
}

// NewClient makes a client for http://…, https://… or unix:/path/of/socket. With an empty baseURL
// SKILLBOX_SERVER_URL counts, and then http://127.0.0.1:8080. Nothing is sent yet.
func NewClient(baseURL string, options Options) (*Client, error) {
	if baseURL == "" {
		baseURL = os.Getenv("SKILLBOX_SERVER_URL")
	}
	if baseURL == "" {
		baseURL = defaultURL
	}
	c := &Client{timeout: options.Timeout, maxRetries: options.MaxRetries, header: http.Header{}}
	if c.maxRetries == 0 {
		c.maxRetries = 3
	} else if c.maxRetries < 0 {
		c.maxRetries = 0
	}
	socket, err := c.setAddress(baseURL)
	if err != nil {
		return nil, err
	}
	c.setHTTPClients(options.HTTPClient, socket)

	c.header.Set("Accept", "application/json")
	c.header.Set("User-Agent", "skillbox-go/"+Version)
	key := firstOf(options.APIKey, os.Getenv("SKILLBOX_API_KEY"))
	tenant := firstOf(options.TenantID, os.Getenv("SKILLBOX_TENANT_ID"))
	if err := firstError(checkHeader("key", key), checkHeader("tenant", tenant)); err != nil {
		return nil, err
	}
	if key != "" {
		c.header.Set("Authorization", "Bearer "+key)
	}
	if tenant != "" {
		c.header.Set("X-Tenant-ID", tenant)
	}
	return c, nil
}

func checkHeader(what, text string) error {
	for _, char := range text {
		if char < 0x20 || char > 0x7e {
			return localError("bad_request", "the "+what+" has a character that a header cannot hold")
		}
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// BaseURL is the server's address without a slash at its end.
func (c *Client) BaseURL() string { return c.baseURL }

// setAddress gives the path of a Unix socket, or nothing.
func (c *Client) setAddress(text string) (string, error) {
	if strings.HasPrefix(text, "unix:") {
		socket := strings.TrimPrefix(text, "unix:")
		if strings.HasPrefix(socket, "///") {
			socket = socket[2:]
		}
		if !strings.HasPrefix(socket, "/") {
			return "", localError("bad_request", "the server's address needs an absolute path after unix:")
		}
		c.baseURL, c.base, c.isUnix = text, "http://localhost", true
		return socket, nil
	}
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" {
		return "", localError("bad_request", "the server's address is not http:// or https://")
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return "", localError("bad_request", "the server's address has a user, a query or a fragment")
	}
	c.baseURL = strings.TrimRight(text, "/")
	c.base = c.baseURL
	return "", nil
}

func (c *Client) setHTTPClients(given *http.Client, socket string) {
	if given == nil {
		given = &http.Client{Transport: ownTransport(socket)}
	}
	api, download := *given, *given
	api.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.api, c.download = &api, &download
}

func ownTransport(socket string) *http.Transport {
	dialer := &net.Dialer{Timeout: connectLimit}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     60 * time.Second, // the server closes after 120
		TLSHandshakeTimeout: connectLimit,
	}
	if socket != "" {
		plain := transport.DialContext
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "localhost:80" {
				return dialer.DialContext(ctx, "unix", socket)
			}
			return plain(ctx, network, address) // where files_url leads
		}
	}
	return transport
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// --- errors

// APIError is a call that failed. StatusCode is HTTP's, or 0 when there was no answer to have one.
//
// ErrorCode is for programs: the server's, or one of connection_failed, timeout, cancelled,
// bad_answer, bad_archive, unsafe_archive, too_large, invalid_skill, bad_request from here.
type APIError struct {
	StatusCode int
	ErrorCode  string
	Message    string
	// Details has a member per violation where the server names several.
	Details    []map[string]any
	RequestID  string
	RetryAfter time.Duration
	cause      error
}

func (e *APIError) Error() string {
	return "skillbox: " + itoa(e.StatusCode) + " " + e.ErrorCode + ": " + e.Message
}

// Unwrap is what happened below: a network error, or that of a context.
func (e *APIError) Unwrap() error { return e.cause }

func localError(code, message string) *APIError {
	return &APIError{ErrorCode: code, Message: message}
}

func badAnswer() *APIError {
	return localError("bad_answer", "the answer is not one of a Skillbox server")
}

func isAPIError(err error) bool {
	var known *APIError
	return errors.As(err, &known)
}
