#include "server/http/router.h"

#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestRouter : public QObject
{
    Q_OBJECT

    Router m_router;

private Q_SLOTS:
    void initTestCase()
    {
        const auto nothing = [](const HttpRequest &) { return HttpResponse::empty(204); };
        for (const auto &[method, pattern] : std::initializer_list<std::pair<QByteArray, QString>>{
                 {"GET", u"/"_s},
                 {"GET", u"/v1/skills"_s},
                 {"POST", u"/v1/skills"_s},
                 {"POST", u"/v1/skills/validate"_s},
                 {"GET", u"/v1/skills/{name}/{version}"_s},
                 {"GET", u"/v1/skills/{name}/versions"_s},
                 {"DELETE", u"/v1/skills/{name}/{version}"_s},
                 {"GET", u"/v1/files/{path...}"_s},
                 {"GET", u"/v1/files/{id}/download"_s},
                 {"PUT", u"/v1/files/{path...}"_s}}) {
            m_router.add(method, pattern, {}, nothing);
        }
    }

    void findsTheMostSpecificRoute_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("parameters");
        const auto row = [](const char *method, const QString &path, const QString &pattern,
                            const QString &parameters) {
            QTest::addRow("%s %s", method, qPrintable(path))
                << QByteArray(method) << path << pattern << parameters;
        };
        row("GET", u"/"_s, u"/"_s, {});
        row("GET", u"/v1/skills"_s, u"/v1/skills"_s, {});
        row("HEAD", u"/v1/skills"_s, u"/v1/skills"_s, {});
        row("GET", u"/v1/skills/a/versions"_s, u"/v1/skills/{name}/versions"_s, u"name=a"_s);
        row("GET", u"/v1/skills/a/1.0"_s, u"/v1/skills/{name}/{version}"_s,
            u"name=a version=1.0"_s);
        row("DELETE", u"/v1/skills/a/versions"_s, u"/v1/skills/{name}/{version}"_s,
            u"name=a version=versions"_s);
        row("GET", u"/v1/files/a"_s, u"/v1/files/{path...}"_s, u"path=a"_s);
        row("GET", u"/v1/files/a/b/c"_s, u"/v1/files/{path...}"_s, u"path=a/b/c"_s);
        row("GET", u"/v1/files/a/download"_s, u"/v1/files/{id}/download"_s, u"id=a"_s);
        row("PUT", u"/v1/files/a/download"_s, u"/v1/files/{path...}"_s, u"path=a/download"_s);
    }
    void findsTheMostSpecificRoute()
    {
        QFETCH(QByteArray, method);
        QFETCH(QString, path);
        QFETCH(QString, pattern);
        QFETCH(QString, parameters);
        const Router::Match match = m_router.match(method, path);
        QVERIFY(match.route);
        QCOMPARE(match.route->pattern, pattern);
        QStringList texts;
        for (auto it = match.parameters.cbegin(); it != match.parameters.cend(); ++it)
            texts.append(it.key() + u'=' + it.value());
        QCOMPARE(texts.join(u' '), parameters);
    }

    void tellsUnknownPathsFromUnknownMethods_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QByteArray>("allowed");
        QTest::newRow("unknown") << QByteArray("GET") << u"/v2"_s << QByteArray();
        QTest::newRow("slash last") << QByteArray("GET") << u"/v1/skills/"_s << QByteArray();
        QTest::newRow("empty segment") << QByteArray("GET") << u"/v1/skills//1.0"_s << QByteArray();
        QTest::newRow("empty rest") << QByteArray("GET") << u"/v1/files/"_s << QByteArray();
        QTest::newRow("empty segment in a rest")
            << QByteArray("GET") << u"/v1/files/a//b"_s << QByteArray();
        QTest::newRow("no slash") << QByteArray("GET") << u"v1"_s << QByteArray();
        QTest::newRow("empty") << QByteArray("GET") << QString() << QByteArray();
        QTest::newRow("other method")
            << QByteArray("PUT") << u"/v1/skills"_s << QByteArray("GET, HEAD, POST");
        QTest::newRow("GET of a POST")
            << QByteArray("GET") << u"/v1/skills/validate"_s << QByteArray("POST");
        QTest::newRow("HEAD of a POST")
            << QByteArray("HEAD") << u"/v1/skills/validate"_s << QByteArray("POST");
        QTest::newRow("several patterns")
            << QByteArray("PATCH") << u"/v1/skills/a/versions"_s << QByteArray("DELETE, GET, HEAD");
    }
    void tellsUnknownPathsFromUnknownMethods()
    {
        QFETCH(QByteArray, method);
        QFETCH(QString, path);
        QFETCH(QByteArray, allowed);
        const Router::Match match = m_router.match(method, path);
        QVERIFY(!match.route);
        QCOMPARE(match.allowed.join(", "), allowed);
    }

    void listsItsRoutes()
    {
        QCOMPARE(m_router.routes().size(), 10);
        QCOMPARE(m_router.routes().first(), std::make_pair(QByteArray("GET"), u"/"_s));
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestRouter)
#include "test_router.moc"
