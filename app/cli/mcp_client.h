#pragma once

#include "engine/base/result.h"

#include <QMap>
#include <QProcessEnvironment>
#include <QStringList>

#include <span>

namespace skillbox {

/// A program that agents live in, and how it is told of a server of the protocol.
struct McpClient {
    enum class Syntax { Json, Toml, Yaml };
    QString name;  ///< `claude-desktop`
    QString title; ///< for people
    QString file;  ///< `~/…`, `$XDG_CONFIG_HOME/…`, or relative: below the project's folder
    Syntax syntax = Syntax::Json;
    QString section = {}; ///< the member that holds an entry for each server
    /// What an entry for HTTP calls the address; empty: the client starts programs only.
    QString urlMember = {};
    /// The `type` an entry for HTTP needs; empty: none.
    QString httpType = {};
    bool needsStdioType = false; ///< `"type": "stdio"`
};

std::span<const McpClient> mcpClients();
/// Null: there is none.
const McpClient *findMcpClient(const QString &name);

/// How the client reaches us: by a program it starts, or by address.
struct McpEntry {
    QString name;
    QString command = {};
    QStringList arguments = {};
    QMap<QString, QString> environment = {};
    QString url = {}; ///< instead of a command
    QString key = {}; ///< empty: none
};

struct McpSnippet {
    QByteArray text; ///< ends with a line break
    QString file;    ///< where it belongs
    bool canBeWritten = true;
};

/// BadRequest where the client does not do what the entry asks for.
Result<McpSnippet> mcpSnippet(const McpClient &client, const McpEntry &entry,
                              const QProcessEnvironment &environment);

enum class McpWritten { Changed, Unchanged };
/// Puts the entry into the client's file, in place of one of its name; makes the file where there
/// is none. Every other member keeps its place and value. BadRequest, and nothing is changed, for a
/// file that holds what would be lost (comments) or is not what it should be.
Result<McpWritten> writeMcpSnippet(const McpClient &client, const McpEntry &entry,
                                   const McpSnippet &snippet);

QByteArray snippetJson(const McpClient &client, const McpSnippet &snippet);

} // namespace skillbox
