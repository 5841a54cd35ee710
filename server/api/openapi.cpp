#include "server/api/openapi.h"

#include "engine/base/sha256.h"

#include <QFile>

#include <iterator>

using namespace Qt::StringLiterals;

// Resources of a static library are not found until somebody names them; not inside a namespace.
static void initApiResources()
{
    Q_INIT_RESOURCE(skillbox_openapi);
    Q_INIT_RESOURCE(skillbox_api_docs);
}

namespace skillbox {
namespace {

struct DocsFile {
    QLatin1StringView name;
    QByteArrayView contentType;
};
constexpr DocsFile docsFiles[] = {
    {QLatin1StringView("index.html"), "text/html; charset=utf-8"},
    {QLatin1StringView("docs.css"), "text/css; charset=utf-8"},
    {QLatin1StringView("docs.js"), "text/javascript; charset=utf-8"},
};

QByteArray resourceBytes(const QString &path)
{
    initApiResources();
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The page takes nothing from elsewhere and runs nothing but its own script.
constexpr char docsPolicy[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
                              "connect-src 'self'; img-src data:; base-uri 'none'; "
                              "form-action 'none'; frame-ancestors 'none'";

/// An answer that never changes while the server runs.
class ConstantAnswer
{
public:
    ConstantAnswer(QByteArray content, QByteArray contentType)
        : m_content(std::move(content))
        , m_contentType(std::move(contentType))
        , m_etag('"' + Sha256::of(m_content).left(32).toLatin1() + '"')
    {
    }

    HttpResponse operator()(const HttpRequest &request) const
    {
        const bool known = isKnownTo(request);
        HttpResponse response = HttpResponse::empty(known ? 304 : 200);
        response.headers.set("ETag", m_etag);
        response.headers.set("Cache-Control", "no-cache");
        response.headers.set("Content-Security-Policy", docsPolicy);
        response.headers.set("Referrer-Policy", "no-referrer");
        if (!known) {
            response.headers.set("Content-Type", m_contentType);
            response.body = m_content;
        }
        return response;
    }

private:
    /// If-None-Match, weakly compared (RFC 9110 §13.1.2).
    bool isKnownTo(const HttpRequest &request) const
    {
        for (const QByteArray &field : request.headers.values("If-None-Match")) {
            const QList<QByteArray> tags = field.split(',');
            for (QByteArray tag : tags) {
                tag = tag.trimmed();
                if (tag == "*" || tag == m_etag || tag == "W/" + m_etag)
                    return true;
            }
        }
        return false;
    }

    QByteArray m_content;
    QByteArray m_contentType;
    QByteArray m_etag;
};

void addConstant(Router &router, const QString &path, ConstantAnswer answer)
{
    router.add("GET", path,
               RouteOptions{.maxBodyBytes = 0, .runsOn = RunsOn::Immediate, .gate = {}},
               SimpleHandler(std::move(answer)));
}

} // namespace

QByteArray openApiDocument()
{
    return resourceBytes(u":/skillbox/openapi.json"_s);
}

void registerOpenApi(Router &router)
{
    addConstant(router, u"/openapi.json"_s,
                ConstantAnswer(openApiDocument(), "application/json; charset=utf-8"));
    for (const DocsFile &file : docsFiles) {
        const bool isPage = &file == std::begin(docsFiles);
        addConstant(router, isPage ? u"/docs"_s : u"/docs/"_s + file.name,
                    ConstantAnswer(resourceBytes(u":/skillbox/docs/"_s + file.name),
                                   file.contentType.toByteArray()));
    }
}

} // namespace skillbox
