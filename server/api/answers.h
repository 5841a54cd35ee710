#pragma once

#include "engine/base/result.h"
#include "server/http/http_request.h"
#include "server/http/http_response.h"

#include <QDateTime>

namespace skillbox {

/// The error as the client gets it; what is our fault goes to the log with its detail.
HttpResponse failed(const Error &error, const HttpRequest &request);

/// 200 with the body, or what went wrong.
HttpResponse answer(const Result<QByteArray> &json, const HttpRequest &request);

/// `?limit=`: 1 to `most`, `standard` where it is left out. BadRequest else.
Result<int> limitOf(const HttpRequest &request, int standard, int most = 200);
/// `?offset=`: from 0 on.
Result<int> offsetOf(const HttpRequest &request);
/// A moment as RFC 3339; invalid where it is left out. BadRequest else.
Result<QDateTime> timeOf(const HttpRequest &request, QStringView name);
/// `?name=1`, `true`, or without a value: yes; left out, `0` or `false`: no.
bool flagOf(const HttpRequest &request, QStringView name);

/// `Link: <…>; rel="next"` (RFC 8288): the request's own path and query with another cursor.
void addNextLink(HttpResponse &response, const HttpRequest &request, const QString &cursor);

/// `Content-Disposition: attachment` for any name (RFC 6266, RFC 8187): one for old clients in
/// plain ASCII, one for all others.
QByteArray attachmentNamed(const QString &name);

/// Content that somebody else made: a browser must neither run it nor guess its type.
void addForeignContentHeaders(HttpResponse &response, const QString &contentType,
                              const QString &name);

} // namespace skillbox
