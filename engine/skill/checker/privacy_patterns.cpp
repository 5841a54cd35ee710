#include "engine/skill/checker/pattern_tables.h"

// Where programs keep keys and passwords. Pasted into several expressions.
#define SKILLBOX_CREDENTIAL_FILES SKILLBOX_PRIVATE_FILES "|/etc/sudoers\\b"
// The same without what everybody may read and every text about security names.
#define SKILLBOX_PRIVATE_FILES                                                                     \
    R"re(\.ssh/(?:id_\w+|\*)|\.aws/credentials|\.git-credentials|\.kube/config\b|\.docker/config\.json|\.gnupg/|/etc/shadow\b|\.config/gcloud|\.azure/(?:accesstokens|msal)|(?:~|home\S{0,6})/\.(?:netrc|npmrc|pypirc)|login data\b|cookies\.sqlite|key4\.db|logins\.json|wallet\.dat|\.electrum\b|\.password-store|\.config/gh/hosts|\.(?:bash|zsh)_history|library/keychains|web data\b)re"
#define SKILLBOX_CREDENTIAL_NEEDLES                                                                \
    ".ssh/|.aws/|.git-credentials|.kube/|.docker/|.gnupg/|/etc/|gcloud|.azure/"                    \
    "|.netrc|.npmrc|.pypirc|login "                                                                \
    "data|cookies.sqlite|key4.db|logins.json|wallet.dat|.electrum|.password-store|.config/"        \
    "gh|_history|keychains|web data"

namespace skillbox {
namespace {

constexpr auto onLine = PatternScope::Line;

constexpr Pattern privacyTable[] = {
    {Rule::CredentialFiles, scriptKinds, TextView::Code, SKILLBOX_CREDENTIAL_NEEDLES,
     "(" SKILLBOX_CREDENTIAL_FILES ")", "%1 holds credentials or private data of the user", onLine},
    {Rule::CredentialFiles, scriptKinds, TextView::Code, "/etc/passwd",
     R"re((?:open\(|read\w*\(|\bcat\s|\bcp\s|\bcurl\s|\bscp\s|\btar\s|\bbase64\s|<\s?)[^\n]{0,40}?(/etc/passwd)\b)re",
     "%1 lists the accounts of the machine", onLine},
    {Rule::CredentialFiles, scriptKinds, TextView::Code, ".ssh|.aws|.gnupg|.kube",
     R"re((?:join\(|/\s*)["']\.(?:ssh|aws|gnupg|kube)["']|["']~?/?\.(?:ssh|aws|gnupg|kube)/?["'])re",
     "%1 is a folder with credentials of the user", onLine},
    {Rule::CredentialFiles, kindMarkdown, TextView::Code, SKILLBOX_CREDENTIAL_NEEDLES,
     "\\b(?:cat|cp|scp|base64|tar|curl|less|head|tail|grep|zip|open)\\b[^\\n]*"
     "(" SKILLBOX_CREDENTIAL_FILES ")",
     "%1 holds credentials or private data of the user", onLine},
    {Rule::CredentialFiles, kindMarkdown | kindText, TextView::Lower, SKILLBOX_CREDENTIAL_NEEDLES,
     "\\b(?:read|open|print|include|copy|send|upload|attach|collect|fetch|grab|encode|append)\\b[^."
     "\\n]{0,60}"
     "[^\\n]{0,20}?(" SKILLBOX_PRIVATE_FILES ")",
     "%1 holds credentials or private data of the user", onLine},
    {Rule::CredentialFiles, kindCode, TextView::Code,
     "find-generic-password|find-internet-password|secretstorage|cryptunprotectdata",
     R"re((security\s+find-(?:generic|internet)-password|\bsecretstorage\b|cryptunprotectdata))re",
     "%1 reads the user's stored passwords", onLine},
    {Rule::EnvironmentDump, kindPython, TextView::Bare, "os.environ",
     R"re(((?:dict|json\.dumps|str|repr|print|list|sorted)\(\s*(?:dict\(\s*)?os\.environ\s*[),]|in\s+os\.environ\.items\(\)|=\s*os\.environ\s*$))re",
     "%1 takes the whole environment", onLine},
    {Rule::EnvironmentDump, kindPython, TextView::Bare, "os.environ",
     R"re(((?:json|data|params|body)\s*=\s*(?:dict\(\s*)?os\.environ\b))re",
     "%1 takes the whole environment", onLine},
    {Rule::EnvironmentDump, kindJs, TextView::Bare, "process.env",
     R"re(((?:json\.stringify|object\.(?:entries|keys|values)|console\.log)\(\s*process\.env\s*[),]|(?:body|data|env)\s*:\s*process\.env\s*[,}]))re",
     "%1 takes the whole environment", onLine},
    {Rule::EnvironmentDump, kindShell | kindMarkdown, TextView::Bare, "env|export -p|declare -x",
     R"re((?:^|[;&|(`]\s*|\$\()((?:printenv|env|export\s+-p|declare\s+-x)\s*(?:\||>|\)|$)))re",
     "%1 takes the whole environment", onLine},
    {Rule::CloudMetadata, kindCode, TextView::Code,
     "169.254.169.254|metadata.google.internal|fd00:ec2::254|100.100.100.200|meta-data|"
     "computemetadata|169.254.170.2",
     R"re((169\.254\.169\.254|169\.254\.170\.2\b|metadata\.google\.internal|fd00:ec2::254|100\.100\.100\.200|/latest/meta-data|/computemetadata/v1))re",
     "%1 gives out the machine's cloud credentials", onLine},
    {Rule::Surveillance, kindPython, TextView::Bare,
     "pynput|keyboard.|pyautogui.screenshot|imagegrab|mss|pyperclip|sounddevice|pyaudio|"
     "videocapture",
     R"re((\bpynput\b|\bkeyboard\.(?:hook|on_press|on_release|record)\b|pyautogui\.screenshot|imagegrab\.grab|\bimport\s+mss\b|mss\.mss\(|pyperclip\.paste|sounddevice\.rec|\bpyaudio\b|videocapture\(\s*\d))re",
     "%1 records keys, screen, clipboard or microphone", onLine},
    {Rule::Surveillance, kindShell | kindJs, TextView::Code,
     "pbpaste|xclip|xsel|screencapture|scrot|iohook|clipboardy|gnome-screenshot|arecord|get-"
     "clipboard",
     R"re((\bpbpaste\b|\bxclip\s+[^\n]*-o\b|\bxsel\s+[^\n]*-o|\bscreencapture\s|\bscrot\b|\biohook\b|clipboardy|gnome-screenshot|\barecord\s|get-clipboard))re",
     "%1 records keys, screen, clipboard or microphone", onLine},
    {Rule::HomeFolderWalk, kindPython, TextView::Code, "walk(|glob(|make_archive(",
     R"re((os\.walk\(\s*(?:os\.path\.expanduser|(?:pathlib\.)?path\.home\(\)|str\((?:pathlib\.)?path\.home|["'](?:/home|/root|/users)/?["'])|path\.home\(\)\.r?glob\(|glob\([^)\n]*expanduser|make_archive\([^)\n]*(?:expanduser|path\.home\(\))))re",
     "%1 goes through everything the user has", onLine},
    {Rule::HomeFolderWalk, kindShell | kindMarkdown, TextView::Code, "find |tar |zip ",
     R"re(\b(find\s+["']?(?:~|\$home|\$\{home\}|/home|/root|/users)["']?/?(?:\s|$)|(?:tar|zip)\s[^\n]*\s["']?(?:~|\$home|\$\{home\}|/home|/root)["']?/?(?:\s|$)))re",
     "%1 goes through everything the user has", onLine},
    {Rule::HomeFolderWalk, kindJs, TextView::Code, "homedir()",
     R"re((readdir(?:sync)?\(\s*(?:os\.)?homedir\(\)|glob(?:sync|by)?\([^)\n]*homedir\(\)))re",
     "%1 goes through everything the user has", onLine},
};

} // namespace

std::span<const Pattern> privacyPatterns()
{
    return privacyTable;
}

} // namespace skillbox
