#include "engine/skill/checker/pattern_tables.h"

namespace skillbox {
namespace {

constexpr auto scopeLine = PatternScope::Line;
constexpr auto scopeLines = PatternScope::Lines;

constexpr Pattern networkTable[] = {
    {Rule::CollectorHost, scriptKinds | kindJson, TextView::Code,
     "webhook.site|requestbin|pipedream.net|requestcatcher|beeceptor|hookbin|interactsh|interact."
     "sh|oast.|burpcollaborator|ngrok|loca.lt|trycloudflare|serveo.net|transfer.sh|file.io|0x0.st|"
     "termbin.com|paste.rs|ix.io|canarytokens|dnslog.cn|ceye.io|pastebin.com|anonfiles|gofile.io|"
     "temp.sh|bashupload",
     R"re((?:^|[/.@"'`=\s])((?:webhook\.site|requestbin\.(?:com|net)|[\w-]+\.pipedream\.net|requestcatcher\.com|beeceptor\.com|hookbin\.com|interactsh\.com|interact\.sh|oast\.(?:fun|live|site|pro|online|me|us)|burpcollaborator\.net|ngrok(?:-free)?\.(?:io|app|dev)|loca\.lt|trycloudflare\.com|serveo\.net|transfer\.sh|file\.io|0x0\.st|termbin\.com|paste\.rs|ix\.io|canarytokens\.\w+|dnslog\.cn|ceye\.io|pastebin\.com/(?:raw|api)|anonfiles\.com|gofile\.io|temp\.sh|bashupload\.com))\b)re",
     "%1 shows others what is sent to it", scopeLine},
    {Rule::CollectorHost, kindMarkdown | kindText, TextView::Lower,
     "webhook.site|requestbin|pipedream.net|requestcatcher|beeceptor|hookbin|interactsh|interact."
     "sh|oast.|burpcollaborator|transfer.sh|0x0.st|termbin.com|dnslog.cn|ceye.io|anonfiles|"
     "bashupload",
     R"re(https?://[^\s)"'`]*((?:webhook\.site|requestbin\.(?:com|net)|[\w-]+\.pipedream\.net|requestcatcher\.com|beeceptor\.com|hookbin\.com|interactsh\.com|interact\.sh|oast\.(?:fun|live|site|pro|online|me|us)|burpcollaborator\.net|transfer\.sh|0x0\.st|termbin\.com|dnslog\.cn|ceye\.io|anonfiles\.com|bashupload\.com))\b)re",
     "%1 shows others what is sent to it", scopeLine},
    {Rule::RawAddress, kindCode, TextView::Code, "://",
     R"re((?:https?|ftp|tcp|udp|wss?)://(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b)re",
     "it talks to the bare address %1", scopeLine},
    {Rule::RawAddress, kindMarkdown, TextView::Prose, "://",
     R"re((?:https?|ftp|tcp|udp|wss?)://(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b)re",
     "it names the bare address %1", scopeLine},
    {Rule::RawAddress, scriptKinds, TextView::Code, "connect",
     R"re(connect\w*\(\s*\(?\s*(?:\d+\s*,\s*)?["'](\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})["'])re",
     "it talks to the bare address %1", scopeLine},
    {Rule::DnsExfiltration, kindShell | kindMarkdown, TextView::Code, "dig |nslookup |host |ping ",
     R"re(\b((?:dig|nslookup|host|drill|ping)\b[^\n]*(?:\$\(|`)[^)`\n]*\b(?:base64|base32|xxd|od|whoami|hostname|cat|id)\b[^)`\n]*[)`]["']?\.[a-z0-9-]+))re",
     "%1 puts data into a name that is looked up", scopeLine},
    {Rule::DnsExfiltration, kindShell | kindMarkdown, TextView::Code, "dig |nslookup |host |ping ",
     R"re((?:base64|base32|xxd|hexdump|od\s+-)[\s\S]{0,400}?\b((?:dig|nslookup|host|ping)\b[^\n]*\$\{?\w+\}?["']?\.[a-z0-9-]+))re",
     "%1 puts data into a name that is looked up", scopeLines},
    {Rule::DnsExfiltration, kindPython, TextView::Code, "gethostbyname(|getaddrinfo(|resolve(",
     R"re(((?:gethostbyname|getaddrinfo|resolver\.resolve|resolver\.query)\(\s*(?:f["'][^"'\n]*\{[^"'\n]*\}\.|[\w.()]+\s*\+\s*f?["']\.)))re",
     "%1 puts data into a name that is looked up", scopeLine},
    {Rule::DnsExfiltration, kindJs, TextView::Code, "dns.|resolve",
     R"re(((?:dns\.\w+|resolve\w*|lookup)\(\s*(?:`[^`\n]*\$\{[^`\n]*\}\.|[\w.()]+\s*\+\s*["'`]\.)))re",
     "%1 puts data into a name that is looked up", scopeLine},
    {Rule::Listens, scriptKinds, TextView::Bare,
     ".bind(|.listen(|http.server|socketserver|createserver(|nc ",
     R"re((\.bind\(\s*\(|\.listen\(\s*\w|\bhttp\.server\b|\bsocketserver\b|createserver\(|\bnc\s+(?:-\w+\s+)*-\w*l))re",
     "%1 waits for connections", scopeLine},
    {Rule::PlainHttp, scriptKinds, TextView::Code, "http://",
     R"re((http://[a-z0-9.-]+[^\s"'`]*))re", "%1 is not encrypted", scopeLine},
    {Rule::ChatWebhook, kindCode | kindJson, TextView::Lower,
     "/api/webhooks/|hooks.slack.com|api.telegram.org|webhook.office.com",
     R"re((discord(?:app)?\.com/api/webhooks/\d+|hooks\.slack\.com/services/t[\w/]+|api\.telegram\.org/bot\d+|webhook\.office\.com/webhookb2/\w+))re",
     "%1 posts into one particular channel", scopeLine},
};

} // namespace

std::span<const Pattern> networkPatterns()
{
    return networkTable;
}

} // namespace skillbox
