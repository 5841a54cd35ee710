#pragma once

#include "engine/base/json_text.h"

#include <QList>
#include <QString>

#include <variant>

namespace skillbox {

/// JSON-RPC 2.0 as the Model Context Protocol uses it: ids are strings or numbers, parameters are
/// objects. Nothing here knows a method.

/// What a request is answered with instead of a result.
struct RpcError {
    enum Code {
        ParseError = -32700,
        InvalidRequest = -32600,
        MethodNotFound = -32601,
        InvalidParams = -32602,
        Internal = -32603,
        ResourceNotFound = -32002, ///< MCP, server/resources
        Forbidden = -32003,        ///< ours: the caller's role does not allow it
        Busy = -32004,             ///< ours: later
    };
    int code = Internal;
    QString message;
    JsonText data = {}; ///< empty: none
};

struct RpcMessage {
    enum class Kind { Request, Notification, Response };
    Kind kind = Kind::Notification;
    /// The id as JSON, `7` or `"a"`, as compact text: what the answer repeats and what calls are
    /// known by. Empty for a notification.
    QByteArray id;
    QString method;
    JsonText params; ///< an object; empty: none
};

/// An entry that is no message, and the answer it gets. `id` is `null` where it could not be read.
struct RpcRefusal {
    QByteArray id;
    RpcError error;
};

/// What came in at once.
struct RpcInput {
    bool isBatch = false;
    QList<std::variant<RpcMessage, RpcRefusal>> entries; ///< never empty
};

struct RpcLimits {
    qsizetype bytes = 16 << 20;
    int depth = 256;
    qsizetype batch = 100; ///< messages in one array
    qsizetype idBytes = 256;
    qsizetype methodCharacters = 256;
};

/// Reads one message or an array of them. Whatever comes is answered: what is no message becomes a
/// refusal. Never throws, never recurses.
RpcInput parseRpc(QByteArrayView text, const RpcLimits &limits = {});

/// Whole messages without a line break. `result` and `params` are JSON.
QByteArray rpcResult(const QByteArray &id, QByteArrayView result);
QByteArray rpcFailure(const QByteArray &id, const RpcError &error);
QByteArray rpcNotification(const char *method, QByteArrayView params = {});

} // namespace skillbox
