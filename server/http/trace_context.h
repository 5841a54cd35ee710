#pragma once

#include "server/http/http_request.h"

namespace skillbox {

/// The caller's trace, or a new one, with a span of its own for this request (W3C Trace Context).
TraceContext traceContextOf(const HttpHeaders &headers);

} // namespace skillbox
