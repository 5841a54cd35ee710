#pragma once

#include "engine/base/error.h"
#include "server/http/http_response.h"

namespace skillbox {

/// The one table from errors to HTTP.
int httpStatusOf(ErrorCode code);

/// The contract's error body (error, message, details) with the members of RFC 9457 beside it and
/// request_id; application/problem+json. `error.detail` stays in the log. `instance` is the path
/// asked for.
HttpResponse problem(const Error &error, const QString &requestId, const QString &instance);
/// The same for what is no engine error: 404 not_found, 405 method_not_allowed, 415, 429 …
HttpResponse problem(int status, const QString &slug, const QString &message,
                     const QString &requestId, const QString &instance);

} // namespace skillbox
