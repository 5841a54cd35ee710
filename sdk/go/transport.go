package skillbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const mostAnswerBytes = 512 << 20

// call is one request of the API.
type call struct {
	method, target string
	header         map[string]string
	body           func() (io.ReadCloser, error) // anew for each attempt; nil: none
	length         int64
	repeat         bool // safe to send again; GET always is
	idle           time.Duration
}

// patience is how long a call may go on, or for ever.
type patience struct {
	limit time.Duration
	end   time.Time
}

func newPatience(limit time.Duration) patience {
	return patience{limit, time.Now().Add(limit)}
}

func (p patience) bounded(wanted time.Duration) (time.Duration, error) {
	if p.limit <= 0 {
		return wanted, nil
	}
	left := time.Until(p.end)
	if left <= 0 {
		return 0, p.over()
	}
	if left < wanted {
		return left, nil
	}
	return wanted, nil
}

func (p patience) over() *APIError { return silence(p.limit) }

func (p patience) hasRoomFor(wait time.Duration) bool {
	return p.limit <= 0 || time.Now().Add(wait).Before(p.end)
}

func silence(limit time.Duration) *APIError {
	return localError("timeout", "there was no answer within "+seconds(limit)+" s")
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }

func itoa(n int) string { return strconv.Itoa(n) }

// chance has a seed of its own: before Go 1.20 every program's default source began alike.
var chance = struct {
	sync.Mutex
	*rand.Rand
}{Rand: rand.New(rand.NewSource(time.Now().UnixNano()))}

func randomly(from, to float64) float64 {
	chance.Lock()
	defer chance.Unlock()
	return from + (to-from)*chance.Float64()
}

// backoff is by chance, so that many clients do not come at once.
func backoff(attempt int) time.Duration {
	return time.Duration(randomly(0.5, 1) * math.Min(8, 0.2*math.Pow(2, float64(attempt))) * 1e9)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// watch ends an attempt that is silent for too long.
type watch struct {
	timer  *time.Timer
	idle   atomic.Int64
	cancel context.CancelFunc
	late   atomic.Bool
}

func newWatch(idle time.Duration, cancel context.CancelFunc) *watch {
	w := &watch{cancel: cancel}
	w.idle.Store(int64(idle))
	w.timer = time.AfterFunc(idle, func() {
		w.late.Store(true)
		cancel()
	})
	return w
}

func (w *watch) alive() { w.timer.Reset(time.Duration(w.idle.Load())) }

func (w *watch) end() {
	w.timer.Stop()
	w.cancel()
}

// watchedBody tells the watch of each piece; of a response it ends the watch when it is closed.
type watchedBody struct {
	io.ReadCloser
	watch   *watch
	isWhole bool
}

func (b *watchedBody) Read(buffer []byte) (int, error) {
	n, err := b.ReadCloser.Read(buffer)
	b.watch.alive()
	if err == io.EOF && b.isWhole {
		b.watch.timer.Stop()
	}
	return n, err
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	if b.isWhole {
		b.watch.end()
	}
	return err
}

// attempt sends the call once. The body of the response must be closed.
func (c *Client) attempt(ctx context.Context, what *call, idle time.Duration) (*http.Response, *watch, error) {
	inner, cancel := context.WithCancel(ctx)
	w := newWatch(idle, cancel)
	request, err := http.NewRequestWithContext(inner, what.method, c.base+what.target, nil)
	if err != nil {
		w.end()
		return nil, w, localError("bad_request", "the request cannot be made: "+err.Error())
	}
	for name, values := range c.header {
		request.Header[name] = values
	}
	for name, value := range what.header {
		request.Header.Set(name, value)
	}
	if what.body != nil {
		body, err := what.body()
		if err != nil {
			w.end()
			return nil, w, err
		}
		request.Body = &watchedBody{ReadCloser: body, watch: w}
		request.ContentLength = what.length
	}
	response, err := c.api.Do(request)
	if err != nil {
		w.end()
		return nil, w, err
	}
	// The caller's limit was for the answer to begin; what is read then may be silent for longer.
	w.idle.Store(int64(what.idle))
	w.alive()
	response.Body = &watchedBody{response.Body, w, true}
	return response, w, nil
}

// send gives an answer that is no error, after `then`, which belongs to the attempt: what breaks in
// it is sent again where that is safe. Without `then` the caller closes the body.
func (c *Client) send(ctx context.Context, what call, then func(*http.Response) error) (*http.Response, error) {
	if what.idle == 0 {
		what.idle = idleLimit
	}
	repeat := what.repeat || what.method == http.MethodGet
	limit := newPatience(c.timeout)
	failures, wasBroken := 0, false
	for {
		idle, err := limit.bounded(what.idle)
		if err != nil {
			return nil, err
		}
		var pause time.Duration
		response, w, err := c.attempt(ctx, &what, idle)
		if err == nil {
			err = answered(response, then)
		}
		var known *APIError
		switch {
		case err == nil:
			return response, nil
		case ctx.Err() != nil:
			return nil, endedBy(ctx.Err())
		case !errors.As(err, &known):
			failures++
			wasBroken = true
			if _, over := limit.bounded(idle); over != nil {
				return nil, over
			}
			if !repeat || failures > c.maxRetries {
				return nil, c.lost(err, w, what.idle)
			}
			pause = backoff(failures)
		case wasBroken && known.StatusCode == 409 && known.ErrorCode == "conflict":
			// Our own first attempt is still running; its answer will be there.
			failures = 0
			if pause = known.RetryAfter; pause == 0 {
				pause = time.Second
			}
		case repeat && isTemporary(known.StatusCode) && failures < c.maxRetries &&
			known.RetryAfter <= longestWait:
			failures++
			pause = backoff(failures)
			if known.RetryAfter >= 0 {
				pause = known.RetryAfter + time.Duration(randomly(0, 0.1+known.RetryAfter.Seconds()/10)*1e9)
			}
		default:
			if known.RetryAfter < 0 {
				known.RetryAfter = 0
			}
			return nil, known
		}
		if known != nil && !limit.hasRoomFor(pause) {
			return nil, known
		}
		if pause, err = limit.bounded(pause); err != nil {
			return nil, err
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, endedBy(err)
		}
	}
}

func isTemporary(status int) bool {
	return status == 429 || status == 502 || status == 503 || status == 504
}

func endedBy(err error) *APIError {
	code, message := "cancelled", "the call was cancelled"
	if errors.Is(err, context.DeadlineExceeded) {
		code, message = "timeout", "the context's deadline is over"
	}
	return &APIError{ErrorCode: code, Message: message, cause: err}
}

func (c *Client) lost(err error, w *watch, idle time.Duration) *APIError {
	answer := localError("connection_failed", "there was no answer from "+c.baseURL)
	if w != nil && w.late.Load() {
		answer = silence(idle)
	}
	answer.cause = err
	return answer
}

func answered(response *http.Response, then func(*http.Response) error) error {
	if response.StatusCode >= 300 {
		defer response.Body.Close()
		return errorOf(response)
	}
	if then == nil {
		return nil
	}
	defer response.Body.Close()
	return then(response)
}

// errorOf reads an error answer. RetryAfter is negative where the server names none.
func errorOf(response *http.Response) error {
	answer := &APIError{StatusCode: response.StatusCode, RetryAfter: retryAfter(response.Header.Get("Retry-After"))}
	body, err := readAll(response.Body)
	if err != nil {
		return err
	}
	var data struct {
		Error     string
		Message   string
		Details   []map[string]any
		RequestID string `json:"request_id"`
	}
	if json.Unmarshal(body, &data) != nil || data.Error == "" {
		answer.ErrorCode, answer.Message = "bad_answer", "the answer is not one of a Skillbox server"
		return answer
	}
	answer.ErrorCode, answer.Message = data.Error, data.Message
	answer.Details, answer.RequestID = data.Details, data.RequestID
	return answer
}

func retryAfter(text string) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32); err == nil {
		return time.Duration(n) * time.Second
	}
	if moment, err := http.ParseTime(text); err == nil {
		if left := time.Until(moment); left > 0 {
			return left
		}
		return 0
	}
	return -1
}

func readAll(body io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(body, mostAnswerBytes+1))
	if err == nil && len(content) > mostAnswerBytes {
		return nil, localError("too_large", fmt.Sprintf("the answer has more than %d bytes", mostAnswerBytes))
	}
	return content, err
}

// --- shapes of calls

func jsonBody(what *call, value any) error {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return &APIError{ErrorCode: "bad_request", Message: "this cannot be written as JSON: " + err.Error(), cause: err}
	}
	bytesBody(what, buffer.Bytes(), "application/json")
	return nil
}

func bytesBody(what *call, content []byte, kind string) {
	what.body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	what.length = int64(len(content))
	what.setHeader("Content-Type", kind)
}

func (what *call) setHeader(name, value string) {
	if what.header == nil {
		what.header = map[string]string{}
	}
	what.header[name] = value
}

func (what *call) setSession(sessionID string) error {
	what.setHeader("X-Session-ID", sessionID)
	return checkHeader("session", sessionID)
}

// fetch sends the call and reads the JSON of the answer into `out`; nil: there is none.
func (c *Client) fetch(ctx context.Context, what call, out any) error {
	_, err := c.send(ctx, what, func(response *http.Response) error {
		body, err := readAll(response.Body)
		if err != nil || out == nil {
			return err
		}
		if json.Unmarshal(body, out) != nil {
			return badAnswer()
		}
		return nil
	})
	return err
}

func (c *Client) get(ctx context.Context, target string, out any) error {
	return c.fetch(ctx, call{method: http.MethodGet, target: target}, out)
}

func (c *Client) remove(ctx context.Context, target string) error {
	return c.fetch(ctx, call{method: http.MethodDelete, target: target}, nil)
}

func (c *Client) sendJSON(ctx context.Context, what call, in, out any) error {
	if err := jsonBody(&what, in); err != nil {
		return err
	}
	return c.fetch(ctx, what, out)
}

func (c *Client) content(ctx context.Context, target string) ([]byte, error) {
	var content []byte
	_, err := c.send(ctx, call{method: http.MethodGet, target: target}, func(response *http.Response) error {
		var err error
		content, err = readAll(response.Body)
		return err
	})
	return content, err
}

// Page is a part of a list. NextCursor is empty on the last one.
type Page[T any] struct {
	Items      []T
	NextCursor string
}

func page[T any](ctx context.Context, c *Client, target string) (*Page[T], error) {
	result := &Page[T]{}
	_, err := c.send(ctx, call{method: http.MethodGet, target: target}, func(response *http.Response) error {
		body, err := readAll(response.Body)
		if err != nil {
			return err
		}
		result.Items = nil
		if json.Unmarshal(body, &result.Items) != nil {
			return badAnswer()
		}
		result.NextCursor = nextCursor(response.Header.Get("Link"))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

func nextCursor(link string) string {
	for _, part := range strings.Split(link, ",") {
		address, parameters, found := strings.Cut(strings.TrimSpace(part), ">")
		if !found || !strings.HasPrefix(address, "<") || !strings.Contains(parameters, `rel="next"`) {
			continue
		}
		if parsed, err := url.Parse(address[1:]); err == nil {
			return parsed.Query().Get("cursor")
		}
	}
	return ""
}

// --- targets

// segment is one component of a path. Dots would be taken for a way up on their way to the server.
func segment(what, text string) (string, error) {
	if text == "" || text == "." || text == ".." {
		return "", localError("bad_request", quoted(text)+" is no "+what)
	}
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), nil
}

// target joins a pattern with components: each %s of the pattern takes one (kind, text) pair. The
// kind "path" stands for several components.
func target(pattern string, pairs ...string) (string, error) {
	escaped := make([]any, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		parts := []string{pairs[i+1]}
		if pairs[i] == "path" {
			parts = strings.Split(pairs[i+1], "/")
		}
		for k, part := range parts {
			text, err := segment(pairs[i], part)
			if err != nil {
				return "", err
			}
			parts[k] = text
		}
		escaped = append(escaped, strings.Join(parts, "/"))
	}
	return fmt.Sprintf(pattern, escaped...), nil
}

// query leaves out what is empty.
func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func quoted(text string) string {
	var buffer strings.Builder
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string can always be written
	return strings.TrimSuffix(buffer.String(), "\n")
}
