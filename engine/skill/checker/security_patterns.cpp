#include "engine/skill/checker/pattern_tables.h"

namespace skillbox {
namespace {

constexpr auto inLine = PatternScope::Line;
constexpr auto inLines = PatternScope::Lines;
constexpr auto inCode = TextView::Code;
constexpr auto inBare = TextView::Bare;
constexpr auto inLower = TextView::Lower;

constexpr Pattern securityTable[] = {
    // Reverse shells
    {Rule::ReverseShell, kindCode, inCode, "/dev/tcp/|/dev/udp/",
     R"re(\bsh\s+-i\b.*/dev/(?:tcp|udp)/|(?:ba|z|k)sh\s+-i\b.*/dev/(?:tcp|udp)/|/dev/(?:tcp|udp)/\S+.*(?:0>&1|<&|>&\s*\d)|exec\s+\d+<>\s*/dev/(?:tcp|udp)/)re",
     "%1 gives a shell to somebody at the other end of a connection", inLine},
    {Rule::ReverseShell, kindCode, inCode, "nc |ncat |netcat ",
     R"re(\b(?:nc|ncat|netcat)\b[^\n|;]*\s(?:-[a-z]*e|-c|--exec|--sh-exec)\s+\S*(?:sh|cmd(?:\.exe)?)\b)re",
     "%1 gives a shell to somebody at the other end of a connection", inLine},
    {Rule::ReverseShell, kindCode, inCode, "mkfifo",
     R"re(mkfifo\s[\s\S]{0,200}?\b(?:nc|ncat|netcat|telnet|openssl\s+s_client)\b)re",
     "%1 ties a shell to a connection", inLines},
    {Rule::ReverseShell, kindPython | kindMarkdown, inCode, "dup2(",
     R"re(os\.dup2\([^)\n]*fileno\(\))re", "%1 ties a process to a socket", inLine},
    {Rule::ReverseShell, kindPython | kindShell | kindMarkdown, inCode, "pty.spawn",
     R"re(pty\.spawn\(\s*[\["']+[a-z/]*sh\b)re", "%1 gives out a shell", inLine},
    {Rule::ReverseShell, kindJs | kindMarkdown, inCode, ".connect(|createconnection(|net.socket(",
     R"re((?:net\.(?:socket|connect|createconnection)|createconnection|\.connect)\([\s\S]{0,400}?(?:\.stdin\b|\.stdout\.pipe))re",
     "%1 ties a process to a socket", inLines},
    {Rule::ReverseShell, kindCode, inCode, "perl |-rsocket|fsockopen|socat|tcpclient|s_client",
     R"re(perl\s+(?:-\w+\s+)*-e\s+.*socket|ruby\s+-rsocket|fsockopen\(.*(?:exec|proc_open|sh)|socat\b.*\bexec:|net\.sockets\.tcpclient\()re",
     "%1 gives a shell to somebody at the other end of a connection", inLine},

    // Downloads that are run unseen
    {Rule::PipedDownload, kindShell, inBare, "curl|wget|fetch ",
     R"re(\b(?:curl|wget|fetch)\b[^\n]*?\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:(?:ba|z|da|k)?sh\b|(?:python3?|node|perl|ruby|php)\s*(?:-\s|-$|$|[;&"')])))re",
     "%1 runs whatever the address delivers", inLine},
    {Rule::PipedDownload, kindShell | kindPython | kindJs, inCode, "curl|wget",
     R"re((?:\b(?:bash|sh|zsh|eval)\s+(?:-c\s+)?["'`]?\$\(|\b(?:bash|sh|zsh|source|\.)\s+<\()\s*(?:curl|wget)\b|\b(?:bash|sh)\s+-c\s+["'].*\b(?:curl|wget)\b.*\|\s*(?:ba)?sh\b)re",
     "%1 runs whatever the address delivers", inLine},
    {Rule::PipedDownload, kindPython | kindJs, inCode, "curl|wget",
     R"re((?:os\.system|os\.popen|subprocess\.\w+|exec|execsync|spawn|popen|run)\(\s*[fr]?["'`]\s*(?:curl|wget)\b[^\n]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b)re",
     "%1 runs whatever the address delivers", inLine},
    {Rule::PipedDownload, kindShell | kindPython | kindJs, inCode, "iex",
     R"re(\b(?:iwr|irm|invoke-webrequest|invoke-restmethod)\b[^\n]*\|\s*iex\b|\biex\s*\(?[^\n]*(?:downloadstring|iwr|irm|invoke-webrequest))re",
     "%1 runs whatever the address delivers", inLine},
    {Rule::PipedDownloadInText, kindMarkdown, inLower, "curl|wget",
     R"re(\b(?:curl|wget)\b[^\n`]*?\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:(?:ba|z|da|k)?sh\b|(?:python3?|node|perl|ruby)\s*(?:-\s|-$|$|[;&"'`)]))|\b(?:bash|sh|zsh|source)\s+(?:-c\s+)?["']?(?:\$|<)\(\s*(?:curl|wget)\b)re",
     "%1 tells the reader to run whatever the address delivers", inLine},
    {Rule::PipedDownloadInText, kindMarkdown, inLower, "iex",
     R"re(\b(?:iwr|irm|invoke-webrequest|invoke-restmethod)\b[^\n`]*\|\s*iex\b|\biex\s*\(?[^\n]*(?:downloadstring|iwr|irm))re",
     "%1 tells the reader to run whatever the address delivers", inLine},
    {Rule::DownloadAndRun, kindPython, inCode, "exec(|eval(",
     R"re((?:^|[^\w.])((?:exec|eval)\([^\n]{0,80}(?:requests\.(?:get|post)|urlopen|httpx\.get)\())re",
     "%1 runs what it downloads", inLine},
    {Rule::DownloadAndRun, kindPython, inBare, "exec(|eval(",
     R"re(=\s*(?:requests\.get|(?:urllib\.request\.)?urlopen|httpx\.get)\([\s\S]{0,300}?(?:\n|[^\w.\n])(?:exec|eval)\()re",
     "a download is handed to exec or eval", inLines},
    {Rule::DownloadAndRun, kindPython, inBare, "urlretrieve(",
     R"re(urlretrieve\([\s\S]{0,400}?(?:os\.chmod|subprocess\.\w+|os\.system|os\.exec\w+|os\.startfile)\()re",
     "a downloaded file is started", inLines},
    {Rule::DownloadAndRun, kindShell | kindMarkdown, inCode, "chmod ",
     R"re(\b(?:curl|wget)\b[\s\S]{0,400}?chmod\s+(?:a?\+x|u\+x|[0-7]?7[0-7][0-7])\s+\S+\s*(?:&&|;|\n)\s*(?:["']?\./|["']?/tmp/|["']?\$|/var/tmp/|nohup\s))re",
     "a downloaded file is made executable and started", inLines},
    {Rule::DownloadAndRun, kindJs, inCode, "eval(|function(|import(|runin",
     R"re((?:eval|new\s+function|vm\.runin\w+)\([^\n]{0,60}(?:await\s+)?(?:fetch|axios|got|http\w*\.get)\(|import\(\s*["'`]https?:)re",
     "%1 runs what it downloads", inLine},
    {Rule::DownloadAndRun, kindJs, inBare, "eval(|function(|runin",
     R"re(=\s*await\s*\(?\s*(?:await\s+)?(?:fetch|axios\.get|got)\([\s\S]{0,300}?(?:[^\w.]eval|new\s+function|vm\.runin\w+)\()re",
     "a download is handed to eval", inLines},

    // Harm to the machine
    {Rule::Miner, scriptKinds | kindJson | kindText, inLower,
     "stratum+|xmrig|minerd|cpuminer|coinhive|cryptonight|nicehash|ethminer|--donate-level",
     R"re((stratum\+(?:tcp|ssl|udp)://|\bxmrig\b|\bminerd\b|\bcpuminer\b|coinhive|cryptonight|nicehash|\bethminer\b|--donate-level))re",
     "%1 belongs to a cryptocurrency miner", inLine},
    {Rule::Miner, kindMarkdown, inCode, "stratum+|xmrig|minerd|cpuminer|ethminer",
     R"re((stratum\+(?:tcp|ssl|udp)://|\bxmrig\b|\bminerd\b|\bcpuminer\b|\bethminer\b))re",
     "%1 belongs to a cryptocurrency miner", inLine},
    {Rule::ForkBomb, kindCode, inCode, "(){|() {|()\n{",
     R"re(([\w:.]+\s*\(\)\s*\{\s*[\w:.]+\s*\|\s*[\w:.]+\s*&\s*;?\s*\}))re",
     "%1 multiplies itself without end", inLines},
    {Rule::ForkBomb, kindPython | kindMarkdown, inBare, "os.fork(",
     R"re(while\s+(?:true|1)\s*:\s*os\.fork\(\))re", "%1 multiplies itself without end", inLines},
    {Rule::ForkBomb, kindJs, inBare, "while|for",
     R"re((?:while\s*\(\s*(?:true|1)\s*\)|for\s*\(\s*;\s*;\s*\))\s*\{?\s*[^}\n]{0,60}(?:fork|spawn|exec)\()re",
     "%1 starts processes without end", inLines},
    {Rule::Destructive, kindShell | kindPython | kindJs, inCode, "rm ",
     R"re(\brm\s+(?:-\S+\s+)*-\w*[rf]\w*\s+(?:-\S+\s+)*["']?(?:/|~|\$home|\$\{home\}|/(?:bin|boot|dev|etc|home|lib|root|sbin|usr|var|opt|srv))/?\*?["']?\s*(?:$|[\s;&|)"'])|\brm\s[^\n]*--no-preserve-root)re",
     "%1 deletes far more than a skill's own files", inLine},
    {Rule::Destructive, kindShell | kindPython | kindJs, inCode,
     "mkfs|of=/dev/|/dev/sd|/dev/nvme|wipefs|shred",
     R"re(\bmkfs(?:\.\w+)?\s[^\n]*/dev/|\bdd\b[^\n]*\bof=/dev/(?:sd|nvme|hd|vd|disk|mapper)|>\s*/dev/(?:sd|nvme|hd|vd)\w|\bwipefs\s|\bshred\s[^\n]*(?:/dev/|~|\$home))re",
     "%1 overwrites a disk", inLine},
    {Rule::Destructive, kindPython, inCode, "rmtree(",
     R"re(rmtree\(\s*(?:os\.path\.expanduser\(\s*)?(?:["'](?:/|~|/home|/etc|/usr|/var|/root|c:[\\/]*)/?["']|(?:pathlib\.)?path\.home\(\)|(?:pathlib\.)?path\(\s*["'](?:/|~)["']\s*\)))re",
     "%1 deletes far more than a skill's own files", inLine},
    {Rule::Destructive, kindJs, inCode, "rmsync(|rm(|rimraf|rmdirsync(",
     R"re((?:rmsync|rm|rmdirsync|rimraf|rimraf\.sync)\(\s*(?:["'`](?:/|~|/home|/etc|/usr|/var)/?["'`]|os\.homedir\(\)|process\.env\.home))re",
     "%1 deletes far more than a skill's own files", inLine},
    {Rule::Persistence, scriptKinds, inCode, "crontab|/etc/cron",
     R"re((?:\|\s*crontab\b|crontab\s+(?:-(?:\s|$|["'])|/)|(?:>|\btee\s|\bcp\s|\bmv\s|\binstall\s|\bln\s|open\(|write\w*\()[^\n|]{0,80}/etc/cron[\w.]*|["']crontab["']\s*,\s*["']-["']))re",
     "%1 makes something start again and again", inLine},
    {Rule::Persistence, scriptKinds, inCode,
     ".bashrc|.profile|.zshrc|.bash_profile|.zprofile|authorized_keys",
     R"re(>>?\s*["']?[^\s"']*(?:\.(?:bashrc|bash_profile|profile|zshrc|zprofile)|authorized_keys)\b|tee\s+(?:-a\s+)?["']?\S*(?:\.(?:bashrc|bash_profile|profile|zshrc|zprofile)|authorized_keys)\b|["'][^"'\n]*/(?:\.(?:bashrc|bash_profile|zshrc|zprofile)|authorized_keys)["']|home\(\)\s*/\s*["']\.(?:bashrc|bash_profile|profile|zshrc|zprofile)["']|["']authorized_keys["'])re",
     "%1 is run at every login, or lets somebody in", inLine},
    {Rule::Persistence, scriptKinds, inCode,
     "systemctl|launchctl|launchagents|schtasks|currentversion|rc.local|systemd/|autostart",
     R"re(systemctl\s+(?:--user\s+)?enable\b|["']systemctl["'][^\n]*["']enable["']|launchctl\s+(?:load|bootstrap)|library/launch(?:agents|daemons)|schtasks\s+/create|currentversion\\+run\b|/etc/rc\.local|/etc/systemd/system/|\.config/(?:systemd/user|autostart)/)re",
     "%1 makes something start by itself", inLine},
    {Rule::PrivilegeChange, kindShell, inBare, "sudo |pkexec |doas ",
     R"re((?:^|[;&|(]\s*|\b(?:then|do|else)\s+)((?:sudo|pkexec|doas)\s+\S+))re",
     "%1 asks for an administrator's rights", inLine},
    {Rule::PrivilegeChange, scriptKinds, inCode, "chmod|sudoers|setuid(|setcap|\"sudo\"|'sudo'",
     R"re(chmod\s+(?:-\w+\s+)*(?:[2467][0-7]{3}|[ugo]*\+s)\b|/etc/sudoers|os\.set(?:re)?uid\(\s*0|\bsetcap\s+\S+|[\[(]\s*["']sudo["'])re",
     "%1 asks for more rights", inLine},
    {Rule::SandboxEscape, kindCode, inCode,
     "docker.sock|nsenter|unshare "
     "|release_agent|core_pattern|ld_preload|ld.so.preload|/"
     "root|ptrace|--privileged|notify_on_release|/mem",
     R"re((docker\.sock\b|\bnsenter\s|\bunshare\s+-|release_agent|kernel/core_pattern|\bld_preload["']?\]?\s*=\s*["']?(?:/tmp|/var/tmp|/dev/shm|\./)|ld\.so\.preload|/proc/(?:1|self|\d+)/root\b|/proc/\S{1,40}/mem\b|\bptrace\(|\bdocker\s+run\b[^\n]*--privileged|notify_on_release))re",
     "%1 is used for breaking out of containers", inLine},

    // Against the agent
    {Rule::AgentTampering, kindShell | kindMarkdown, inCode,
     "agents.md|claude.md|.cursorrules|.cursor/|.claude/|copilot-instructions.md|.vscode/|.git/"
     "hooks/|mcp.json",
     R"re((?:>>?\s*|\btee\s+(?:-a\s+)?|\bcp\s+\S+\s+|\bmv\s+\S+\s+|\bln\s+-\w+\s+\S+\s+|\binstall\s+[^\n]*)["']?[^\s"']*(?:agents\.md|claude\.md|\.cursorrules|\.cursor/\S+|\.claude/\S+|copilot-instructions\.md|\.vscode/(?:settings|tasks)\.json|\.git/hooks/\S+|mcp\.json))re",
     "%1 changes what steers the agent", inLine},
    {Rule::AgentTampering, kindPython | kindJs,
     inCode, "agents.md|claude.md|.cursorrules|.cursor/|.claude/|copilot-instructions.md|.vscode/|.git/hooks/|mcp.json",
     R"re((?:open\([^)\n]*(?:agents\.md|claude\.md|\.cursorrules|\.cursor/|\.claude/|copilot-instructions\.md|\.vscode/|\.git/hooks/|mcp\.json)[^)\n]*["'][wa]|(?:agents\.md|claude\.md|\.cursorrules|\.claude/\S+|copilot-instructions\.md|\.git/hooks/\S+|mcp\.json)["']\s*\)*\.write_(?:text|bytes)|(?:writefile|appendfile|copyfile)\w*\([^)\n]*(?:agents\.md|claude\.md|\.cursorrules|\.cursor/|\.claude/|copilot-instructions\.md|\.vscode/|\.git/hooks/|mcp\.json)))re",
     "%1 changes what steers the agent", inLine},

    // Habits that others exploit
    {Rule::UnsafeDeserialisation, kindPython, inBare,
     "pickle.load|marshal.load|yaml.|shelve.open|jsonpickle",
     R"re(\b((?:c?pickle|marshal|dill)\.loads?\(|shelve\.open\(|jsonpickle\.decode\(|yaml\.unsafe_load\(|yaml\.load\([^,)\n]*\)|yaml\.load\([^)\n]*loader\s*=\s*(?:yaml\.)?(?:unsafe)?loader\b))re",
     "%1 can run code that the data's author put into it", inLine},
    {Rule::DynamicCode, kindPython, inBare, "eval(|exec(",
     R"re((?:^|[^\w.])((?:eval|exec)\(\s*[^"'\s)][^\n]{0,30}))re",
     "%1 runs code that is made at run time", inLine},
    {Rule::DynamicCode, kindJs, inBare, "eval(|function(",
     R"re((?:^|[^\w.])(eval\(\s*[^"'`)\s]|new\s+function\())re",
     "%1 runs code that is made at run time", inLine},
    {Rule::DynamicCode, kindShell, inBare, "eval ", R"re((?:^|[;&|(]\s*)(eval\s+\S+))re",
     "%1 runs code that is made at run time", inLine},
    {Rule::TlsOff, kindCode, inCode,
     "verify|--insecure|curl|rejectunauthorized|reject_unauthorized|unverified|cert_none|check_"
     "hostname|no-check-certificate|strict-ssl",
     R"re(\bverify\s*=\s*false\b|\bcurl\b[^\n|]*\s(?:-[a-z]*k[a-z]*|--insecure)(?:\s|$)|rejectunauthorized["']?\s*:\s*false|node_tls_reject_unauthorized|_create_unverified_context|\bcert_none\b|check_hostname\s*=\s*false|--no-check-certificate|sslverify[=\s]+["']?false|strict-ssl[=\s]+false)re",
     "%1 turns the check of certificates off", inLine},
    {Rule::ShellInjection, kindPython, inCode, "os.system(|os.popen(|shell",
     R"re((os\.(?:system|popen)\(\s*(?:f["']|["'][^"'\n]*["']\s*(?:%|\+|\.format)|[a-z_]\w*\s*\+)|subprocess\.\w+\(\s*(?:f["']|["'][^"'\n]*["']\s*(?:%|\+|\.format))[^\n]*shell\s*=\s*true))re",
     "%1 builds a shell command from values", inLine},
    {Rule::ShellInjection, kindJs, inCode, "exec(|execsync(",
     R"re((?:^|[^\w.]|child_process\.|cp\.)(exec(?:sync)?\(\s*(?:`[^`\n]*\$\{|["'][^"'\n]*["']\s*\+)))re",
     "%1 builds a shell command from values", inLine},
};

} // namespace

std::span<const Pattern> securityPatterns()
{
    return securityTable;
}

} // namespace skillbox
