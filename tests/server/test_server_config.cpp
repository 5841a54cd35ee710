#include "server/server_config.h"

#include "server/http/trusted_proxies.h"
#include "server/listen_address.h"
#include "server/server_options.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

class TestServerConfig : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;

    QProcessEnvironment environment(const QMap<QString, QString> &values = {}) const
    {
        QProcessEnvironment environment;
        environment.insert(u"SKILLBOX_DATA_DIR"_s, m_dir.filePath(u"data"_s));
        for (auto it = values.begin(); it != values.end(); ++it)
            environment.insert(it.key(), it.value());
        return environment;
    }
    QString file(const QByteArray &yaml) const
    {
        QFile file(m_dir.filePath(u"config.yaml"_s));
        return file.open(QIODevice::WriteOnly) && file.write(yaml) == yaml.size() ? file.fileName()
                                                                                  : QString();
    }
    Result<ServerConfig> load(const QStringList &arguments,
                              const QMap<QString, QString> &values = {}) const
    {
        return loadServerConfig(arguments, environment(values), m_dir.path());
    }

private Q_SLOTS:
    void servesThisUserOnLoopbackByDefault()
    {
        const auto config = load({});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        QCOMPARE(config->server.listen, QStringList{u"127.0.0.1:8080"_s});
        QCOMPARE(config->server.access, ServerAccess::LocalKey);
        QVERIFY(config->server.checkHost);
        QCOMPARE(config->grace, 30s);
        QVERIFY(config->warnings.isEmpty());
        QVERIFY(!config->logFormat);
    }

    void optionsWinOverVariablesAndTheseOverTheFile()
    {
        const QString path = file("max_queue: 1\ngrace: 1s\nSKILLBOX_LOG_LEVEL: debug\n");
        const auto config = load({u"--config"_s, path, u"--max-queue"_s, u"3"_s},
                                 {{u"SKILLBOX_MAX_QUEUE"_s, u"2"_s},
                                  {u"SKILLBOX_GRACE"_s, u"2s"_s}});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        QCOMPARE(config->engine.limits.maxQueue, 3);
        QCOMPARE(config->grace, 2s);
        QCOMPARE(config->logLevel, LogLevel::Debug);
    }

    void readsListsAndNestedNamesFromTheFile()
    {
        const auto config = load({u"--config"_s,
                                  file("# ours\n"
                                       "listen:\n  - 127.0.0.1:1\n  - '[::1]:2'\n"
                                       "cors-origins: [https://a.example]\n"
                                       "max:\n  queue: 7\n"
                                       "log_format: json\n")});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        QCOMPARE(config->server.listen, (QStringList{u"127.0.0.1:1"_s, u"[::1]:2"_s}));
        QCOMPARE(config->server.corsOrigins, QStringList{u"https://a.example"_s});
        QCOMPARE(config->engine.limits.maxQueue, 7);
        QCOMPARE(config->logFormat, std::optional(LogFormat::Json));
    }

    void needsKeysBeyondThisMachine_data()
    {
        QTest::addColumn<QString>("listen");
        QTest::addColumn<bool>("keys");
        QTest::newRow("everywhere") << u"0.0.0.0:80"_s << true;
        QTest::newRow("everywhere, IPv6") << u"[::]:80"_s << true;
        QTest::newRow("no address") << u":80"_s << true;
        QTest::newRow("one of several") << u"127.0.0.1:1,192.0.2.1:80"_s << true;
        QTest::newRow("loopback") << u"127.0.0.2:80"_s << false;
        QTest::newRow("socket") << u"unix:/run/skillbox.sock"_s << false;
        QTest::newRow("IPv6 loopback") << u"[::1]:0"_s << false;
        QTest::newRow("port alone") << u"9000"_s << false;
    }
    void needsKeysBeyondThisMachine()
    {
        QFETCH(QString, listen);
        QFETCH(bool, keys);
        const auto config = load({u"--listen"_s, listen});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        QCOMPARE(config->server.access == ServerAccess::Keys, keys);
        QCOMPARE(config->server.checkHost, !keys);
        QCOMPARE(!config->warnings.isEmpty(), keys); // no TLS
    }

    void namesEveryBadValueAtOnce()
    {
        const auto config = load({u"--max-quue"_s, u"5"_s, u"--log-level=loud"_s, u"--rate-limit"_s,
                                  u"many"_s},
                                 {{u"SKILLBOX_LISTEN"_s, u"example.com:80"_s},
                                  {u"SKILLBOX_GRACE"_s, u"soon"_s},
                                  {u"SKILLBOX_MAX_MEMORY"_s, u"lots"_s},
                                  {u"SKILLBOX_DB_DSN"_s, u"postgres://x"_s},
                                  {u"SKILLBOX_TLS_CERT"_s, m_dir.path() + u"/none.pem"_s},
                                  {u"SKILLBOX_CORS_ORIGINS"_s, u"*"_s},
                                  {u"SKILLBOX_TRUSTED_PROXIES"_s, u"10.0.0.1,all"_s}});
        QVERIFY(!config);
        QCOMPARE(config.error().code, ErrorCode::BadRequest);
        for (const QString &part :
             {u"--max-quue is no option of serve; did you mean --max-queue?"_s,
              u"SKILLBOX_LOG_LEVEL: \"loud\""_s, u"SKILLBOX_RATE_LIMIT: \"many\""_s,
              u"SKILLBOX_LISTEN: \"example.com:80\""_s, u"SKILLBOX_GRACE: "_s,
              u"SKILLBOX_MAX_MEMORY: "_s, u"SKILLBOX_DB_DSN: "_s, u"SKILLBOX_TLS_KEY: is missing"_s,
              u"SKILLBOX_TLS_CERT: cannot read"_s, u"SKILLBOX_CORS_ORIGINS: \"*\""_s,
              u"SKILLBOX_TRUSTED_PROXIES: \"all\""_s}) {
            QVERIFY2(config.error().message.contains(part),
                     qPrintable(part + u"\nin\n"_s + config.error().message));
        }
    }

    void namesTheLineOfABadFile_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("expected");
        QTest::newRow("unknown name") << QByteArray("# x\nmax_quue: 1\n")
                                      << u":2: there is no setting \"max_quue\"; did you mean "
                                         "max_queue?"_s;
        QTest::newRow("twice") << QByteArray("max_queue: 1\nMAX_QUEUE: 2\n")
                               << u":2: max_queue is set twice"_s;
        QTest::newRow("no mapping") << QByteArray("- a\n") << u":1: "_s;
        QTest::newRow("broken") << QByteArray("a: [\n") << u": the file is not valid YAML: "_s;
        QTest::newRow("mapping in a list") << QByteArray("listen:\n  - a: b\n") << u":2: "_s;
        QTest::newRow("not UTF-8") << QByteArray("max_queue: \xff\n") << u"UTF-8"_s;
    }
    void namesTheLineOfABadFile()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, expected);
        const auto config = load({u"--config"_s, file(yaml)});
        QVERIFY(!config);
        QVERIFY2(config.error().message.contains(expected), qPrintable(config.error().message));
    }

    void saysThatTheFileIsNotThere()
    {
        const auto config = load({u"--config"_s, m_dir.filePath(u"none"_s)});
        QVERIFY(!config);
        QVERIFY(config.error().message.contains(m_dir.filePath(u"none"_s)));
    }

    void readsRateLimits_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("requests");
        QTest::addColumn<int>("seconds");
        QTest::newRow("a minute") << u"600"_s << 600 << 60;
        QTest::newRow("another time") << u"100/10s"_s << 100 << 10;
        QTest::newRow("none") << u"0"_s << 0 << 60;
    }
    void readsRateLimits()
    {
        QFETCH(QString, text);
        const auto config = load({u"--rate-limit="_s + text});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        QTEST(config->server.rateLimit, "requests");
        QTEST(int(config->server.rateWindow.count()), "seconds");
    }

    void refusesAddresses_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "[::1", "[::1]8",
                                 "::1:8080", "unix:rel", "unix:/", "300.0.0.1:1", "host:80", "-1"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void refusesAddresses()
    {
        QFETCH(QString, text);
        const auto address = parseListenAddress(text, 8080);
        QVERIFY2(!address, address ? qPrintable(address->text()) : "");
    }

    void refusesProxies_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("why");
        const auto row = [](const char *text, const char *why) {
            QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(why);
        };
        for (const char *text : {"*", "example.com", "10.0.0", "10.0.0.1:80", "[::1]", "unix:/path",
                                 "/8", "300.0.0.1", "fe80::1%eth0"})
            row(text, "does not begin with an IP address");
        for (const char *text : {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/8/8",
                                 "10.0.0.0/255.0.0.0", "::1/129", "10.0.0.0/ 8"})
            row(text, "after the slash");
        for (const char *text : {"0.0.0.0/0", "::/0"}) // everybody
            row(text, "has no length from 1");
        row("10.0.0.5/8", "it would be 10.0.0.0/8");
        row("2001:db8::1/33", "it would be 2001:db8::/33");
    }
    void refusesProxies()
    {
        QFETCH(QString, text);
        QFETCH(QString, why);
        const auto proxies = TrustedProxies::parse({u"127.0.0.1"_s, text});
        QVERIFY(!proxies);
        QCOMPARE(proxies.error().code, ErrorCode::BadRequest);
        QVERIFY2(proxies.error().message.contains(why), qPrintable(proxies.error().message));
    }

    void helpAndVersionNeedNothingElseToBeRight()
    {
        const QMap<QString, QString> bad{{u"SKILLBOX_GRACE"_s, u"soon"_s}};
        QCOMPARE(load({u"--help"_s}, bad)->wish, ServerConfig::Wish::ShowHelp);
        QCOMPARE(load({u"--version"_s}, bad)->wish, ServerConfig::Wish::ShowVersion);
    }

    void takesASignInService()
    {
        const auto config = load({u"--oidc-roles"_s, u"cn=ops=admin, devs = publisher"_s},
                                 {{u"SKILLBOX_OIDC_ISSUER"_s, u"https://login.example.com"_s},
                                  {u"SKILLBOX_OIDC_AUDIENCE"_s, u"urn:skillbox"_s},
                                  {u"SKILLBOX_OIDC_TENANT_CLAIM"_s, u"org.name"_s},
                                  {u"SKILLBOX_OIDC_ROLE_CLAIM"_s, u"groups"_s},
                                  {u"SKILLBOX_OIDC_CLIENT_ID"_s, u"cli"_s},
                                  {u"SKILLBOX_OIDC_SCOPES"_s, u"openid, groups"_s},
                                  {u"SKILLBOX_OIDC_CLOCK_SKEW"_s, u"5s"_s}});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        const OidcConfig &oidc = config->server.oidc;
        QVERIFY(oidc.isOn());
        QCOMPARE(oidc.roles,
                 (QList<std::pair<QString, Role>>{{u"cn=ops"_s, Role::Admin},
                                                  {u"devs"_s, Role::Publisher}}));
        QCOMPARE(oidc.scopes, (QStringList{u"openid"_s, u"groups"_s}));
        QCOMPARE(oidc.clockSkew, 5s);
        QVERIFY(!oidc.createTenants);
        QVERIFY(!load({})->server.oidc.isOn());
    }

    void readsWhichValuesGiveWhichRole_data()
    {
        using Roles = QList<std::pair<QString, Role>>;
        QTest::addColumn<QString>("text");
        QTest::addColumn<Roles>("roles");
        QTest::newRow("plain") << u"ops=admin, devs =reader,"_s
                               << Roles{{u"ops"_s, Role::Admin}, {u"devs"_s, Role::Reader}};
        QTest::newRow("an equals sign inside")
            << u"cn=ops=admin"_s << Roles{{u"cn=ops"_s, Role::Admin}};
        QTest::newRow("commas in marks")
            << u" \"cn=ops,dc=example,dc=com\" = admin,devs=runner"_s
            << Roles{{u"cn=ops,dc=example,dc=com"_s, Role::Admin}, {u"devs"_s, Role::Runner}};
        QTest::newRow("marks in marks")
            << u"\"a,\"\"b\"\"\"=admin"_s << Roles{{u"a,\"b\""_s, Role::Admin}};
        QTest::newRow("a mark in the middle")
            << u"5\"=reader,x=runner"_s << Roles{{u"5\""_s, Role::Reader}, {u"x"_s, Role::Runner}};
    }
    void readsWhichValuesGiveWhichRole()
    {
        using Roles = QList<std::pair<QString, Role>>;
        QFETCH(QString, text);
        QFETCH(Roles, roles);
        const auto config = load({},
                                 {{u"SKILLBOX_OIDC_ISSUER"_s, u"https://login.example.com"_s},
                                  {u"SKILLBOX_OIDC_AUDIENCE"_s, u"urn:skillbox"_s},
                                  {u"SKILLBOX_OIDC_TENANT"_s, u"acme"_s},
                                  {u"SKILLBOX_OIDC_ROLE_CLAIM"_s, u"groups"_s},
                                  {u"SKILLBOX_OIDC_ROLES"_s, text}});
        QVERIFY2(config, config ? "" : qPrintable(config.error().message));
        QCOMPARE(config->server.oidc.roles, roles);
    }

    void refusesHalfASignInService_data()
    {
        QTest::addColumn<QString>("variable"); ///< of SKILLBOX_OIDC_…, changed from what is good
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("complaint");
        const auto row = [](const char *name, const QString &variable, const QString &value,
                            const QString &complaint) {
            QTest::newRow(name) << variable << value << complaint;
        };
        row("no issuer", u"ISSUER"_s, {}, u"OIDC_AUDIENCE: means nothing without"_s);
        row("an issuer in the clear", u"ISSUER"_s, u"http://login.example.com"_s,
            u"OIDC_ISSUER: \"http://login.example.com\""_s);
        row("no audience", u"AUDIENCE"_s, {}, u"OIDC_AUDIENCE: is missing"_s);
        row("no tenant", u"TENANT"_s, {}, u"OIDC_TENANT_CLAIM: is missing"_s);
        row("a tenant twice", u"TENANT_CLAIM"_s, u"org"_s, u"only one of them can count"_s);
        row("no tenant's name", u"TENANT"_s, u"a b"_s, u"OIDC_TENANT: a tenant is named"_s);
        row("no role claim", u"ROLE_CLAIM"_s, {}, u"OIDC_ROLE_CLAIM: is missing"_s);
        row("no roles", u"ROLES"_s, {}, u"OIDC_ROLES: is missing"_s);
        row("a role that is none", u"ROLES"_s, u"devs=root"_s, u"OIDC_ROLES: \"devs=root\""_s);
        row("a role for nothing", u"ROLES"_s, u"=admin"_s, u"OIDC_ROLES: \"=admin\""_s);
        row("a role without a value", u"ROLES"_s, u"admin"_s, u"OIDC_ROLES: \"admin\""_s);
        row("a mark that is not closed", u"ROLES"_s, u"\"cn=a,b=admin"_s,
            u"OIDC_ROLES: has a quotation mark"_s);
        row("something after a mark", u"ROLES"_s, u"\"a\"b=admin"_s,
            u"OIDC_ROLES: has a quotation mark"_s);
        row("nothing between marks", u"ROLES"_s, u"\"\"=admin"_s, u"OIDC_ROLES: \"\"\"=admin\""_s);
        row("scopes without a client", u"SCOPES"_s, u"openid"_s, u"OIDC_CLIENT_ID: is missing"_s);
        row("neither true nor false", u"CREATE_TENANTS"_s, u"yes"_s, u"OIDC_CREATE_TENANTS: "_s);
        row("a skew of an hour", u"CLOCK_SKEW"_s, u"1h"_s, u"OIDC_CLOCK_SKEW: "_s);
        row("no file of authorities", u"CA_BUNDLE"_s, u"/nonexistent.pem"_s, u"OIDC_CA_BUNDLE: "_s);
    }
    void refusesHalfASignInService()
    {
        QFETCH(QString, variable);
        QFETCH(QString, value);
        QFETCH(QString, complaint);
        QMap<QString, QString> values{{u"SKILLBOX_OIDC_ISSUER"_s, u"https://login.example.com"_s},
                                      {u"SKILLBOX_OIDC_AUDIENCE"_s, u"urn:skillbox"_s},
                                      {u"SKILLBOX_OIDC_TENANT"_s, u"acme"_s},
                                      {u"SKILLBOX_OIDC_ROLE_CLAIM"_s, u"groups"_s},
                                      {u"SKILLBOX_OIDC_ROLES"_s, u"devs=reader"_s}};
        QVERIFY(load({}, values));
        values.insert(u"SKILLBOX_OIDC_"_s + variable, value);
        const auto config = load({}, values);
        QVERIFY(!config);
        QVERIFY2(config.error().message.contains(u"SKILLBOX_"_s + complaint)
                     || config.error().message.contains(complaint),
                 qPrintable(config.error().message));
    }

    void isDocumentedInFull()
    {
        QFile docs(QStringLiteral(SKILLBOX_DOCS) + u"/configuration.md"_s);
        QVERIFY(docs.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(docs.readAll());
        for (const ServerOptionGroup &group : serverOptions()) {
            for (const ServerOption &option : group.options) {
                QVERIFY2(text.contains(u"| `%1` |"_s.arg(variableOf(option))), option.name);
                QVERIFY2(serverHelp().contains(u"  "_s + flagOf(option) + u' '), option.name);
            }
        }
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestServerConfig)
#include "test_server_config.moc"
