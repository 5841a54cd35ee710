#pragma once

#include "engine/remote/http_client.h"
#include "engine/base/json_text.h"

namespace skillbox {

/// The HTTP client plus what is common to all answers of a Skillbox server: error bodies become
/// Errors with the server's own message, and what is no Skillbox at all is said to be none.
/// Thread-safe.
class ApiClient
{
public:
    explicit ApiClient(std::unique_ptr<HttpClient> http) : m_http(std::move(http)) { }

    /// A 2xx answer.
    Result<HttpAnswer> call(const HttpCall &call);
    /// A 2xx answer whose body is JSON.
    Result<JsonText> json(const HttpCall &call);
    /// All rows of a list in pages: follows `Link: <…>; rel="next"` up to `limit` rows.
    Result<QByteArrayList> rows(QByteArray target, qsizetype limit,
                                const std::stop_token &stop = {});

    const ServerAddress &server() const { return m_http->server(); }

private:
    Error errorOf(const HttpAnswer &answer, const HttpCall &call) const;
    tl::unexpected<Error> noSkillbox(const HttpAnswer &answer, const HttpCall &call) const;

    std::unique_ptr<HttpClient> m_http;
};

/// One segment of a path.
QByteArray segment(const QString &text);
/// A path of several, the slashes kept.
QByteArray segments(const QString &path);
/// `?a=b&c=d`, without empty values; nothing where there are none.
QByteArray queryOf(const QList<std::pair<QByteArray, QString>> &parameters);

} // namespace skillbox
