#include "app/cli/mcp_client.h"

#include "app/cli/json_file.h"
#include "app/cli/json_writer.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxFileBytes = 16 << 20;

using Syntax = McpClient::Syntax;

const std::vector<McpClient> &clients()
{
    static const std::vector<McpClient> all{
        {.name = u"claude-desktop"_s,
         .title = u"Claude Desktop"_s,
         .file = u"$XDG_CONFIG_HOME/Claude/claude_desktop_config.json"_s,
         .section = u"mcpServers"_s},
        {.name = u"claude-code"_s,
         .title = u"Claude Code"_s,
         .file = u".mcp.json"_s,
         .section = u"mcpServers"_s,
         .urlMember = u"url"_s,
         .httpType = u"http"_s,
         .needsStdioType = true},
        {.name = u"cursor"_s,
         .title = u"Cursor"_s,
         .file = u"~/.cursor/mcp.json"_s,
         .section = u"mcpServers"_s,
         .urlMember = u"url"_s},
        {.name = u"vscode"_s,
         .title = u"Visual Studio Code"_s,
         .file = u".vscode/mcp.json"_s,
         .section = u"servers"_s,
         .urlMember = u"url"_s,
         .httpType = u"http"_s,
         .needsStdioType = true},
        {.name = u"windsurf"_s,
         .title = u"Windsurf"_s,
         .file = u"~/.codeium/windsurf/mcp_config.json"_s,
         .section = u"mcpServers"_s,
         .urlMember = u"serverUrl"_s},
        {.name = u"zed"_s,
         .title = u"Zed"_s,
         .file = u"$XDG_CONFIG_HOME/zed/settings.json"_s,
         .section = u"context_servers"_s,
         .urlMember = u"url"_s},
        {.name = u"gemini-cli"_s,
         .title = u"Gemini CLI"_s,
         .file = u"~/.gemini/settings.json"_s,
         .section = u"mcpServers"_s,
         .urlMember = u"httpUrl"_s},
        {.name = u"codex"_s,
         .title = u"Codex"_s,
         .file = u"~/.codex/config.toml"_s,
         .syntax = Syntax::Toml,
         .section = u"mcp_servers"_s,
         .urlMember = u"url"_s},
        {.name = u"continue"_s,
         .title = u"Continue"_s,
         .file = u"~/.continue/config.yaml"_s,
         .syntax = Syntax::Yaml,
         .section = u"mcpServers"_s,
         .urlMember = u"url"_s,
         .httpType = u"streamable-http"_s},
    };
    return all;
}

QString placeOf(const McpClient &client, const QProcessEnvironment &environment)
{
    const QString home = environment.value(u"HOME"_s, QDir::homePath());
    const QString config = environment.value(u"XDG_CONFIG_HOME"_s);
    QString file = client.file;
    if (file.startsWith(u"~/"))
        return home + file.sliced(1);
    if (file.startsWith(u"$XDG_CONFIG_HOME"))
        return (config.isEmpty() ? home + u"/.config"_s : config) + file.sliced(16);
    return QDir::current().absoluteFilePath(file);
}

void putTexts(JsonWriter &json, const QStringList &texts)
{
    json.beginArray();
    for (const QString &text : texts)
        json.value(text);
    json.endArray();
}

/// Variables of the program, the key among them: in a list of arguments others could see it.
QMap<QString, QString> variablesOf(const McpEntry &entry)
{
    QMap<QString, QString> variables = entry.environment;
    if (!entry.key.isEmpty())
        variables.insert(u"SKILLBOX_API_KEY"_s, entry.key);
    return variables;
}

QString headerValue(const McpEntry &entry)
{
    return u"Bearer "_s + (entry.key.isEmpty() ? u"YOUR-API-KEY"_s : entry.key);
}

QByteArray entryJson(const McpClient &client, const McpEntry &entry)
{
    JsonWriter json;
    json.beginObject();
    if (!entry.url.isEmpty()) {
        json.memberIfAny(u"type"_s, client.httpType).member(client.urlMember, entry.url);
        json.key(u"headers"_s)
            .beginObject()
            .member(u"Authorization"_s, headerValue(entry))
            .endObject();
    } else {
        if (client.needsStdioType)
            json.member(u"type"_s, u"stdio"_s);
        json.member(u"command"_s, entry.command).key(u"args"_s);
        putTexts(json, entry.arguments);
        const QMap<QString, QString> variables = variablesOf(entry);
        json.key(u"env"_s).beginObject();
        for (auto it = variables.begin(); it != variables.end(); ++it)
            json.member(it.key(), it.value());
        json.endObject();
    }
    json.endObject();
    return json.bytes();
}

/// A basic string of TOML and a double-quoted one of YAML: both read JSON's escapes.
QByteArray quoted(const QString &text)
{
    JsonWriter json;
    json.value(text);
    return json.bytes();
}

QByteArray quotedList(const QStringList &texts)
{
    QByteArrayList all;
    for (const QString &text : texts)
        all.append(quoted(text));
    return '[' + all.join(", ") + ']';
}

QByteArray tomlTable(const McpClient &client, const McpEntry &entry)
{
    return '[' + client.section.toUtf8() + '.' + entry.name.toUtf8();
}

QByteArray tomlText(const McpClient &client, const McpEntry &entry)
{
    QByteArray text = tomlTable(client, entry) + "]\n";
    if (!entry.url.isEmpty()) {
        return text + client.urlMember.toUtf8() + " = " + quoted(entry.url)
            + "\nhttp_headers = { Authorization = " + quoted(headerValue(entry)) + " }\n";
    }
    text += "command = " + quoted(entry.command) + "\nargs = " + quotedList(entry.arguments) + '\n';
    const QMap<QString, QString> variables = variablesOf(entry);
    if (variables.isEmpty())
        return text;
    text += '\n' + tomlTable(client, entry) + ".env]\n";
    for (auto it = variables.begin(); it != variables.end(); ++it)
        text += it.key().toUtf8() + " = " + quoted(it.value()) + '\n';
    return text;
}

QByteArray yamlText(const McpClient &client, const McpEntry &entry)
{
    QByteArray text = client.section.toUtf8() + ":\n  - name: " + quoted(entry.name) + '\n';
    if (!entry.url.isEmpty()) {
        return text + "    type: " + client.httpType.toUtf8() + "\n    url: " + quoted(entry.url)
            + "\n    requestOptions:\n      headers:\n        Authorization: "
            + quoted(headerValue(entry)) + '\n';
    }
    text += "    command: " + quoted(entry.command) + "\n    args: " + quotedList(entry.arguments)
        + '\n';
    const QMap<QString, QString> variables = variablesOf(entry);
    if (!variables.isEmpty())
        text += "    env:\n";
    for (auto it = variables.begin(); it != variables.end(); ++it)
        text += "      " + it.key().toUtf8() + ": " + quoted(it.value()) + '\n';
    return text;
}

Result<QByteArray> contentOf(const QString &file)
{
    QFile device(file);
    if (!device.exists())
        return QByteArray();
    if (!device.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(file, device.errorString()));
    if (device.size() > maxFileBytes)
        return fail(ErrorCode::TooLarge, u"'%1' is too large for a configuration"_s.arg(file));
    return device.readAll();
}

Result<QByteArray> changed(const McpClient &client, const McpEntry &entry,
                           const McpSnippet &snippet, const QByteArray &old)
{
    if (client.syntax == Syntax::Json)
        return withMember(old, {client.section, entry.name}, entryJson(client, entry));
    if (old.contains(snippet.text.trimmed()))
        return old;
    if (old.contains(tomlTable(client, entry) + ']')) {
        return fail(ErrorCode::BadRequest,
                    u"it has a table %1] already; change that by hand"_s.arg(
                        QString::fromUtf8(tomlTable(client, entry))));
    }
    // A table may stand at the end of any TOML file.
    QByteArray text = old;
    if (!text.isEmpty())
        text += text.endsWith('\n') ? "\n" : "\n\n";
    return text + snippet.text;
}

Result<void> replaceFile(const QString &file, const QByteArray &content)
{
    if (!QDir().mkpath(QFileInfo(file).absolutePath()))
        return fail(ErrorCode::Io, u"cannot make the folder of '%1'"_s.arg(file));
    const bool isNew = !QFileInfo::exists(file);
    QSaveFile device(file);
    if (!device.open(QIODevice::WriteOnly) || device.write(content) != content.size()
        || (isNew && !device.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        || !device.commit()) {
        return fail(ErrorCode::Io, u"cannot write '%1': %2"_s.arg(file, device.errorString()));
    }
    return {};
}

} // namespace

std::span<const McpClient> mcpClients()
{
    return clients();
}

const McpClient *findMcpClient(const QString &name)
{
    const auto &all = clients();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const McpClient &client) { return client.name == name; });
    return found == all.end() ? nullptr : &*found;
}

Result<McpSnippet> mcpSnippet(const McpClient &client, const McpEntry &entry,
                              const QProcessEnvironment &environment)
{
    static const QRegularExpression plainName(u"^[A-Za-z0-9_-]{1,64}$"_s);
    if (!plainName.match(entry.name).hasMatch()) {
        return fail(ErrorCode::BadRequest,
                    u"--name must be 1 to 64 characters of A-Z a-z 0-9 _ -"_s);
    }
    if (!entry.url.isEmpty() && client.urlMember.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"%1 starts programs only; leave out --http"_s.arg(client.title));
    }
    McpSnippet snippet{.text = {}, .file = placeOf(client, environment)};
    switch (client.syntax) {
    case Syntax::Json: {
        const auto whole = withMember({}, {client.section, entry.name}, entryJson(client, entry));
        if (!whole)
            return fail(whole.error());
        snippet.text = *whole;
        break;
    }
    case Syntax::Toml: snippet.text = tomlText(client, entry); break;
    case Syntax::Yaml:
        snippet.text = yamlText(client, entry);
        snippet.canBeWritten = false;
        break;
    }
    return snippet;
}

Result<McpWritten> writeMcpSnippet(const McpClient &client, const McpEntry &entry,
                                   const McpSnippet &snippet)
{
    if (!snippet.canBeWritten) {
        return fail(ErrorCode::BadRequest,
                    u"the file of %1 is YAML, which cannot be changed without losing its layout; "
                    "add what is shown without --write"_s.arg(client.title));
    }
    const auto old = contentOf(snippet.file);
    if (!old)
        return fail(old.error());
    const auto text = changed(client, entry, snippet, *old);
    if (!text) {
        Error error = text.error();
        error.message = u"'%1' is left as it is: %2"_s.arg(snippet.file, error.message);
        return fail(std::move(error));
    }
    if (*text == *old)
        return McpWritten::Unchanged;
    const auto written = replaceFile(snippet.file, *text);
    if (!written)
        return fail(written.error());
    return McpWritten::Changed;
}

QByteArray snippetJson(const McpClient &client, const McpSnippet &snippet)
{
    JsonWriter json;
    json.beginObject()
        .member(u"client"_s, client.name)
        .member(u"file"_s, snippet.file)
        .member(u"text"_s, QString::fromUtf8(snippet.text))
        .endObject();
    return json.bytes();
}

} // namespace skillbox
