#pragma once

#include "server/http/http_response.h"

#include <optional>

namespace skillbox {

/// Whether a client takes gzip, by its Accept-Encoding (RFC 9110 §12.5.3).
bool acceptsGzip(const HttpHeaders &request);

/// Packs a body of bytes when the client takes it and it pays: JSON or text over 1 KiB that has no
/// coding yet. Says Vary whenever another client could get another coding.
void compressBody(HttpResponse &response, bool clientTakesGzip);

std::optional<QByteArray> gzip(const QByteArray &bytes);

} // namespace skillbox
