#pragma once

#include "server/http/http_request.h"
#include "server/http/http_response.h"

#include <memory>
#include <variant>

namespace skillbox {

/// What of a request decides the form of its answer.
struct AnswerContext {
    QByteArray method; ///< as on the wire
    HttpHeaders request;
    bool http10 = false;
    bool keepAlive = true;
    QString path; ///< decoded; empty: it could not be
    QString requestId;
    TraceContext trace;
    HttpHeaders gateFields; ///< what the route's gate wants in every answer
    HttpHeaders corsFields; ///< for a page of an allowed origin
    QByteArray date;
};

/// An answer as it goes over the wire.
struct WireAnswer {
    int status = 200;
    QByteArray head; ///< with the empty line that ends it
    std::variant<QByteArray, std::shared_ptr<QIODevice>> body;
    qint64 offset = 0; ///< of the body: where to begin
    qint64 length = 0; ///< of the body: how much to send
};

/// Answers conditional requests and single ranges (RFC 9110 §13, §14), adds what every answer has,
/// and drops fields that a handler may not set or that would split the answer.
WireAnswer makeWireAnswer(HttpResponse response, const AnswerContext &context);

/// The head of an answer whose length is not known: chunked, or up to the end of the connection for
/// HTTP/1.0.
QByteArray makeStreamHead(int status, HttpHeaders headers, const AnswerContext &context);

/// `OK`, `Not Found`; empty for a status without a name.
QByteArray reasonPhrase(int status);

} // namespace skillbox
