#pragma once

#include "engine/base/result.h"
#include "server/http/http_request.h"

namespace skillbox {

/// The request's Idempotency-Key: 1 to 255 printable ASCII characters; empty: none. BadRequest for
/// what is no key. Quotes around it, as the IETF's draft has them, are taken off.
Result<QString> idempotencyKeyOf(const HttpRequest &request);

/// Whether `Prefer: respond-async` was asked for (RFC 7240).
bool prefersAsync(const HttpHeaders &headers);

} // namespace skillbox
