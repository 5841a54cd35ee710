#pragma once

#include "engine/engine.h"
#include "server/api/api.h"
#include "server/http/http_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QTcpSocket>
#include <QTemporaryDir>

#include <memory>

class QNetworkReply;

namespace skillbox::test {

/// What a server answered.
struct HttpAnswer {
    int status = 0; ///< 0: none, see `failure`
    QByteArray body;
    QList<std::pair<QByteArray, QByteArray>> headers;
    QString failure; ///< of the transport

    /// The header's value; empty: there is none.
    QByteArray header(const QByteArray &name) const;
    QJsonObject object() const { return QJsonDocument::fromJson(body).object(); }
    QJsonArray array() const { return QJsonDocument::fromJson(body).array(); }
    QString error() const { return object().value(QStringLiteral("error")).toString(); }
};

struct HttpCall {
    QByteArray method = "GET";
    QString target; ///< path and query, encoded; or a whole URL
    QByteArray body = {};
    QList<std::pair<QByteArray, QByteArray>> headers = {};
    QString key = QStringLiteral("-"); ///< `-`: the fixture's admin; empty: no Authorization
};

/// A real server on loopback over a real engine in a temporary folder, and a real client. One
/// thread serves both: what waits for an answer runs the event loop.
class ApiFixture
{
public:
    /// Null, and the test is failed, where it does not start.
    static std::unique_ptr<ApiFixture> start(ServerSettings settings = {}, EngineConfig config = {},
                                             ServerLog *log = nullptr);
    ~ApiFixture();
    /// Takes the server and its API away; the engine goes on.
    void stopServer();

    HttpAnswer send(const HttpCall &call);
    HttpAnswer get(const QString &target) { return send({.target = target}); }
    HttpAnswer post(const QString &target, const QByteArray &json,
                    const QList<std::pair<QByteArray, QByteArray>> &headers = {});
    /// Begins a call and leaves it under way.
    QNetworkReply *begin(const HttpCall &call);
    /// The body of a form with one file and some fields, and its Content-Type.
    static std::pair<QByteArray, QByteArray> form(const QByteArray &fileName,
                                                  const QByteArray &content,
                                                  const QMap<QByteArray, QByteArray> &fields = {});

    /// A key of that role, in that tenant.
    QString key(Role role, const QString &tenant = QStringLiteral("local"));
    /// Publishes a Python skill with that script as version 1.0.0.
    bool publish(const QString &name, const QByteArray &script, const QByteArray &header = {},
                 const QMap<QString, QByteArray> &files = {});

    QString url() const { return m_server->addresses().first(); }
    quint16 port() const;
    Engine &engine() { return *m_engine; }
    Api &api() { return *m_api; }
    HttpServer &server() { return *m_server; }
    QString path(const QString &name) const { return m_directory.filePath(name); }
    QNetworkAccessManager &network() { return m_network; }

private:
    ApiFixture() = default;

    // In the order they are made; each uses those before it.
    QTemporaryDir m_directory;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<Api> m_api;
    std::unique_ptr<HttpServer> m_server;
    QNetworkAccessManager m_network;
    QString m_admin;
};

} // namespace skillbox::test
