package skillbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What all SDKs have in common is tested by tests/sdk; here is what only Go has.

const someID = "6f1d6a0e-6f0b-4a0a-9a52-3f1c0a6d2b11"

func newTestClient(t *testing.T, handler http.HandlerFunc, options Options) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := NewClient(server.URL, options)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestCallEndsWithItsContext(t *testing.T) {
	released := make(chan struct{})
	client := newTestClient(t, func(http.ResponseWriter, *http.Request) { <-released }, Options{})
	t.Cleanup(func() { close(released) })

	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := client.Run(ctx, RunRequest{Skill: "a"})
	var known *APIError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &known) || known.ErrorCode != "cancelled" {
		t.Errorf("a cancelled call ended with %v", err)
	}

	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = client.GetSkill(ctx, "a", "")
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &known) || known.ErrorCode != "timeout" {
		t.Errorf("a call over its deadline ended with %v", err)
	}
}

func TestStreamEndsWhenItIsClosed(t *testing.T) {
	client := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "id: 1\nevent: state\ndata: {}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, Options{})
	stream, err := client.Stream(context.Background(), someID, "")
	if err != nil {
		t.Fatal(err)
	}
	event, err := stream.Next()
	if err != nil || event.Type != "state" || stream.LastEventID() != "1" {
		t.Fatalf("the first event is %v, %v", event, err)
	}
	ended := make(chan error)
	go func() {
		_, err := stream.Next()
		ended <- err
	}()
	stream.Close()
	select {
	case err = <-ended:
	case <-time.After(time.Minute):
		t.Fatal("Next goes on behind Close")
	}
	var known *APIError
	if !errors.As(err, &known) || known.ErrorCode != "cancelled" {
		t.Errorf("a closed stream ended with %v", err)
	}
	if _, err := stream.Next(); err != io.EOF {
		t.Errorf("behind its end a stream gives %v", err)
	}
}

func TestGoroutinesShareAClient(t *testing.T) {
	client := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"name":%q}`, r.URL.Path)
	}, Options{})
	var all sync.WaitGroup
	for n := 0; n < 8; n++ {
		all.Add(1)
		go func(n int) {
			defer all.Done()
			for i := 0; i < 20; i++ {
				name := fmt.Sprintf("s%d-%d", n, i)
				skill, err := client.GetSkill(context.Background(), name, "")
				if err != nil || skill.Name != "/v1/skills/"+name+"/latest" {
					t.Errorf("%s: %v, %v", name, skill, err)
				}
			}
		}(n)
	}
	all.Wait()
}

func TestSpeaksOverAUnixSocket(t *testing.T) {
	place := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", place)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":"ok"}`)
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()

	client, err := NewClient("unix:"+place, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if health, err := client.Health(context.Background()); err != nil || health["status"] != "ok" {
		t.Errorf("health over the socket is %v, %v", health, err)
	}
}

func TestTakesWhatItIsNotGivenFromTheEnvironment(t *testing.T) {
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		fmt.Fprint(w, "{}")
	}))
	defer server.Close()
	t.Setenv("SKILLBOX_SERVER_URL", server.URL+"/")
	t.Setenv("SKILLBOX_API_KEY", "sk-1")
	t.Setenv("SKILLBOX_TENANT_ID", "me")
	client, err := NewClient("", Options{})
	if err != nil || client.BaseURL() != server.URL {
		t.Fatal(client.BaseURL(), err)
	}
	if _, err := client.Health(context.Background()); err != nil {
		t.Fatal(err)
	}
	if header.Get("Authorization") != "Bearer sk-1" || header.Get("X-Tenant-ID") != "me" {
		t.Errorf("sent %v", header)
	}
}

func TestUploadIsReadWhileItIsSent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 3<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	client := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		defer file.Close()
		fmt.Fprintf(w, `{"name":%q,"size_bytes":%d}`, r.FormValue("name"), header.Size)
	}, Options{})
	file, err := client.UploadFile(context.Background(), Upload{Path: path})
	if err != nil || file.Name != "large" || file.SizeBytes != 3<<20 {
		t.Errorf("uploaded %v, %v", file, err)
	}
}

func TestAnswersAfterARefusedUpload(t *testing.T) {
	client := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		fmt.Fprint(w, `{"error":"too_large","message":"no"}`)
	}, Options{})
	_, err := client.UploadFile(context.Background(), Upload{Content: make([]byte, 100), Name: "a"})
	if err == nil || err.Error() != "skillbox: 413 too_large: no" {
		t.Errorf("a refused upload ended with %v", err)
	}
}

func TestDecodesOutput(t *testing.T) {
	var out struct{ Words int }
	result := Execution{Output: []byte(`{"words":3}`)}
	if err := result.DecodeOutput(&out); err != nil || out.Words != 3 {
		t.Errorf("decoded %v, %v", out, err)
	}
	if err := (&Execution{}).DecodeOutput(&out); err == nil {
		t.Error("an output that is not there was decoded")
	}
}

func TestOwnHTTPClientIsUsedAndNeverLeaksTheKey(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Error("the redirect was followed")
	}))
	defer other.Close()
	used := false
	own := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		used = true
		return http.DefaultTransport.RoundTrip(r)
	})}
	client := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}, Options{HTTPClient: own, APIKey: "sk-1"})
	_, err := client.Health(context.Background())
	if err == nil || !used || own.CheckRedirect != nil {
		t.Errorf("health ended with %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
