#include "engine/skill/checker/capabilities.h"

#include "engine/skill/checker/pattern_tables.h"

#include <QSet>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto usesLine = PatternScope::Line;

// The rule of a row stands for its capability.
constexpr Rule ruleOfNetwork = Rule::UndeclaredNetwork;
constexpr Rule ruleOfSubprocess = Rule::UndeclaredSubprocess;
constexpr Rule ruleOfFiles = Rule::UndeclaredFiles;
constexpr Rule ruleOfEnvironment = Rule::UndeclaredEnvironment;

constexpr Pattern usePatterns[] = {
    {ruleOfNetwork, kindPython, TextView::Bare, "import ",
     R"re((?:^|;)\s*((?:import|from)\s+(?:[\w.]+(?:\s+as\s+\w+)?\s*,\s*)*(?:requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|socket|ssl|ftplib|smtplib|imaplib|poplib|telnetlib|xmlrpc\.client|websockets?|paramiko|boto3|botocore|grpc|pycurl|socketserver|http\.server|openai|redis|pymongo|psycopg2?|asyncpg|dns\.resolver)\b))re",
     "", usesLine},
    {ruleOfNetwork, kindPython, TextView::Bare, "urllib",
     R"re((urllib\.request\.\w+|from\s+urllib\s+import\s+request))re", "", usesLine},
    {ruleOfNetwork, kindJs, TextView::Code, "require(|import|from",
     R"re(((?:require\(\s*|from\s+|import\s+|import\(\s*)["'](?:node:)?(?:https?|net|tls|dgram|dns(?:/promises)?|http2|axios|node-fetch|got|undici|ws|request|superagent|ssh2|nodemailer|socket\.io-client)["']))re",
     "", usesLine},
    {ruleOfNetwork, kindJs, TextView::Bare, "fetch(|xmlhttprequest|websocket(",
     R"re((?:^|[^\w.])(fetch\(|new\s+xmlhttprequest|new\s+websocket\())re", "", usesLine},
    {ruleOfNetwork, kindShell, TextView::Bare,
     "curl|wget|nc |ncat|ssh|scp|sftp|rsync|telnet|ftp|dig |nslookup|git |openssl",
     R"re((?:^|[;&|(`]\s*|\$\(\s*|\b(?:then|do|else|if|while|until|!|sudo|xargs|exec|time)\s+)((?:curl|wget|nc|ncat|netcat|ssh|scp|sftp|rsync|telnet|ftp|dig|nslookup)\b|git\s+(?:clone|fetch|pull|push|ls-remote)\b|openssl\s+s_client\b))re",
     "", usesLine},
    {ruleOfNetwork, kindShell, TextView::Code, "/dev/tcp/|/dev/udp/",
     R"re((/dev/(?:tcp|udp)/\S+))re", "", usesLine},

    {ruleOfSubprocess, kindPython, TextView::Bare,
     "subprocess|os.system(|os.popen(|os.exec|os.spawn|pty|create_subprocess|pexpect",
     R"re((\bsubprocess\.(?:run|popen|call|check_call|check_output|getoutput|getstatusoutput)\(|os\.(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|posix_spawn)\(|pty\.spawn\(|asyncio\.create_subprocess_\w+\(|pexpect\.spawn\(|from\s+subprocess\s+import))re",
     "", usesLine},
    {ruleOfSubprocess, kindJs, TextView::Code, "child_process|execa|shelljs|zx",
     R"re(((?:require\(\s*|from\s+|import\s+|import\(\s*)["'](?:(?:node:)?child_process|execa|shelljs|zx)["']))re",
     "", usesLine},
    // Starting programs is what a shell does; only other interpreters count.
    {ruleOfSubprocess, kindShell, TextView::Bare, "python|node|perl|ruby|php|docker|sudo|systemctl",
     R"re((?:^|[;&|(`]\s*|\$\(\s*|\b(?:then|do|else|if|while|exec|time)\s+)((?:python3?|node|perl|ruby|php|docker|podman|kubectl|systemctl|sudo)\s))re",
     "", usesLine},

    {ruleOfFiles, scriptKinds, TextView::Code,
     "/etc/|/home/|/root|/users/|/var/|/opt/|/srv/|/mnt/|/proc/|/sys/|c:\\",
     R"re(["'\s=(<>]((?:/etc|/home|/root|/users|/var|/opt|/srv|/mnt|/proc|/sys)(?:/[\w.*-]+)+|[a-z]:\\+[\w\\.-]+))re",
     "", usesLine},
    {ruleOfFiles, kindPython, TextView::Bare, "expanduser(|path.home()",
     R"re((os\.path\.expanduser\(|\.expanduser\(|\bpath\.home\(\)))re", "", usesLine},
    {ruleOfFiles, kindJs, TextView::Bare, "homedir()", R"re(((?:os\.)?homedir\(\)))re", "",
     usesLine},
    {ruleOfFiles, kindShell, TextView::Bare, "~/|$home",
     R"re((?:^|[\s=])(~/[\w./-]+|\$\{?home\}?/[\w./-]+))re", "", usesLine},

    {ruleOfEnvironment, kindPython, TextView::Raw, "environ|getenv",
     R"re((?:os\.environ(?:\.get)?\s*[\[(]|os\.getenv\(|[^\w.]environ(?:\.get)?\s*[\[(]|[^\w.]getenv\()\s*f?["']([A-Za-z_][A-Za-z0-9_]*)["'])re",
     "", usesLine},
    {ruleOfEnvironment, kindJs, TextView::Raw, "process.env",
     R"re(process\.env(?:\.|\[\s*["'`])([A-Za-z_][A-Za-z0-9_]*))re", "", usesLine},
    {ruleOfEnvironment, kindShell, TextView::Raw, "${",
     R"re(\$\{([A-Z][A-Z0-9_]*(?:_KEY|_TOKEN|_SECRET|_PASSWORD|_URL|_HOST|_USER))\b)re", "",
     usesLine},
};

struct CapabilityRule {
    Rule rule;
    Capability capability;
    const char *name;
};
constexpr std::array<CapabilityRule, 4> capabilityRules{{
    {ruleOfNetwork, Capability::Network, "network"},
    {ruleOfSubprocess, Capability::Subprocess, "subprocess"},
    {ruleOfFiles, Capability::Files, "files"},
    {ruleOfEnvironment, Capability::Environment, "env"},
}};

/// Set by the runtime, or by every shell.
bool isOrdinaryVariable(const QString &name)
{
    static const QSet<QString> ordinary{u"HOME"_s,    u"PATH"_s,        u"LANG"_s,     u"LC_ALL"_s,
                                        u"TZ"_s,      u"TMPDIR"_s,      u"PWD"_s,      u"USER"_s,
                                        u"SHELL"_s,   u"TERM"_s,        u"NO_COLOR"_s, u"DEBUG"_s,
                                        u"COLUMNS"_s, u"TRACEPARENT"_s, u"TEMP"_s,     u"TMP"_s};
    return ordinary.contains(name) || name.startsWith("SANDBOX_"_L1) || name.startsWith("SKILL_"_L1)
        || name.startsWith("PYTHON"_L1);
}

bool isOrdinaryPath(QStringView path)
{
    for (const auto ordinary : {"/var/tmp"_L1, "/proc/self"_L1, "/etc/localtime"_L1, "/sys/fs"_L1,
                                "/proc/cpuinfo"_L1, "/proc/meminfo"_L1}) {
        if (path.startsWith(ordinary))
            return true;
    }
    return false;
}

} // namespace

QLatin1StringView capabilityName(Capability capability)
{
    for (const CapabilityRule &row : capabilityRules) {
        if (row.capability == capability)
            return QLatin1StringView(row.name);
    }
    return {};
}

bool DeclaredCapabilities::covers(const CapabilityUse &use) const
{
    if (!has(use.capability))
        return false;
    return use.capability != Capability::Environment || variables.isEmpty()
        || variables.contains(use.what);
}

DeclaredCapabilities declaredCapabilities(const Manifest &manifest)
{
    DeclaredCapabilities declared;
    QString text;
    for (const auto &[key, value] : manifest.metadata) {
        if (key == u"skillbox.capabilities") {
            declared.isGiven = true;
            text += u' ' + value;
        } else if (key == u"skillbox" && value.contains("\"capabilities\":"_L1)) {
            // Nested fields are kept as JSON; the value is a text or a list of texts.
            declared.isGiven = true;
            const QString rest = value.section(u"\"capabilities\":"_s, 1);
            text += u' '
                + (rest.startsWith(u'[') ? rest.section(u']', 0, 0) : rest.section(u'"', 1, 1));
        }
    }
    QString word;
    const auto take = [&] {
        if (word.isEmpty())
            return;
        const QString name = word.section(u':', 0, 0).toLower();
        const auto known = std::find_if(capabilityRules.begin(), capabilityRules.end(),
                                        [&](const CapabilityRule &row) {
                                            return name == QLatin1StringView(row.name);
                                        });
        const QString variable = word.section(u':', 1);
        if (known == capabilityRules.end()
            || (!variable.isEmpty() && known->capability != Capability::Environment)) {
            declared.unknown += word;
        } else {
            if (!declared.has(known->capability))
                declared.capabilities += known->capability;
            if (!variable.isEmpty())
                declared.variables += variable;
        }
        word.clear();
    };
    for (const QChar c : std::as_const(text)) {
        if (c.isLetterOrNumber() || c == u'_' || c == u':' || c == u'-')
            word += c;
        else
            take();
    }
    take();
    return declared;
}

QList<CapabilityUse> capabilityUses(const SourceText &script, const QString &path)
{
    static const PatternSet patterns{std::span<const Pattern>(usePatterns)};
    constexpr qsizetype maxUses = 50;
    QList<CapabilityUse> uses;
    QSet<QString> seen;
    patterns.search(script, [&](const PatternMatch &match) {
        if (uses.size() >= maxUses)
            return;
        const auto row = std::find_if(capabilityRules.begin(), capabilityRules.end(),
                                      [&](const CapabilityRule &known) {
                                          return known.rule == match.pattern->rule;
                                      });
        QString what = QString::fromUtf8(
            QByteArrayView(script.raw()).sliced(match.start, match.end - match.start).trimmed());
        if (row->capability == Capability::Environment && isOrdinaryVariable(what))
            return;
        if (row->capability == Capability::Files && isOrdinaryPath(what))
            return;
        while (what.endsWith(u'(') || what.endsWith(u' '))
            what.chop(1);
        if (seen.contains(what))
            return;
        seen.insert(what);
        uses += {row->capability, what.left(80), path, script.range(match.start, match.end)};
    });
    return uses;
}

} // namespace skillbox
