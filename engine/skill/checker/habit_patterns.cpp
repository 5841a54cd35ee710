#include "engine/skill/checker/pattern_tables.h"

namespace skillbox {
namespace {

constexpr auto habitScope = PatternScope::Line;

constexpr Pattern habitTable[] = {
    {Rule::ReadsTerminal, kindPython, TextView::Bare, "input(|getpass(",
     R"re((?:^|[^\w.])(input\(|(?:getpass\.)?getpass\())re", "%1 waits for a person at a terminal",
     habitScope},
    {Rule::ReadsTerminal, kindShell, TextView::Bare, "read ",
     R"re((?:^|[;&|]\s*|\b(?:then|do)\s+)(read\s+(?:-\w+\s+)*-\w*p\b))re",
     "%1 waits for a person at a terminal", habitScope},
    {Rule::InstallsAtRunTime, kindShell, TextView::Bare, "install|npm i|npm ci| add ",
     R"re((?:^|[;&|(]\s*|\b(?:then|do|else|sudo)\s+)((?:(?:uv\s+)?pip3?|python3?\s+-m\s+pip)\s+install\b|npm\s+(?:install|i|ci)\b|(?:yarn|pnpm)\s+(?:add|install)\b|apt(?:-get)?\s+(?:-\w+\s+)*install\b))re",
     "%1 needs the network and changes what is installed", habitScope},
    {Rule::InstallsAtRunTime, kindPython | kindJs, TextView::Code, "pip|npm",
     R"re((["']pip3?["']\s*,\s*["']install["']|(?:os\.system|subprocess\.\w+|exec(?:sync)?|run)\(\s*f?["'`](?:python3?\s+-m\s+)?(?:pip3?|npm)\s+(?:install|i)\b|["']npm["']\s*,\s*\[?\s*["'](?:install|i|ci)["']))re",
     "%1 needs the network and changes what is installed", habitScope},
    {Rule::MachinePath, kindCode | kindText, TextView::Lower, "/users/|/home/|\\users\\",
     R"re((?:^|[\s"'`(=])(/users/[a-z0-9._-]+/[\w./-]+|/home/[a-z0-9._-]+/[\w./-]+|[a-z]:\\+users\\+[\w.\\ -]+))re",
     "%1 is there on one machine only", habitScope},
};

} // namespace

std::span<const Pattern> habitPatterns()
{
    return habitTable;
}

} // namespace skillbox
