package skillbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

const mostEventBytes = 64 << 20

// Event is what a run tells while it goes on: Type is state, log or result.
type Event struct {
	Type string          `json:"type"`
	ID   string          `json:"id"`
	Data json.RawMessage `json:"data"`
}

// EventStream gives the events of a run, up to its result. A connection that breaks is made again
// and goes on behind the last event. Only Close may be called while another goroutine is in Next.
type EventStream struct {
	client      *Client
	ctx         context.Context
	cancel      context.CancelFunc
	target      string
	lastEventID string
	over        bool
	failures    int

	mutex  sync.Mutex // guards body
	body   io.ReadCloser
	reader *bufio.Reader
}

// Stream follows a run. With a lastEventID it begins behind that event. The stream ends with the
// context, too; close it in any case.
func (c *Client) Stream(ctx context.Context, executionID, lastEventID string) (*EventStream, error) {
	where, err := target("/v1/executions/%s/events", "id", executionID)
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	return &EventStream{client: c, ctx: inner, cancel: cancel, target: where, lastEventID: lastEventID}, nil
}

// LastEventID is where another stream could go on.
func (s *EventStream) LastEventID() string { return s.lastEventID }

// Close ends the stream, also for a goroutine that waits in Next.
func (s *EventStream) Close() error {
	s.cancel()
	s.drop()
	return nil
}

func (s *EventStream) drop() {
	s.mutex.Lock()
	body := s.body
	s.body, s.reader = nil, nil
	s.mutex.Unlock()
	if body != nil {
		body.Close()
	}
}

// Next waits for the next event. Behind the result it is io.EOF.
func (s *EventStream) Next() (*Event, error) {
	for !s.over {
		event, err := s.read()
		if err == nil {
			s.failures = 0
			if event.Type == "result" {
				s.over = true
				s.drop()
			}
			return event, nil
		}
		s.drop()
		if s.ctx.Err() != nil {
			s.over = true
			return nil, endedBy(s.ctx.Err())
		}
		if s.failures++; isAPIError(err) || s.failures > s.client.maxRetries {
			s.over = true
			if isAPIError(err) {
				return nil, err
			}
			return nil, s.client.lost(err, nil, 0)
		}
		if err := sleep(s.ctx, backoff(s.failures)); err != nil {
			s.over = true
			return nil, endedBy(err)
		}
	}
	return nil, io.EOF
}

func (s *EventStream) open() (*bufio.Reader, error) {
	s.mutex.Lock()
	reader := s.reader
	s.mutex.Unlock()
	if reader != nil {
		return reader, nil
	}
	what := call{method: http.MethodGet, target: s.target, idle: streamIdleLimit}
	what.setHeader("Accept", "text/event-stream")
	if s.lastEventID != "" {
		what.setHeader("Last-Event-ID", s.lastEventID)
	}
	response, err := s.client.send(s.ctx, what, nil)
	if err != nil {
		return nil, err
	}
	reader = bufio.NewReaderSize(response.Body, 1<<16)
	s.mutex.Lock()
	s.body, s.reader = response.Body, reader
	s.mutex.Unlock()
	return reader, nil
}

// read gives one event. What came of an event when the connection ended is dropped.
func (s *EventStream) read() (*Event, error) {
	reader, err := s.open()
	if err != nil {
		return nil, err
	}
	event := &Event{Type: "message", ID: s.lastEventID}
	var data [][]byte
	size := 0
	for {
		line, err := readLine(reader, mostEventBytes-size)
		if err != nil {
			return nil, err
		}
		size += len(line)
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			if data != nil {
				break
			}
			size, event.Type = 0, "message"
			continue
		}
		name, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			event.Type = value
		case "id":
			event.ID = value
		case "data":
			data = append(data, []byte(value))
		}
	}
	s.lastEventID = event.ID
	event.Data = bytes.Join(data, []byte("\n"))
	if !json.Valid(event.Data) {
		return nil, badAnswer()
	}
	return event, nil
}

func readLine(reader *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := reader.ReadSlice('\n')
		if len(line)+len(part) > most {
			return nil, localError("too_large", fmt.Sprintf("an event has more than %d bytes", mostEventBytes))
		}
		line = append(line, part...)
		if err == nil {
			return line, nil
		}
		if err != bufio.ErrBufferFull {
			return nil, err
		}
	}
}
