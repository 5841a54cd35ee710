#include "tests/server/api/api_fixture.h"

#include "tests/support/skill_folder.h"

#include <QEventLoop>
#include <QNetworkReply>
#include <QTest>
#include <QTimer>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

constexpr int answerTimeoutMs = 60'000;

bool failTest(const QString &message)
{
    QTest::qFail(qPrintable(message), __FILE__, __LINE__);
    return false;
}

Origin byTest()
{
    return {.actor = u"test"_s, .address = {}, .requestId = {}};
}

} // namespace

QByteArray HttpAnswer::header(const QByteArray &name) const
{
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

std::unique_ptr<ApiFixture> ApiFixture::start(ServerSettings settings, EngineConfig config,
                                              ServerLog *log)
{
    std::unique_ptr<ApiFixture> fixture(new ApiFixture);
    if (config.dataDirectory.isEmpty())
        config.dataDirectory = fixture->m_directory.filePath(u"data"_s);
    if (config.launcherPath.isEmpty())
        config.launcherPath = QStringLiteral(SKILLBOX_LAUNCHER);
    if (settings.spoolDirectory.isEmpty())
        settings.spoolDirectory = fixture->m_directory.path();
    auto engine = Engine::create(config);
    if (!engine) {
        failTest(engine.error().message);
        return nullptr;
    }
    fixture->m_engine = std::move(*engine);
    auto api = Api::create(*fixture->m_engine, std::move(settings), log);
    if (!api) {
        failTest(api.error().message);
        return nullptr;
    }
    fixture->m_api = std::move(*api);
    HttpServerConfig http;
    http.listen = {u"127.0.0.1:0"_s};
    http.spoolDirectory = fixture->m_directory.path();
    auto server = HttpServer::start(http, fixture->m_api->router(), fixture->m_api->observer());
    if (!server) {
        failTest(server.error().message);
        return nullptr;
    }
    fixture->m_server = std::move(*server);
    fixture->m_api->services().connections = [raw = fixture->m_server.get()] {
        return raw->connectionCount();
    };
    fixture->m_network.setAutoDeleteReplies(false);
    fixture->m_admin = fixture->key(Role::Admin);
    return fixture;
}

ApiFixture::~ApiFixture() = default;

void ApiFixture::stopServer()
{
    m_server.reset();
    m_api.reset();
}

quint16 ApiFixture::port() const
{
    return static_cast<quint16>(QUrl(url()).port());
}

QNetworkReply *ApiFixture::begin(const HttpCall &call)
{
    const bool isWhole = call.target.startsWith("http"_L1);
    QNetworkRequest request(
        QUrl::fromEncoded((isWhole ? call.target : url() + call.target).toUtf8()));
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                         QNetworkRequest::ManualRedirectPolicy);
    request.setTransferTimeout(answerTimeoutMs);
    if (const QString key = call.key == u"-" ? m_admin : call.key; !key.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + key.toUtf8());
    for (const auto &[name, value] : call.headers)
        request.setRawHeader(name, value);
    if (!call.body.isEmpty() && !request.hasRawHeader("Content-Type"))
        request.setRawHeader("Content-Type", "application/json");
    return m_network.sendCustomRequest(request, call.method, call.body);
}

HttpAnswer ApiFixture::send(const HttpCall &call)
{
    const std::unique_ptr<QNetworkReply> reply(begin(call));
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    if (!reply->isFinished())
        loop.exec();
    HttpAnswer answer;
    answer.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.body = reply->readAll();
    const auto headers = reply->rawHeaderPairs();
    for (const auto &[name, value] : headers)
        answer.headers.emplaceBack(name, value);
    if (answer.status == 0)
        answer.failure = reply->errorString();
    return answer;
}

HttpAnswer ApiFixture::post(const QString &target, const QByteArray &json,
                            const QList<std::pair<QByteArray, QByteArray>> &headers)
{
    return send({.method = "POST", .target = target, .body = json, .headers = headers});
}

std::pair<QByteArray, QByteArray> ApiFixture::form(const QByteArray &fileName,
                                                   const QByteArray &content,
                                                   const QMap<QByteArray, QByteArray> &fields)
{
    const QByteArray boundary = "----skillbox-test-7f3a";
    QByteArray body;
    for (auto it = fields.cbegin(); it != fields.cend(); ++it) {
        body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + it.key()
            + "\"\r\n\r\n" + it.value() + "\r\n";
    }
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
        + fileName + "\"\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n";
    return {body, "multipart/form-data; boundary=" + boundary};
}

QString ApiFixture::key(Role role, const QString &tenant)
{
    const auto created = m_engine->access().createKey(
        {.tenant = {tenant}, .name = u"test "_s + roleName(role), .role = role}, byTest());
    if (!created) {
        failTest(created.error().message);
        return {};
    }
    return created->secret;
}

bool ApiFixture::publish(const QString &name, const QByteArray &script, const QByteArray &header,
                         const QMap<QString, QByteArray> &files)
{
    const SkillFolder folder{.name = name, .header = header, .script = script, .files = files};
    const auto published = m_engine->registry().publishDirectory(
        localTenant(), folder.write(m_directory.filePath(u"skills"_s)), byTest());
    return published ? true : failTest(published.error().message);
}

} // namespace skillbox::test
