// An agent in one page: it lists the skills, picks one by its description, runs it, and reads what
// the run made.
//
//	go run ./examples/agent 'How often do words occur in: one two one'
//
// It needs a server with skills, named by SKILLBOX_SERVER_URL and SKILLBOX_API_KEY. No language model
// is asked: choose and arguments stand where one would answer.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"skillbox"
)

var word = regexp.MustCompile(`[a-z]{4,}`)

// choose gives the skill whose description has most words of the task.
func choose(task string, skills []skillbox.SkillVersion) skillbox.SkillVersion {
	wanted := map[string]bool{}
	for _, text := range word.FindAllString(strings.ToLower(task), -1) {
		wanted[text] = true
	}
	best, most := skillbox.SkillVersion{}, -1
	for _, skill := range skills {
		found := map[string]bool{}
		for _, text := range word.FindAllString(strings.ToLower(skill.Description), -1) {
			if wanted[text] {
				found[text] = true
			}
		}
		if skill.Mode == "executable" && len(found) > most {
			best, most = skill, len(found)
		}
	}
	return best
}

// arguments gives what is behind the first colon, as text. The first try has a mistake on purpose:
// text as a list of lines. Told so, it does better.
func arguments(task, complaint string) map[string]any {
	_, text, _ := strings.Cut(task, ":")
	text = strings.TrimSpace(text)
	if complaint == "" {
		return map[string]any{"text": strings.Split(text, "\n")}
	}
	return map[string]any{"text": text}
}

func work(ctx context.Context, task string) error {
	client, err := skillbox.NewClient("", skillbox.Options{})
	if err != nil {
		return err
	}
	skills, err := client.ListSkills(ctx, skillbox.SkillFilter{Latest: true})
	if err != nil {
		return err
	}
	chosen := choose(task, skills.Items)
	fmt.Printf("skill: %s %s, one of %d\n", chosen.Name, chosen.Version, len(skills.Items))
	complaint := ""
	for try := 0; try < 3; try++ {
		// The server holds the arguments to the skill's schema before anything runs.
		result, err := client.Run(ctx, skillbox.RunRequest{
			Skill: chosen.Name, Version: chosen.Version, Input: arguments(task, complaint)})
		var refused *skillbox.APIError
		if errors.As(err, &refused) && refused.ErrorCode == "invalid_input" {
			complaint = refused.Error()
			for _, detail := range refused.Details {
				complaint += fmt.Sprintf(" | %v: %v", detail["pointer"], detail["message"])
			}
			fmt.Println("refused:", complaint)
			continue
		}
		if err != nil {
			return err
		}
		if !result.Succeeded() {
			return fmt.Errorf("the skill ended with %s: %s", result.Status, result.Logs)
		}
		return show(ctx, client, result)
	}
	return errors.New("three tries were not enough")
}

func show(ctx context.Context, client *skillbox.Client, result *skillbox.Execution) error {
	fmt.Printf("output: %.300s\n", result.Output)
	folder, err := os.MkdirTemp("", "agent-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	paths, err := client.DownloadFiles(ctx, result, folder, 0)
	if err != nil {
		return err
	}
	for _, path := range paths {
		status, err := os.Stat(filepath.Join(folder, path))
		if err != nil {
			return err
		}
		fmt.Printf("file: %s, %d bytes\n", path, status.Size())
	}
	return nil
}

func main() {
	task := strings.Join(os.Args[1:], " ")
	if task == "" {
		task = "How often do words occur in: one two one"
	}
	fmt.Println("A scripted model chooses here; no language model is asked.")
	if err := work(context.Background(), task); err != nil {
		log.Fatal(err)
	}
}
