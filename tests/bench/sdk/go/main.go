// One contender of ../../sdk_overhead.py:   go_overhead URL KEY ROUNDS FILE
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sort"
	"strconv"
	"syscall"
	"time"

	"skillbox"
)

func peak() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return usage.Maxrss
}

func timed(call func() error) float64 {
	start := time.Now()
	if err := call(); err != nil {
		log.Fatal(err)
	}
	return float64(time.Since(start).Microseconds()) / 1000
}

func median(times []float64) float64 {
	sort.Float64s(times)
	return times[len(times)/2]
}

func main() {
	url, key, large := os.Args[1], os.Args[2], os.Args[4]
	rounds, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	client, err := skillbox.NewClient(url, skillbox.Options{APIKey: key})
	if err != nil {
		log.Fatal(err)
	}
	byHand := func() error {
		request, err := http.NewRequestWithContext(ctx, "GET", url+"/v1/skills/word-counter/latest", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		var skill skillbox.Skill
		return json.NewDecoder(response.Body).Decode(&skill)
	}
	bySDK := func() error {
		_, err := client.GetSkill(ctx, "word-counter", "")
		return err
	}
	var rawTimes, sdkTimes []float64
	for number := 0; number < rounds+50; number++ {
		raw, ours := timed(byHand), timed(bySDK)
		if number >= 50 { // warm by now
			rawTimes, sdkTimes = append(rawTimes, raw), append(sdkTimes, ours)
		}
	}
	before := peak()
	if _, err := client.UploadFile(ctx, skillbox.Upload{Path: large}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf(`{"raw_ms":%f,"sdk_ms":%f,"upload_kib":%d}`+"\n", median(rawTimes), median(sdkTimes), peak()-before)
}
