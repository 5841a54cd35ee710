#include "server/http/http_response.h"

namespace skillbox {

HttpResponse HttpResponse::json(int status, QByteArray compactJson)
{
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json; charset=utf-8");
    response.body = std::move(compactJson);
    return response;
}

HttpResponse HttpResponse::text(int status, QByteArray utf8)
{
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body = std::move(utf8);
    return response;
}

HttpResponse HttpResponse::empty(int status)
{
    HttpResponse response;
    response.status = status;
    return response;
}

} // namespace skillbox
