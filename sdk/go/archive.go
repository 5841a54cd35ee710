package skillbox

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"unicode/utf8"
)

// What an archive of a skill may hold; the server has the same limits.
const (
	skillEntries   = 500
	skillBytes     = 256 << 20
	skillRatio     = 100
	skillRatioFrom = 1 << 20
)

// Of the files that a run made.
const (
	artifactBytes  = 1 << 30
	artifactFiles  = 10_000
	tarHeaderBytes = 1 << 20 // what archive/tar reads of a long name
)

// --- skills as archives

// isSkipped says what the engine leaves out too: version control, caches, litter of desktops.
func isSkipped(path, name string) bool {
	switch name {
	case ".git", "__pycache__", "__MACOSX", ".DS_Store", "Thumbs.db":
		return true
	}
	return strings.HasPrefix(name, ".skillbox-") && strings.HasSuffix(name, ".tmp") ||
		path == "node_modules/.cache" || strings.HasSuffix(path, "/node_modules/.cache")
}

type skillFile struct {
	path, place string
	executable  bool
}

func skillFiles(folder string) ([]skillFile, error) {
	var found []skillFile
	total, hasManifest := int64(0), false
	err := filepath.WalkDir(folder, func(place string, entry fs.DirEntry, err error) error {
		if err != nil || place == folder {
			return err
		}
		relative, err := filepath.Rel(folder, place)
		if err != nil {
			return err
		}
		path := filepath.ToSlash(relative)
		if isSkipped(path, entry.Name()) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		if !entry.Type().IsRegular() {
			return localError("invalid_skill", quoted(path)+" is no regular file; a skill holds only files and folders")
		}
		status, err := entry.Info()
		if err != nil {
			return err
		}
		total += status.Size()
		found = append(found, skillFile{path, place, status.Mode()&0o100 != 0})
		if len(found) > skillEntries {
			return localError("too_large", fmt.Sprintf("there are more than %d files", skillEntries))
		}
		if total > skillBytes {
			return localError("too_large", fmt.Sprintf("the files have more than %d bytes", skillBytes))
		}
		hasManifest = hasManifest || path == "SKILL.md" || path == "skill.md"
		return nil
	})
	if err != nil {
		return nil, unreadable(err)
	}
	if !hasManifest {
		return nil, localError("invalid_skill", "there is no SKILL.md in the folder")
	}
	sort.Slice(found, func(i, k int) bool { return found[i].path < found[k].path })
	return found, nil
}

func unreadable(err error) error {
	if isAPIError(err) {
		return err
	}
	return &APIError{ErrorCode: "bad_request", Message: "the skill cannot be read: " + err.Error(), cause: err}
}

// PackSkill makes a zip of the folder. The same files give the same bytes, whatever their times and
// owner.
func PackSkill(folder string) ([]byte, error) {
	// Only the folder itself may be a link.
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	files, err := skillFiles(folder)
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, file := range files {
		if err := addTo(archive, file); err != nil {
			return nil, unreadable(err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, unreadable(err)
	}
	return buffer.Bytes(), nil
}

func addTo(archive *zip.Writer, file skillFile) error {
	content, err := os.ReadFile(file.place)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	writer, err := flate.NewWriter(&packed, 6)
	if err != nil {
		return err
	}
	if _, err := writer.Write(content); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	header := &zip.FileHeader{Name: file.path, Method: zip.Deflate, CreatorVersion: 3 << 8,
		Flags: 0x800, // the name is UTF-8
		CRC32: crc32.ChecksumIEEE(content), UncompressedSize64: uint64(len(content)),
		ModifiedDate: 1<<5 | 1} // 1980-01-01
	header.ExternalAttrs = 0o100644 << 16
	if file.executable {
		header.ExternalAttrs = 0o100755 << 16
	}
	stored := packed.Bytes()
	// What packs better than the server accepts is stored.
	if len(content) > skillRatioFrom && len(content) > packed.Len()*skillRatio {
		header.Method, stored = zip.Store, content
	}
	header.CompressedSize64 = uint64(len(stored))
	part, err := archive.CreateRaw(header)
	if err == nil {
		_, err = part.Write(stored)
	}
	return err
}

func zipAt(path string) ([]byte, error) {
	status, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(err)
	}
	if status.IsDir() {
		return PackSkill(path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(err)
	}
	return content, nil
}

// --- files of a run

// DownloadFiles saves the files that a run made, and gives their paths below the directory, sorted.
//
// Files of the same name are replaced. An archive with a link, a device or a path that leads out of
// the folder is refused as a whole, and so is one with more than maxBytes (0: 1 GiB).
func (c *Client) DownloadFiles(ctx context.Context, result *Execution, directory string, maxBytes int64) ([]string, error) {
	if maxBytes <= 0 {
		maxBytes = artifactBytes
	}
	if result.FilesURL == "" {
		return []string{}, nil
	}
	paths, err := c.downloadFrom(ctx, result.FilesURL, directory, maxBytes)
	var known *APIError
	if errors.As(err, &known) && known.StatusCode == http.StatusForbidden && result.ExecutionID != "" {
		// The link has its hour; whoever may see the run gets another.
		fresh, err := c.GetExecution(ctx, result.ExecutionID)
		if err != nil {
			return nil, err
		}
		return c.downloadFrom(ctx, fresh.FilesURL, directory, maxBytes)
	}
	return paths, err
}

func (c *Client) downloadFrom(ctx context.Context, link, directory string, maxBytes int64) ([]string, error) {
	if err := os.MkdirAll(directory, 0o777); err != nil {
		return nil, unsavable(err)
	}
	folder, err := os.MkdirTemp(directory, ".skillbox-*.tmp")
	if err != nil {
		return nil, unsavable(err)
	}
	defer os.RemoveAll(folder)
	for failures := 0; ; {
		var staged []stagedFile
		staged, err = c.stage(ctx, link, folder, maxBytes)
		if err == nil {
			return place(staged, directory)
		}
		if ctx.Err() != nil {
			return nil, endedBy(ctx.Err())
		}
		failures++
		pause := backoff(failures)
		var known *APIError
		if errors.As(err, &known) {
			if !isTemporary(known.StatusCode) || failures > c.maxRetries {
				return nil, err
			}
			if known.RetryAfter > 0 && known.RetryAfter <= longestWait {
				pause = known.RetryAfter
			}
		} else if failures > c.maxRetries {
			return nil, c.lost(err, nil, 0)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, endedBy(err)
		}
	}
}

func unsavable(err error) error {
	return &APIError{ErrorCode: "bad_request", Message: "the files cannot be saved: " + err.Error(), cause: err}
}

type stagedFile struct{ path, place string }

// brokenReader remembers why the network ended, which archive/tar would hide in its own errors.
type brokenReader struct {
	io.Reader
	err error
}

func (b *brokenReader) Read(buffer []byte) (int, error) {
	n, err := b.Reader.Read(buffer)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// stage unpacks into files with plain numbers for names.
func (c *Client) stage(ctx context.Context, link, folder string, maxBytes int64) ([]stagedFile, error) {
	parsed, err := url.Parse(link)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" {
		return nil, localError("bad_answer", "the link to the files is no http address")
	}
	inner, cancel := context.WithCancel(ctx)
	w := newWatch(idleLimit, cancel)
	defer w.end()
	// The link is its own permission: no header says who we are.
	request, err := http.NewRequestWithContext(inner, http.MethodGet, link, nil)
	if err != nil {
		return nil, localError("bad_answer", "the link to the files is no http address")
	}
	request.Header.Set("User-Agent", c.header.Get("User-Agent"))
	request.Header.Set("Accept-Encoding", "identity")
	response, err := c.download.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		err := errorOf(response)
		var known *APIError
		if errors.As(err, &known) && known.RetryAfter < 0 {
			known.RetryAfter = 0
		}
		return nil, err
	}
	network := &brokenReader{Reader: &watchedBody{ReadCloser: response.Body, watch: w}}
	staged, err := unpackTar(network, folder, maxBytes)
	if network.err != nil {
		return nil, network.err
	}
	return staged, err
}

func unpackTar(packed io.Reader, folder string, maxBytes int64) ([]stagedFile, error) {
	bad := func(err error) error {
		return &APIError{ErrorCode: "bad_archive", Message: "the archive of files cannot be read", cause: err}
	}
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, bad(err)
	}
	unpacked.Multistream(false)
	bounded := &boundedReader{reader: unpacked}
	archive := tar.NewReader(bounded)
	var staged []stagedFile
	known := map[string]bool{}
	left := maxBytes
	for {
		bounded.left = 3 * tarHeaderBytes // of headers, between two files
		header, err := archive.Next()
		if bounded.isOver {
			return nil, localError("too_large", fmt.Sprintf("the archive has a header of more than %d bytes", tarHeaderBytes))
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, bad(err)
		}
		bounded.left = -1
		if header.Typeflag == tar.TypeDir || header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if err := checkMember(header); err != nil {
			return nil, err
		}
		if known[header.Name] {
			return nil, refused(header.Name, "is there twice")
		}
		if len(staged) >= artifactFiles {
			return nil, localError("too_large", fmt.Sprintf("there are more than %d files", artifactFiles))
		}
		if left -= header.Size; left < 0 {
			return nil, localError("too_large", fmt.Sprintf("the files have more than %d bytes", maxBytes))
		}
		known[header.Name] = true
		place := filepath.Join(folder, itoa(len(staged)))
		if err := save(archive, place); err != nil {
			if isAPIError(err) {
				return nil, err
			}
			return nil, bad(err)
		}
		staged = append(staged, stagedFile{header.Name, place})
	}
	bounded.left = -1
	if _, err := io.Copy(io.Discard, unpacked); err != nil { // to the end, where the checksum is
		return nil, bad(err)
	}
	return staged, nil
}

// boundedReader ends after `left` bytes; a negative number bounds nothing.
type boundedReader struct {
	reader io.Reader
	left   int64
	isOver bool
}

func (b *boundedReader) Read(buffer []byte) (int, error) {
	if b.left == 0 {
		b.isOver = true
		return 0, io.ErrUnexpectedEOF
	}
	if b.left > 0 && int64(len(buffer)) > b.left {
		buffer = buffer[:b.left]
	}
	n, err := b.reader.Read(buffer)
	if b.left > 0 {
		b.left -= int64(n)
	}
	return n, err
}

func save(content io.Reader, place string) error {
	file, err := os.OpenFile(place, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return unsavable(err)
	}
	if _, err := io.Copy(onlyWriter{file}, content); err != nil {
		file.Close()
		var onDisk *fs.PathError
		if errors.As(err, &onDisk) {
			return unsavable(err)
		}
		return err
	}
	if err := file.Close(); err != nil {
		return unsavable(err)
	}
	return nil
}

// onlyWriter hides ReadFrom, which would hold what is written back.
type onlyWriter struct{ io.Writer }

func refused(name, why string) error {
	return localError("unsafe_archive", "the archive of files is refused: "+quoted(name)+" "+why)
}

// checkMember lets only files pass that lie below the folder.
func checkMember(header *tar.Header) error {
	name := header.Name
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeRegA: //nolint:staticcheck // old archives have it
	case tar.TypeSymlink, tar.TypeLink:
		return refused(name, "is a link")
	default:
		return refused(name, "is no regular file")
	}
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return refused(name, "is no regular file")
		}
	}
	if !utf8.ValidString(name) {
		return refused(name, "is not UTF-8")
	}
	if strings.Contains(name, "\x00") {
		return refused(name, "has a NUL in its name")
	}
	if strings.HasPrefix(name, "/") || runtime.GOOS == "windows" && strings.ContainsAny(name, `:\`) {
		return refused(name, "is no relative path")
	}
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "..":
			return refused(name, `has a ".." in its path`)
		case "", ".":
			return refused(name, "has an empty component in its path")
		}
	}
	return nil
}

// place moves what was unpacked to its places; through no link, and over no folder.
func place(staged []stagedFile, directory string) ([]string, error) {
	inTheWay := func(path, what string) error {
		return localError("unsafe_archive", quoted(path)+" cannot be saved: "+what+" is in the way")
	}
	known := map[string]bool{}
	for _, file := range staged {
		known[file.path] = true
	}
	for _, file := range staged {
		parts := strings.Split(file.path, "/")
		for n := 1; n < len(parts); n++ {
			status, err := os.Lstat(filepath.Join(directory, filepath.Join(parts[:n]...)))
			if known[strings.Join(parts[:n], "/")] || err == nil && !status.IsDir() {
				return nil, inTheWay(file.path, "a link or a file")
			}
		}
		status, err := os.Lstat(filepath.Join(directory, filepath.FromSlash(file.path)))
		if err == nil && status.IsDir() {
			return nil, inTheWay(file.path, "a folder")
		}
	}
	paths := []string{}
	for _, file := range staged {
		target := filepath.Join(directory, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return nil, unsavable(err)
		}
		if err := os.Rename(file.place, target); err != nil {
			return nil, unsavable(err)
		}
		paths = append(paths, file.path)
	}
	sort.Strings(paths)
	return paths, nil
}
