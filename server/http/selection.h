#pragma once

#include "server/http/http_headers.h"

namespace skillbox {

/// What a request for a representation gets of it.
struct Selection {
    int status = 200; ///< 200 whole, 206 a range, 304 not changed, 416 no such range
    qint64 offset = 0;
    qint64 length = 0;
    QByteArray contentRange; ///< with 206 and 416
};

/// If-None-Match, If-Modified-Since, Range and If-Range (RFC 9110 §13.2.2, §14.2) against a
/// representation of `size` bytes with the ETag and Last-Modified of `response`. Several ranges,
/// and malformed ones, get the whole.
Selection select(const HttpHeaders &request, const HttpHeaders &response, qint64 size,
                 bool mayRange);

} // namespace skillbox
